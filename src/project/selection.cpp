#include "base/caseless.hpp"
#include "project/model_graph.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fnmatch.h>

namespace freshet {

namespace {

bool Matches(const std::string& pattern, const std::string& text) {
    return fnmatch(Lower(pattern).c_str(), Lower(text).c_str(), 0) == 0;
}

/// Pieces between separators that stand outside double quotes.
std::vector<std::string> Parted(const std::string& text, const std::string& separators) {
    std::vector<std::string> parts(1);
    bool quoted = false;
    for (char c : text) {
        quoted = quoted != (c == '"');
        if (!quoted && separators.find(c) != std::string::npos) {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    std::erase(parts, "");
    return parts;
}

std::string WithoutQuotes(std::string text) {
    std::erase(text, '"');
    return text;
}

class Selector {
public:
    Selector(const std::vector<Model>& models, const ModelGraph& graph,
             const std::function<ModelState(size_t)>& state_of)
        : models_(models), graph_(graph), state_of_(state_of) {}

    std::set<size_t> Union(const std::vector<std::string>& selections) const {
        std::set<size_t> selected;
        for (const auto& selection : selections) {
            auto words = Parted(selection, " \t\n");
            if (words.empty()) {
                throw Error(Code::BadSelection, "the selection is empty", "leave it out to select all models");
            }
            for (const auto& word : words) {
                auto found = Intersection(word);
                selected.insert(found.begin(), found.end());
            }
        }
        return selected;
    }

private:
    std::set<size_t> Intersection(const std::string& word) const {
        std::optional<std::set<size_t>> all;
        bool by_state = false;
        auto parts = Parted(word, ",");
        for (const auto& part : parts) {
            std::set<size_t> found = WithNeighbours(WithoutQuotes(part), parts.size() == 1);
            by_state = by_state || part.find("state:") != std::string::npos;
            if (all) {
                std::set<size_t> both;
                std::set_intersection(all->begin(), all->end(), found.begin(), found.end(),
                                      std::inserter(both, both.end()));
                found = both;
            }
            all = found;
        }
        if (!by_state && (!all || all->empty())) { // that nothing has changed is no mistake
            throw NothingMatches(word,
                                 "words joined by a comma have to hold all together; words parted by a blank add up");
        }
        return *all;
    }

    std::set<size_t> WithNeighbours(const std::string& part, bool alone) const {
        bool up = part.starts_with("+"), down = part.size() > 1 && part.ends_with("+");
        std::string word = part.substr(up ? 1 : 0, part.size() - (up ? 1 : 0) - (down ? 1 : 0));
        std::set<size_t> found = Named(word, part, alone);
        std::set<size_t> above = up ? graph_.Upstream(found) : std::set<size_t>{};
        std::set<size_t> below = down ? graph_.Downstream(found) : std::set<size_t>{};
        found.insert(above.begin(), above.end());
        found.insert(below.begin(), below.end());
        return found;
    }

    /// `alone`: no other word has to hold together with it.
    std::set<size_t> Named(const std::string& word, const std::string& part, bool alone) const {
        size_t colon = word.find(':');
        std::string method = colon == std::string::npos ? "name" : word.substr(0, colon);
        std::string value = colon == std::string::npos ? word : word.substr(colon + 1);
        static const std::vector<std::string> methods = {"name", "tag", "path", "state"};
        bool known = std::find(methods.begin(), methods.end(), method) != methods.end();
        if (!known || value.empty() || (method == "state" && value != "new" && value != "modified")) {
            throw Error(Code::BadSelection, fmt::format("\"{}\" can't be understood as a selection", part),
                        "use a name or glob, tag:x, path:models/x, state:new or state:modified; + before or behind it");
        }
        std::set<size_t> found;
        for (size_t i = 0; i < models_.size(); i++) {
            if (Is(i, method, value)) {
                found.insert(i);
            }
        }
        if (found.empty() && (method == "name" || (alone && method != "state"))) {
            throw NothingMatches(word, NearHint(method, value));
        }
        return found;
    }

    /// The nearest of what could stand in the place of a word that matches nothing, or all of it.
    std::string NearHint(const std::string& method, const std::string& value) const {
        std::vector<std::string> known = Known(method);
        if (auto nearest = NearestName(value, known)) {
            return fmt::format("did you mean \"{}{}\"?", method == "name" ? "" : method + ":", *nearest);
        }
        constexpr size_t kMost = 10;
        size_t more = known.size() - std::min(known.size(), kMost);
        known.resize(known.size() - more);
        return known.empty() ? fmt::format("no model has a {}", method)
                             : fmt::format("there is {}{}", fmt::join(known, ", "),
                                           more > 0 ? fmt::format(" and {} more", more) : "");
    }

    std::vector<std::string> Known(const std::string& method) const {
        std::set<std::string> known;
        for (const auto& model : models_) {
            if (method == "tag") {
                auto tags = model.options.Tags();
                known.insert(tags.begin(), tags.end());
            } else {
                known.insert(method == "path" ? model.place.file : model.name.name);
            }
        }
        return {known.begin(), known.end()};
    }

    static Error NothingMatches(const std::string& word, const std::string& hint) {
        return {Code::BadSelection, fmt::format("no model matches \"{}\"", WithoutQuotes(word)), hint};
    }

    bool Is(size_t i, const std::string& method, const std::string& value) const {
        const Model& model = models_[i];
        if (method == "tag") {
            auto tags = model.options.Tags();
            return std::any_of(tags.begin(), tags.end(), [&](const auto& tag) { return Matches(value, tag); });
        }
        if (method == "path") {
            const std::string& file = model.place.file;
            return file == value || file.starts_with(value.ends_with("/") ? value : value + "/") ||
                   Matches(value, file);
        }
        if (method == "state") {
            ModelState state = state_of_(i);
            return state == ModelState::New || (state == ModelState::Modified && value == "modified");
        }
        return Matches(value, model.name.name) || Matches(value, model.name.schema + "." + model.name.name);
    }

    const std::vector<Model>& models_;
    const ModelGraph& graph_;
    const std::function<ModelState(size_t)>& state_of_;
};

} // namespace

std::string SelectionWord(const std::string& name) {
    return name.find_first_of(" \t\n,") == std::string::npos ? name : '"' + name + '"';
}

std::set<size_t> SelectModels(const std::vector<Model>& models, const ModelGraph& graph,
                              const std::vector<std::string>& select, const std::vector<std::string>& exclude,
                              const std::function<ModelState(size_t)>& state_of) {
    Selector selector(models, graph, state_of);
    std::set<size_t> selected;
    if (select.empty()) {
        for (size_t i = 0; i < models.size(); i++) {
            selected.insert(i);
        }
    } else {
        selected = selector.Union(select);
    }
    for (size_t out : selector.Union(exclude)) {
        selected.erase(out);
    }
    return selected;
}

} // namespace freshet

#include "project/model_graph.hpp"

#include "base/caseless.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <sstream>

namespace freshet {

std::string CaselessKey(const std::string& schema, const std::string& name) {
    return Lower(schema) + "\n" + Lower(name);
}

ModelNames::ModelNames(const std::vector<Model>& models) {
    for (size_t i = 0; i < models.size(); i++) {
        by_name_.emplace(CaselessKey(models[i].name.schema, models[i].name.name), i);
    }
}

std::vector<size_t> ModelNames::Find(const std::vector<std::string>& schemas, const Reference& reference) const {
    for (const auto& schema : reference.schema ? std::vector{*reference.schema} : schemas) {
        auto [begin, end] = by_name_.equal_range(CaselessKey(schema, reference.name));
        std::vector<size_t> found;
        for (auto each = begin; each != end; ++each) {
            found.push_back(each->second);
        }
        if (!found.empty()) {
            return found;
        }
    }
    return {};
}

ModelGraph::ModelGraph(const std::vector<Model>& models)
    : parents_(models.size()), children_(models.size()), reasons_(models.size()), visited_(models.size()) {
    ModelNames names(models);
    for (size_t i = 0; i < models.size(); i++) {
        for (const auto& reference : models[i].references) {
            for (size_t parent : names.Find(models[i].schemas, reference)) {
                bool known = std::find(parents_[i].begin(), parents_[i].end(), parent) != parents_[i].end();
                if (!known) {
                    parents_[i].push_back(parent);
                    reasons_[i].push_back(reference);
                    children_[parent].push_back(i);
                }
            }
        }
    }
    std::vector<size_t> path;
    for (size_t i = 0; i < models.size(); i++) {
        Visit(models, i, path);
    }
}

void ModelGraph::Visit(const std::vector<Model>& models, size_t model, std::vector<size_t>& path) {
    constexpr int kOnPath = 1, kDone = 2;
    if (visited_[model] == kDone) {
        return;
    }
    path.push_back(model);
    if (visited_[model] == kOnPath) {
        auto begin = std::find(path.begin(), path.end(), model);
        std::string text = models[model].name.Text();
        std::optional<Place> place;
        for (auto step = begin; step + 1 != path.end(); ++step) {
            const auto& parents = parents_[*step];
            size_t edge = static_cast<size_t>(std::find(parents.begin(), parents.end(), step[1]) - parents.begin());
            const Reference& named = reasons_[*step][edge];
            Place where = models[*step].GetSource().At(named.offset, named.length);
            text += fmt::format(" -> {} ({}:{})", models[step[1]].name.Text(), where.file, where.Line());
            place = place ? place : std::optional(where);
        }
        throw Error(Code::Cycle, "models read each other in a circle: " + text,
                    "\"a -> b\" means that a reads b, at the file and line behind it; break the circle in one of them")
            .At(*place);
    }
    visited_[model] = kOnPath;
    for (size_t parent : parents_[model]) {
        Visit(models, parent, path);
    }
    visited_[model] = kDone;
    order_.push_back(model);
    path.pop_back();
}

std::set<size_t> ModelGraph::Reach(const std::set<size_t>& from, const std::vector<std::vector<size_t>>& edges) const {
    std::set<size_t> found;
    std::vector<size_t> open(from.begin(), from.end());
    while (!open.empty()) {
        size_t model = open.back();
        open.pop_back();
        for (size_t next : edges[model]) {
            if (found.insert(next).second) {
                open.push_back(next);
            }
        }
    }
    return found;
}

std::set<size_t> ModelGraph::Upstream(const std::set<size_t>& from) const {
    return Reach(from, parents_);
}

std::set<size_t> ModelGraph::Downstream(const std::set<size_t>& from) const {
    return Reach(from, children_);
}

} // namespace freshet

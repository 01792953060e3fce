#include "project/model_text.hpp"

#include "base/utf8.hpp"
#include "bind/lexical.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <regex>
#include <sstream>

namespace freshet {

Source ReadText(const std::filesystem::path& file, const std::string& shown) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream bytes;
    bytes << in.rdbuf();
    if (!std::filesystem::is_regular_file(file) || !in) {
        throw Error(Code::FileUnreadable, fmt::format("{} can't be read", shown));
    }
    return {shown, TextFrom(shown, bytes.str())};
}

ModelText::ModelText(Source written, const Variables& variables)
    : written_(std::make_shared<const Source>(std::move(written))) {
    expanded_.file = written_->file;
    const std::string& text = written_->text;
    size_t copied = 0, at = 0;
    while (at < text.size()) {
        Stretch stretch = NextStretch(text, at);
        size_t open = stretch.region == Region::Comment ? std::string::npos : text.find("${", at);
        bool here = open < stretch.end;
        // Outside quotes `$` is a stretch of its own; a variable may reach beyond it, and in quotes not beyond them.
        size_t close = here ? text.find('}', open) : std::string::npos;
        if (!here || close == std::string::npos || (stretch.region == Region::Quoted && close >= stretch.end)) {
            at = stretch.end;
            continue;
        }
        size_t quoted_end = stretch.region == Region::Quoted ? stretch.end : 0;
        do {
            Replace(open, close + 1, copied, variables);
            copied = at = close + 1;
            open = text.find("${", at);
            close = open < quoted_end ? text.find('}', open) : std::string::npos;
        } while (close < quoted_end);
        at = std::max(at, quoted_end);
    }
    expanded_.text += text.substr(copied);
    if (!errors_.empty()) {
        throw SeveralErrors(std::move(errors_));
    }
    expanded_.as_written = [written = written_, replacements = replacements_](const Place& place) {
        size_t begin = ToWritten(replacements, place.offset, false);
        size_t end = std::max(begin + 1, ToWritten(replacements, place.offset + place.length, true));
        return written->At(begin, end - begin);
    };
}

void ModelText::Replace(size_t begin, size_t end, size_t copied, const Variables& variables) {
    std::string value;
    try {
        value = Value(written_->text.substr(begin + 2, end - begin - 3), begin, end, variables);
    } catch (const Error& error) {
        errors_.push_back(error);
    }
    expanded_.text += written_->text.substr(copied, begin - copied);
    replacements_.push_back({begin, end, expanded_.text.size(), expanded_.text.size() + value.size()});
    expanded_.text += value;
}

std::string ModelText::Value(const std::string& inside, size_t begin, size_t end, const Variables& variables) const {
    size_t split = inside.find(":-");
    std::string name = inside.substr(0, split);
    static const std::regex word("[A-Za-z_][A-Za-z0-9_]*");
    Place place = written_->At(begin, end - begin);
    if (!std::regex_match(name, word)) {
        throw Error(Code::UndefinedVariable, fmt::format("\"{}\" is not the name of a variable", name),
                    "write ${name} or ${name:-default}")
            .At(place);
    }
    auto value = variables.find(name);
    if (value != variables.end()) {
        return value->second;
    }
    if (split != std::string::npos) {
        return inside.substr(split + 2);
    }
    std::vector<std::string> known;
    for (const auto& [each, ignored] : variables) {
        known.push_back(each);
    }
    auto nearest = NearestName(name, known);
    throw Error(Code::UndefinedVariable, fmt::format("variable {} has no value", name),
                nearest ? fmt::format("did you mean ${{{}}}?", *nearest)
                        : fmt::format("give one: --var {0}=..., vars in freshet.yml, or ${{{0}:-default}}", name))
        .At(place);
}

size_t ModelText::ToWritten(const Replacements& replacements, size_t expanded, bool end) {
    size_t written = expanded;
    for (const auto& replacement : replacements) {
        if (expanded < replacement.expanded_begin || (end && expanded == replacement.expanded_begin)) {
            break;
        }
        if (expanded < replacement.expanded_end || (end && expanded == replacement.expanded_end)) {
            return end ? replacement.written_end : replacement.written_begin;
        }
        written = expanded - replacement.expanded_end + replacement.written_end;
    }
    return written;
}

} // namespace freshet

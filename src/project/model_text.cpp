#include "project/model_text.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <regex>
#include <sstream>
#include <string_view>

namespace freshet {

Source ReadText(const std::filesystem::path& file, const std::string& shown) {
    std::error_code problem;
    bool regular = std::filesystem::is_regular_file(file, problem); // to open a pipe would wait for its writer
    std::ifstream in;
    std::ostringstream bytes;
    if (regular) {
        in.open(file, std::ios::binary);
        bytes << in.rdbuf();
    }
    if (!regular || !in) {
        bool link = std::filesystem::is_symlink(file, problem) && !std::filesystem::exists(file, problem);
        throw Error(Code::FileUnreadable, fmt::format("{} can't be read", shown),
                    link ? "it is a link to a file that does not exist: mend the link, or remove it"
                         : "it has to be a file that this user may read");
    }
    return {shown, TextFrom(shown, bytes.str())};
}

size_t OptionsBegin(const std::string& comment) {
    static const std::regex words(R"(^--[ \t]*freshet[ \t]*:)", std::regex::icase);
    std::smatch found;
    return std::regex_search(comment, found, words) ? static_cast<size_t>(found.length()) : 0;
}

ModelText::ModelText(Source written, const Variables& variables)
    : written_(std::make_shared<const Source>(std::move(written))) {
    expanded_.file = written_->file;
    const std::string& text = written_->text;
    for (size_t at = 0; at < text.size();) {
        at = ReplaceWithin(NextStretch(text, at), at, variables);
    }
    expanded_.text += text.substr(copied_);
    if (!errors_.empty()) {
        throw SeveralErrors(std::move(errors_));
    }
    expanded_.as_written = [written = written_, replacements = replacements_](const Place& place) {
        size_t begin = ToWritten(replacements, place.offset, false);
        size_t end = std::max(begin + 1, ToWritten(replacements, place.offset + place.length, true));
        return written->At(begin, end - begin);
    };
}

size_t ModelText::ReplaceWithin(const Stretch& stretch, size_t at, const Variables& variables) {
    const std::string& text = written_->text;
    bool comment = stretch.region == Region::Comment;
    if (comment && OptionsBegin(text.substr(at, stretch.end - at)) == 0) {
        return stretch.end;
    }
    // Outside quotes `$` is a stretch of its own: a variable may reach beyond it, but not beyond quotes or a comment.
    size_t limit = comment || stretch.region == Region::Quoted ? stretch.end : text.size();
    std::string_view within = std::string_view(text).substr(0, stretch.end + 1);
    for (size_t open = within.find("${", at); open < stretch.end; open = within.find("${", at)) {
        size_t close = text.find('}', open);
        if (close >= limit) {
            break;
        }
        Replace(open, close + 1, comment, variables);
        at = close + 1;
    }
    return std::max(at, stretch.end);
}

void ModelText::Replace(size_t begin, size_t end, bool in_comment, const Variables& variables) {
    std::string value;
    try {
        value = Value(written_->text.substr(begin + 2, end - begin - 3), begin, end, variables);
        if (in_comment && value.find_first_of("\r\n") != std::string::npos) {
            throw Error(Code::BadOptionValue, "a value of several lines can't stand in a comment",
                        "write CREATE DYNAMIC TABLE name ... AS, with the options in the statement")
                .At(written_->At(begin, end - begin));
        }
    } catch (const Error& error) {
        errors_.push_back(error);
    }
    expanded_.text += written_->text.substr(copied_, begin - copied_);
    replacements_.push_back({begin, end, expanded_.text.size(), expanded_.text.size() + value.size()});
    expanded_.text += value;
    copied_ = end;
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

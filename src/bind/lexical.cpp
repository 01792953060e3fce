#include "bind/lexical.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace freshet {

namespace {

bool StartsAt(const std::string& text, size_t at, std::string_view part) {
    return text.compare(at, part.size(), part) == 0;
}

/// Bytes of the Unicode blank at `at` that DuckDB takes for a blank; 0 if there is none.
size_t UnicodeBlank(const std::string& text, size_t at) {
    constexpr std::array<std::string_view, 6> kFixed = {"\xC2\xA0",     "\xE2\x80\xAF", "\xE2\x81\x9F",
                                                        "\xE2\x81\xA0", "\xE3\x80\x80", "\xEF\xBB\xBF"};
    for (auto blank : kFixed) {
        if (StartsAt(text, at, blank)) {
            return blank.size();
        }
    }
    bool general = StartsAt(text, at, "\xE2\x80") && at + 2 < text.size() &&
                   static_cast<unsigned char>(text[at + 2]) >= 0x80 && static_cast<unsigned char>(text[at + 2]) <= 0x8B;
    return general ? 3 : 0;
}

bool IsBlank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool BeginsWord(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || (c & 0x80) != 0;
}

bool ContinuesWord(char c) {
    return BeginsWord(c) || std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '$';
}

Stretch BlankFrom(const std::string& text, size_t at) {
    while (at < text.size()) {
        size_t unicode = UnicodeBlank(text, at);
        if (unicode == 0 && !IsBlank(text[at])) {
            break;
        }
        at += unicode == 0 ? 1 : unicode;
    }
    return {Region::Blank, at};
}

/// `at` stands on the opening quote. A doubled quote doesn't end the text, nor does one behind a backslash in E'..'.
Stretch QuoteFrom(const std::string& text, size_t at, bool backslashes) {
    char quote = text[at];
    for (at++; at < text.size(); at++) {
        if (backslashes && text[at] == '\\') {
            at++;
        } else if (text[at] == quote) {
            if (at + 1 == text.size() || text[at + 1] != quote) {
                return {Region::Quoted, at + 1};
            }
            at++;
        }
    }
    return {Region::Quoted, text.size(), false};
}

/// The tag with both dollars that opens a dollar quote at `at`; empty if none does.
std::string_view DollarTag(const std::string& text, size_t at) {
    size_t end = at + 1;
    if (end < text.size() && BeginsWord(text[end])) {
        while (end < text.size() && ContinuesWord(text[end]) && text[end] != '$') {
            end++;
        }
    }
    bool opens = end < text.size() && text[end] == '$';
    return opens ? std::string_view(text).substr(at, end + 1 - at) : std::string_view();
}

Stretch DollarFrom(const std::string& text, size_t at, std::string_view tag) {
    size_t end = text.find(tag, at + tag.size());
    bool closed = end != std::string::npos;
    return {Region::Quoted, closed ? end + tag.size() : text.size(), closed};
}

Stretch LineCommentFrom(const std::string& text, size_t at) {
    return {Region::Comment, std::min(text.find_first_of("\r\n", at), text.size())};
}

Stretch BlockCommentFrom(const std::string& text, size_t at) {
    size_t depth = 0;
    while (at < text.size()) {
        if (StartsAt(text, at, "/*")) {
            depth++;
            at += 2;
        } else if (StartsAt(text, at, "*/")) {
            at += 2;
            if (--depth == 0) {
                return {Region::Comment, at};
            }
        } else {
            at++;
        }
    }
    return {Region::Comment, text.size(), false};
}

Stretch WordFrom(const std::string& text, size_t at) {
    size_t end = at;
    while (end < text.size() && ContinuesWord(text[end]) && UnicodeBlank(text, end) == 0) {
        end++;
    }
    bool escapes = end - at == 1 && (text[at] == 'e' || text[at] == 'E');
    if (escapes && end < text.size() && text[end] == '\'') {
        return QuoteFrom(text, end, true);
    }
    return {Region::Word, end};
}

/// The character that a backslash escape in E'..' at `at` (on the backslash) stands for; moves `at` to its last byte.
char Escaped(const std::string& text, size_t& at) {
    constexpr std::string_view kNames = "bfnrt", kValues = "\b\f\n\r\t";
    at++;
    size_t index = kNames.find(text[at]);
    return index == std::string_view::npos ? text[at] : kValues[index];
}

} // namespace

Stretch NextStretch(const std::string& text, size_t begin) {
    char c = text[begin];
    if (IsBlank(c) || UnicodeBlank(text, begin) > 0) {
        return BlankFrom(text, begin);
    }
    if (StartsAt(text, begin, "--")) {
        return LineCommentFrom(text, begin);
    }
    if (StartsAt(text, begin, "/*")) {
        return BlockCommentFrom(text, begin);
    }
    if (c == '\'' || c == '"') {
        return QuoteFrom(text, begin, false);
    }
    if (c == '$') {
        std::string_view tag = DollarTag(text, begin);
        if (!tag.empty()) {
            return DollarFrom(text, begin, tag);
        }
    }
    return BeginsWord(c) ? WordFrom(text, begin) : Stretch{Region::Code, begin + 1};
}

size_t SkipBlanks(const std::string& text, size_t begin) {
    while (begin < text.size()) {
        Stretch stretch = NextStretch(text, begin);
        if (stretch.region != Region::Blank && stretch.region != Region::Comment) {
            break;
        }
        begin = stretch.end;
    }
    return begin;
}

std::string WithPlainBlanks(const std::string& text) {
    std::string plain = text;
    for (size_t at = 0; at < text.size();) {
        Stretch stretch = NextStretch(text, at);
        if (stretch.region == Region::Blank) {
            std::replace_if(
                plain.begin() + static_cast<std::ptrdiff_t>(at),
                plain.begin() + static_cast<std::ptrdiff_t>(stretch.end), [](char c) { return !IsBlank(c); }, ' ');
        }
        at = stretch.end;
    }
    return plain;
}

std::string Unquote(const std::string& quoted) {
    if (quoted[0] == '$') {
        size_t tag = quoted.find('$', 1) + 1;
        return quoted.substr(tag, quoted.size() - 2 * tag);
    }
    bool backslashes = quoted[0] == 'e' || quoted[0] == 'E';
    size_t first = backslashes ? 1 : 0;
    std::string plain;
    for (size_t at = first + 1; at + 1 < quoted.size(); at++) {
        if (backslashes && quoted[at] == '\\') {
            plain += Escaped(quoted, at);
            continue;
        }
        plain += quoted[at];
        at += quoted[at] == quoted[first] ? 1 : 0;
    }
    return plain;
}

} // namespace freshet

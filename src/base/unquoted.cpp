#include "base/unquoted.hpp"

#include <cctype>

namespace freshet {

namespace {

bool IsWord(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool Opens(std::string_view text, size_t at) {
    return text[at] == '"' || (text[at] == '\'' && (at == 0 || !IsWord(text[at - 1])));
}

/// Where the quote that opens at `begin` is closed; npos if it isn't.
size_t Close(std::string_view text, size_t begin) {
    char quote = text[begin];
    size_t end = text.find(quote, begin + 1);
    while (quote == '\'' && end != std::string_view::npos && end + 1 < text.size() && IsWord(text[end + 1])) {
        end = text.find(quote, end + 1);
    }
    return end;
}

} // namespace

std::string Unquoted(std::string_view message) {
    std::string words;
    for (size_t at = 0; at < message.size(); at++) {
        size_t end = Opens(message, at) ? Close(message, at) : std::string_view::npos;
        if (end == std::string_view::npos) {
            words += message[at];
        } else {
            at = end;
        }
    }
    return words;
}

} // namespace freshet

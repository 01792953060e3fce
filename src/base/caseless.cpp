#include "base/caseless.hpp"

#include <algorithm>

namespace freshet {

namespace {

char LowerLetter(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool SameLetter(char a, char b) {
    return LowerLetter(a) == LowerLetter(b);
}

} // namespace

std::string Lower(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(), LowerLetter);
    return lower;
}

bool SameWord(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), SameLetter);
}

size_t FindWord(std::string_view text, std::string_view word) {
    auto found = std::search(text.begin(), text.end(), word.begin(), word.end(), SameLetter);
    return found == text.end() ? std::string_view::npos : static_cast<size_t>(found - text.begin());
}

} // namespace freshet

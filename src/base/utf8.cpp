#include "base/utf8.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

size_t Utf8Length(std::string_view rest) {
    auto byte = [&](size_t at) { return at < rest.size() ? static_cast<unsigned char>(rest[at]) : 0U; };
    unsigned first = byte(0);
    if (first > 0 && first < 0x80) {
        return 1;
    }
    size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                    : first >= 0xE0 && first <= 0xEF ? 3
                    : first >= 0xF0 && first <= 0xF4 ? 4
                                                     : 0;
    // The second byte's range excludes overlong forms, surrogates and what lies above U+10FFFF.
    unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (length == 0 || byte(1) < low || byte(1) > high) {
        return 0;
    }
    for (size_t at = 2; at < length; at++) {
        if (byte(at) < 0x80 || byte(at) > 0xBF) {
            return 0;
        }
    }
    return length;
}

std::optional<size_t> FirstWrongByte(std::string_view text) {
    for (size_t at = 0; at < text.size();) {
        size_t length = Utf8Length(text.substr(at));
        if (length == 0) {
            return at;
        }
        at += length;
    }
    return std::nullopt;
}

std::string TextFrom(const std::string& file, const std::string& bytes) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    std::string text;
    text.reserve(bytes.size());
    for (size_t at = bytes.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0; at < bytes.size(); at++) {
        bool pair = bytes[at] == '\r' && at + 1 < bytes.size() && bytes[at + 1] == '\n';
        if (!pair) {
            text += bytes[at];
        }
    }
    if (auto wrong = FirstWrongByte(text)) {
        throw NotUtf8(file, text, *wrong);
    }
    return text;
}

Error NotUtf8(const std::string& file, const std::string& text, size_t at) {
    std::string shown = text; // an error is text too
    std::transform(shown.begin(), shown.end(), shown.begin(),
                   [](unsigned char c) { return c >= 0x80 || c == 0 ? '?' : static_cast<char>(c); });
    return Error(Code::NotText,
                 fmt::format("{} is not UTF-8 text: byte 0x{:02x}", file.empty() ? "the input" : file,
                             static_cast<unsigned>(static_cast<unsigned char>(text[at]))),
                 "save the file as UTF-8")
        .At({file, shown, at, 1});
}

} // namespace freshet

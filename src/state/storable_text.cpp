#include "state/storable_text.hpp"

#include <string_view>

namespace freshet {

namespace {

/// Length of the well-formed UTF-8 sequence that `rest` begins with (Unicode table 3-7); 0 if there is none.
size_t SequenceLength(std::string_view rest) {
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

} // namespace

std::string StorableText(const std::string& text) {
    constexpr const char* kReplacement = "\xEF\xBF\xBD";
    std::string out;
    out.reserve(text.size());
    for (size_t at = 0; at < text.size();) {
        size_t length = SequenceLength(std::string_view(text).substr(at));
        out += length == 0 ? kReplacement : text.substr(at, length);
        at += length == 0 ? 1 : length;
    }
    return out;
}

} // namespace freshet

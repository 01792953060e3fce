#include "state/storable_text.hpp"

#include "base/utf8.hpp"

#include <string_view>

namespace freshet {

std::string StorableText(const std::string& text) {
    constexpr const char* kReplacement = "\xEF\xBF\xBD";
    std::string out;
    out.reserve(text.size());
    for (size_t at = 0; at < text.size();) {
        size_t length = Utf8Length(std::string_view(text).substr(at));
        out += length == 0 ? kReplacement : text.substr(at, length);
        at += length == 0 ? 1 : length;
    }
    return out;
}

} // namespace freshet

#include "bind/shown_place.hpp"

#include <regex>
#include <string_view>

namespace freshet {

namespace {

constexpr std::string_view kCut = "...";

std::string_view LineOf(std::string_view text, size_t number) {
    for (; number > 1 && !text.empty(); number--) {
        text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    }
    return text.substr(0, text.find('\n'));
}

/// Bytes of the first `count` characters.
size_t Bytes(std::string_view text, size_t count) {
    size_t at = 0;
    for (; at < text.size() && count > 0; count--) {
        at++;
        while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) {
            at++;
        }
    }
    return at;
}

} // namespace

std::optional<size_t> ShownPlace(const std::string& message, const std::string& query) {
    static const std::regex kShown("\n(LINE ([0-9]{1,6}): )([^\n]*)\n( *)\\^");
    std::smatch found;
    if (!std::regex_search(message, found, kShown)) {
        return std::nullopt;
    }
    std::string_view line = LineOf(query, std::stoull(found[2]));
    std::string shown = found[3];
    auto before = static_cast<size_t>(found[4].length()) - std::min(found[4].length(), found[1].length());
    size_t bytes = Bytes(shown, before);
    if (shown.starts_with(kCut) && bytes >= kCut.size() && line.find(shown) == std::string_view::npos) {
        shown.erase(0, kCut.size());
        bytes -= kCut.size();
    }
    if (shown.ends_with(kCut) && line.find(shown) == std::string_view::npos) {
        shown.resize(shown.size() - kCut.size());
    }
    size_t at = line.find(shown);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    return static_cast<size_t>(line.data() - query.data()) + at + bytes;
}

} // namespace freshet

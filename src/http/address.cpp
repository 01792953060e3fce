#include "http/address.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace freshet {

namespace {

constexpr int kLastPort = 65535;

std::optional<int> ParsePort(const std::string& text) {
    int port = 0;
    auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
    bool whole = problem == std::errc() && end == text.data() + text.size() && text[0] != '-';
    return whole && port <= kLastPort ? std::optional(port) : std::nullopt;
}

bool IsHost(const std::string& text, const char* also) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](unsigned char c) {
        return std::isalnum(c) || std::string(also).find(static_cast<char>(c)) != std::string::npos;
    });
}

} // namespace

std::string HttpAddress::Text() const {
    bool version_6 = host.find(':') != std::string::npos;
    return (version_6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::optional<HttpAddress> ParseHttpAddress(const std::string& text) {
    size_t colon = text.rfind(':');
    HttpAddress address;
    auto port = ParsePort(colon == std::string::npos ? text : text.substr(colon + 1));
    if (!port) {
        return {};
    }
    address.port = *port;
    std::string host = colon == std::string::npos ? "" : text.substr(0, colon);
    if (host.empty()) {
        return address;
    }
    bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
    address.host = brackets ? host.substr(1, host.size() - 2) : host;
    if (!IsHost(address.host, brackets ? ":." : ".-")) {
        return {};
    }
    return address;
}

} // namespace freshet

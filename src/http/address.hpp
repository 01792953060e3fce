#pragma once

#include <optional>
#include <string>

namespace freshet {

/// Where to listen. Port 0: any that is free.
struct HttpAddress {
    std::string host = "127.0.0.1"; ///< a name or an address; IPv6 without brackets
    int port = 0;

    /// "127.0.0.1:9464", "[::1]:9464"
    std::string Text() const;
};

/// HOST:PORT, [IPV6]:PORT, or a port alone (with or without its colon), which means the loopback interface. Nothing if
/// the text is none of these.
std::optional<HttpAddress> ParseHttpAddress(const std::string& text);

} // namespace freshet

#pragma once

#include "http/address.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace freshet {

struct HttpResponse {
    int status = 200;
    std::string body;
    std::string type = "text/plain; charset=utf-8";
};

/// Answers GET and HEAD requests for a fixed set of paths, in threads of its own.
class HttpServer {
public:
    using Page = std::function<HttpResponse()>; ///< called from several threads; what it throws is a 503

    /// Listens from now on. Throws ListenFailed.
    HttpServer(const HttpAddress& address, const std::map<std::string, Page>& pages);
    /// Waits for requests that are being answered.
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// With the port that was chosen where any was asked for.
    const HttpAddress& Address() const { return address_; }

private:
    struct Connection;
    HttpAddress address_;
    std::unique_ptr<Connection> connection_;
};

} // namespace freshet

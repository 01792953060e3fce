#include "http/server.hpp"

#include "base/error.hpp"

#include <atomic>
#include <chrono>
#include <civetweb.h>
#include <fmt/format.h>
#include <thread>
#include <vector>

namespace freshet {

namespace {

constexpr const char* kThreads = "4";
constexpr const char* kRequestTimeout = "10000"; // milliseconds: a client that says nothing must not hold a thread

const char* Reason(int status) {
    return status == 200 ? "OK" : status == 405 ? "Method Not Allowed" : "Service Unavailable";
}

void Send(mg_connection* connection, const HttpResponse& response, bool with_body) {
    std::string head =
        fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n"
                    "X-Content-Type-Options: nosniff\r\n{}Connection: close\r\n\r\n",
                    response.status, Reason(response.status), response.type, response.body.size(),
                    response.status == 405 ? "Allow: GET, HEAD\r\n" : "");
    mg_write(connection, head.data(), head.size());
    if (with_body) {
        mg_write(connection, response.body.data(), response.body.size());
    }
}

struct Route {
    std::string path;
    HttpServer::Page page;
};

/// The library asks for longer paths that begin with this one too: those are left to its "not found".
int Answer(mg_connection* connection, void* data) {
    const auto& route = *static_cast<const Route*>(data);
    const mg_request_info* request = mg_get_request_info(connection);
    if (request->local_uri == nullptr || route.path != request->local_uri) {
        return 0;
    }
    std::string method = request->request_method;
    if (method != "GET" && method != "HEAD") {
        Send(connection, {405, "only GET and HEAD are answered here\n"}, true);
        return 405;
    }
    HttpResponse response;
    try {
        response = route.page();
    } catch (const std::exception&) { // out of memory, say: nothing may pass through the library
        response = {503, "this page can't be made just now\n"};
    }
    Send(connection, response, method == "GET");
    return response.status;
}

} // namespace

struct HttpServer::Connection {
    mg_context* context = nullptr;
    std::string host;
    int port = 0;
    std::vector<Route> routes;
    std::atomic<bool> started = false;
    std::string problem; ///< what the library last complained of before that

    ~Connection() {
        if (context != nullptr) {
            Stop();
        }
    }

    /// The library's thread that accepts connections looks every 2 s whether it is to end, and after each of them: a
    /// worker is not to be held up by that.
    void Stop() {
        std::atomic<bool> stopped = false;
        std::thread knocking([&] {
            char problem[128];
            while (!stopped) {
                if (mg_connection* self = mg_connect_client(host.c_str(), port, 0, problem, sizeof(problem))) {
                    mg_close_connection(self);
                }
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
            }
        });
        mg_stop(context);
        stopped = true;
        knocking.join();
    }

    static int Note(const mg_connection* connection, const char* message) {
        const mg_context* context = mg_get_context(connection);
        auto* self = context == nullptr ? nullptr : static_cast<Connection*>(mg_get_user_data(context));
        if (self != nullptr && !self->started) {
            self->problem = message;
        }
        return 1; // told
    }
};

HttpServer::HttpServer(const HttpAddress& address, const std::map<std::string, Page>& pages)
    : address_(address), connection_(std::make_unique<Connection>()) {
    mg_callbacks callbacks = {};
    callbacks.log_message = Connection::Note;
    std::string listening = address.Text();
    const char* options[] = {"listening_ports",    listening.c_str(), "num_threads", kThreads,
                             "request_timeout_ms", kRequestTimeout,   nullptr};
    connection_->context = mg_start(&callbacks, connection_.get(), options);
    connection_->started = connection_->context != nullptr;
    mg_server_port port = {};
    if (connection_->context == nullptr || mg_get_server_ports(connection_->context, 1, &port) != 1) {
        throw Error(Code::ListenFailed,
                    fmt::format("can't listen on {}{}{}", address.Text(), connection_->problem.empty() ? "" : ": ",
                                connection_->problem),
                    "choose another --listen HOST:PORT: port 0 takes any free one");
    }
    address_.port = connection_->port = port.port;
    connection_->host = address.host;
    for (const auto& [path, page] : pages) {
        connection_->routes.push_back({path, page});
    }
    for (Route& route : connection_->routes) {
        mg_set_request_handler(connection_->context, route.path.c_str(), Answer, &route);
    }
}

HttpServer::~HttpServer() = default;

} // namespace freshet

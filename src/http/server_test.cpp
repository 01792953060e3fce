#include "http/server.hpp"

#include "base/error.hpp"

#include <arpa/inet.h>
#include <chrono>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <new>
#include <sys/socket.h>
#include <unistd.h>

namespace freshet {
namespace {

/// The whole answer to a request of the IPv4 loopback interface.
std::string Ask(int port, const std::string& request) {
    int socket_id = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string answer;
    if (connect(socket_id, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
        std::string text = request + " HTTP/1.1\r\nHost: freshet\r\nConnection: close\r\n\r\n";
        EXPECT_EQ(write(socket_id, text.data(), text.size()), static_cast<ssize_t>(text.size()));
        char part[4096];
        for (ssize_t count = 0; (count = read(socket_id, part, sizeof(part))) > 0;) {
            answer.append(part, static_cast<size_t>(count));
        }
    }
    close(socket_id);
    return answer;
}

std::string StatusOf(const std::string& answer) {
    return answer.substr(0, answer.find('\r'));
}

TEST(HttpAddress, IsHostAndPortOrAPortOfTheLoopbackInterface) {
    EXPECT_EQ(ParseHttpAddress("0.0.0.0:80")->Text(), "0.0.0.0:80");
    EXPECT_EQ(ParseHttpAddress("localhost:9464")->Text(), "localhost:9464");
    EXPECT_EQ(ParseHttpAddress("[::1]:9464")->Text(), "[::1]:9464");
    EXPECT_EQ(ParseHttpAddress("9464")->Text(), "127.0.0.1:9464");
    EXPECT_EQ(ParseHttpAddress(":0")->Text(), "127.0.0.1:0");
    for (const char* text : {"", ":", "host", "host:", "host:65536", "host:-1", "host:80s", "a,b:80", "::1:80", "[]:80",
                             "a b:80", "1 2", "+1:80:90"}) {
        EXPECT_FALSE(ParseHttpAddress(text)) << text;
    }
}

TEST(HttpServer, AnswersItsPagesAndNothingElse) {
    HttpServer server({"127.0.0.1", 0}, {{"/here",
                                          [] {
                                              return HttpResponse{200, "content\n"};
                                          }},
                                         {"/throws", []() -> HttpResponse { throw std::bad_alloc(); }},
                                         {"/not", [] {
                                              return HttpResponse{503, "not now\n"};
                                          }}});
    int port = server.Address().port;
    ASSERT_GT(port, 0);
    std::string answer = Ask(port, "GET /here?x=1");
    EXPECT_EQ(StatusOf(answer), "HTTP/1.1 200 OK");
    EXPECT_TRUE(answer.ends_with("\r\n\r\ncontent\n")) << answer;
    EXPECT_EQ(StatusOf(Ask(port, "GET /not")), "HTTP/1.1 503 Service Unavailable");
    EXPECT_EQ(StatusOf(Ask(port, "GET /throws")), "HTTP/1.1 503 Service Unavailable");
    std::string head = Ask(port, "HEAD /here");
    EXPECT_EQ(StatusOf(head), "HTTP/1.1 200 OK");
    EXPECT_TRUE(head.ends_with("\r\n\r\n")) << head;
    EXPECT_EQ(StatusOf(Ask(port, "POST /here")), "HTTP/1.1 405 Method Not Allowed");
    for (const char* path : {"/", "/her", "/here/more", "/../etc/passwd", "/elsewhere"}) {
        EXPECT_EQ(StatusOf(Ask(port, std::string("GET ") + path)).substr(9, 3), "404") << path;
    }
}

TEST(HttpServer, EndsAtOnce) {
    auto begun = std::chrono::steady_clock::now();
    { HttpServer server({"127.0.0.1", 0}, {}); }
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(1));
    { HttpServer everywhere({"0.0.0.0", 0}, {}); }
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(2));
}

TEST(HttpServer, ATakenPortIsAnErrorThatNamesIt) {
    HttpServer first({"127.0.0.1", 0}, {});
    try {
        HttpServer second(first.Address(), {});
        FAIL() << "two servers listen on one port";
    } catch (const Error& error) {
        EXPECT_EQ(error.GetCode(), Code::ListenFailed);
        EXPECT_NE(error.Message().find(first.Address().Text()), std::string::npos) << error.Message();
        EXPECT_FALSE(error.Hint().empty());
    }
    EXPECT_THROW(HttpServer({"256.1.1.1", 0}, {}), Error);
}

} // namespace
} // namespace freshet

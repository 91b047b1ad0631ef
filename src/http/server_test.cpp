#include "http/server.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <boost/asio/co_spawn.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <set>

#include "base/error.h"
#include "runtime/wake.h"
#include "support/raw_http.h"
#include "support/server_thread.h"

namespace citadel::http {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using std::chrono::steady_clock;
using testing::RawConnection;
using testing::RawRequest;
using testing::ServerThread;

std::atomic<int> slow_begun = 0;

// Says what it was asked; some paths misbehave.
asio::awaitable<Reply> Echo(Request request) {
    if (request.path == "/overloaded") throw Trouble(TroubleKind::kOverloaded, "full");
    if (request.path == "/away") throw Trouble(TroubleKind::kUnavailable, "secret detail");
    if (request.path == "/unknown") throw Trouble(TroubleKind::kUnknown, "secret detail");
    if (request.path == "/broken") throw std::runtime_error("secret detail");
    if (request.path == "/slow") {
        ++slow_begun;
        co_await runtime::Sleep(300ms);
    }
    if (request.path == "/problem") {
        Reply refused = Problem(404, "not_found", "nothing");
        co_return refused;
    }
    Reply reply;
    reply.content_type = "text/plain";
    reply.body = request.method + " " + request.path + " " + request.body;
    co_return reply;
}

ServerLimits QuickLimits() {
    ServerLimits limits;
    limits.request_deadline = 200ms;
    limits.idle_deadline = 10'000ms;
    return limits;
}

class ServerTest : public ::testing::Test {
  protected:
    asio::io_context io{1};
    ServerThread server{io, Echo, QuickLimits()};
    RawConnection connection{server.port()};

    // What a newcomer gets meanwhile.
    std::string AskAnother() {
        RawConnection other(server.port());
        other.Send(RawRequest("GET", "/hello"));
        return other.Read().body;
    }
};

TEST_F(ServerTest, AnswersManyRequestsOnOneConnection) {
    for (int i = 0; i < 3; ++i) {
        connection.Send(RawRequest("POST", "/a%20b?x=1", std::to_string(i)));
        auto answer = connection.Read();
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, "POST /a b " + std::to_string(i));
    }
}

TEST_F(ServerTest, EveryAnswerCarriesARequestIdOfItsOwnAndTheSecurityHeaders) {
    std::set<std::string> ids;
    for (const char* path : {"/x", "/problem", "/broken", "/away"}) {
        connection.Send(RawRequest("GET", path));
        auto answer = connection.Read();
        ids.insert(answer.header("x-request-id"));
        EXPECT_TRUE(answer.header("x-request-id").starts_with("req_")) << path;
        EXPECT_EQ(answer.header("x-content-type-options"), "nosniff") << path;
        EXPECT_NE(answer.header("content-security-policy"), "") << path;
    }
    connection.Send("nonsense\r\n\r\n");
    auto unreadable = connection.Read();
    EXPECT_EQ(unreadable.status, 400);
    ids.insert(unreadable.header("x-request-id"));
    EXPECT_EQ(ids.size(), 5u);
}

TEST_F(ServerTest, AProblemNamesTheRequest) {
    connection.Send(RawRequest("GET", "/problem"));
    auto answer = connection.Read();
    EXPECT_EQ(answer.header("content-type"), "application/problem+json");
    EXPECT_TRUE(answer.Says("\"requestId\":\"" + answer.header("x-request-id") + "\""));
    EXPECT_TRUE(answer.Says("\"code\":\"not_found\""));
}

TEST_F(ServerTest, TroubleThatPassesAsksForALaterTryAndTellsNothing) {
    for (auto [path, code] : {std::pair{"/overloaded", "overloaded"},
                              {"/away", "database_unavailable"},
                              {"/unknown", "database_unavailable"}}) {
        connection.Send(RawRequest("GET", path));
        auto answer = connection.Read();
        EXPECT_EQ(answer.status, 503) << path;
        EXPECT_NE(answer.header("retry-after"), "") << path;
        EXPECT_TRUE(answer.Says(code)) << path;
        EXPECT_FALSE(answer.Says("secret")) << path;
    }
    connection.Send(RawRequest("GET", "/broken"));
    auto broken = connection.Read();
    EXPECT_EQ(broken.status, 500);
    EXPECT_FALSE(broken.Says("secret"));
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
    std::string all;
    for (int i = 0; i < 20; ++i) all += RawRequest("POST", "/p", std::to_string(i));
    connection.Send(all);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(connection.Read().body, "POST /p " + std::to_string(i));
}

TEST_F(ServerTest, ARequestInManySmallPiecesIsOne) {
    for (char byte : RawRequest("POST", "/slowly", "abc")) connection.Send(std::string(1, byte));
    EXPECT_EQ(connection.Read().body, "POST /slowly abc");
}

TEST_F(ServerTest, ExpectContinueIsToldToGoOn) {
    connection.Send("POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(connection.Read().status, 100);
    connection.Send("abc");
    EXPECT_EQ(connection.Read().body, "POST /e abc");
}

TEST_F(ServerTest, ExpectContinueWithTooLargeABodyIsRefusedAtOnce) {
    connection.Send("POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 2097152\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(connection.Read().status, 413);
}

TEST_F(ServerTest, ChunksArePutTogether) {
    connection.Send(
        "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    EXPECT_EQ(connection.Read().body, "POST /c abcde");
    connection.Send(RawRequest("GET", "/after"));
    EXPECT_EQ(connection.Read().body, "GET /after ");
}

TEST_F(ServerTest, AnAnswerToHeadHasItsLengthAndNoBody) {
    connection.Send(RawRequest("HEAD", "/h"));
    EXPECT_EQ(connection.Read(true).header("content-length"), "8");
    connection.Send(RawRequest("GET", "/h"));
    EXPECT_EQ(connection.Read().body, "GET /h ");
}

TEST_F(ServerTest, ABodyOverOneMebibyteIsRefusedAndTheSenderHearsIt) {
    connection.Send(RawRequest("POST", "/big", std::string(2 << 20, 'x')));
    auto answer = connection.Read();
    EXPECT_EQ(answer.status, 413);
    EXPECT_TRUE(answer.Says("body_too_large"));
    EXPECT_TRUE(connection.ClosedByServer());
    RawConnection just_fits(server.port());
    just_fits.Send(RawRequest("POST", "/big", std::string(1 << 20, 'x')));
    EXPECT_EQ(just_fits.Read().status, 200);
}

TEST_F(ServerTest, ChunksWithoutEndAreCutOffAtTheSameSize) {
    connection.Send("POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
    for (int i = 0; i < 20 && connection.Send(chunk); ++i) {
    }
    EXPECT_EQ(connection.Read().status, 413);
}

TEST_F(ServerTest, AFloodOfHeadersIsRefused) {
    std::string flood = "GET /x HTTP/1.1\r\nHost: x\r\n";
    for (int i = 0; i < 2000; ++i) flood += "X-Header-" + std::to_string(i) + ": abcdefgh\r\n";
    connection.Send(flood + "\r\n");
    EXPECT_EQ(connection.Read().status, 431);
    RawConnection long_target(server.port());
    long_target.Send("GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(long_target.Read().status, 431);
    RawConnection one_huge(server.port());
    one_huge.Send("GET /x HTTP/1.1\r\nHost: x\r\nX-Huge: " + std::string(4 << 20, 'a') + "\r\n\r\n");
    EXPECT_EQ(one_huge.Read().status, 431);
}

TEST_F(ServerTest, HeadersWithoutEndAreCutOffWhileTheyCome) {
    connection.Send("GET /x HTTP/1.1\r\nHost: x\r\n");
    for (int i = 0; i < 100'000 && !connection.HasNews(); ++i) connection.Send("X-More: abcdefgh\r\n");
    EXPECT_EQ(AskAnother(), "GET /hello ");
    EXPECT_EQ(connection.Read().status, 431);
}

TEST_F(ServerTest, WhatCouldBeReadInTwoWaysIsRefused) {
    const std::string head = "POST /s HTTP/1.1\r\nHost: x\r\n";
    for (std::string shape : {
             "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
             "Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
             "Content-Length: -1\r\n\r\n",
             "Content-Length: 0x5\r\n\r\nabcde",
             "Content-Length: 99999999999999999999999\r\n\r\n",
             "Content-Length : 5\r\n\r\nabcde",
             "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
             "X: a\r\n b: c\r\nBad Header\r\n\r\n",
         }) {
        RawConnection odd(server.port());
        odd.Send(head + shape + RawRequest("GET", "/smuggled"));
        auto answer = odd.Read();
        EXPECT_TRUE(answer.status == 400 || answer.status == 413) << shape << answer.status;
        EXPECT_TRUE(odd.ClosedByServer()) << shape;
    }
}

TEST_F(ServerTest, ASenderWhoNeverFinishesIsToldSoAndHoldsNobodyUp) {
    connection.Send("POST /never HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    EXPECT_EQ(AskAnother(), "GET /hello ");
    EXPECT_FALSE(connection.HasNews()) << "its time is not over";
    auto answer = connection.Read();
    EXPECT_EQ(answer.status, 408);
    EXPECT_TRUE(answer.Says("request_timeout"));
    EXPECT_TRUE(connection.ClosedByServer());
}

TEST_F(ServerTest, DrippingHeadersDoNotExtendTheDeadline) {
    auto began = steady_clock::now();
    connection.Send("GET /drip HTTP/1.1\r\n");
    while (!connection.HasNews() && steady_clock::now() - began < 5s) {
        connection.Send("X: y\r\n");
        std::this_thread::sleep_for(20ms);
    }
    EXPECT_EQ(connection.Read().status, 408);
    EXPECT_LT(steady_clock::now() - began, 4s);
}

TEST_F(ServerTest, AClientThatNeverReadsIsCutOff) {
    auto began = steady_clock::now();
    auto large = RawRequest("POST", "/echo", std::string(1 << 20, 'x'));
    bool open = true;
    for (int i = 0; i < 100 && open; ++i) open = connection.Send(large);
    EXPECT_FALSE(open) << "its answers would wait in memory for ever";
    EXPECT_LT(steady_clock::now() - began, 5s);
    EXPECT_EQ(AskAnother(), "GET /hello ");
}

TEST_F(ServerTest, AThousandIdleConnectionsLeaveTheOthersServed) {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_max < 4096) GTEST_SKIP() << "needs 4096 descriptors";
    files.rlim_cur = std::max<rlim_t>(files.rlim_cur, 4096);
    setrlimit(RLIMIT_NOFILE, &files);
    std::vector<std::unique_ptr<RawConnection>> idle;
    for (int i = 0; i < 1000; ++i) idle.push_back(std::make_unique<RawConnection>(server.port()));
    EXPECT_EQ(AskAnother(), "GET /hello ");
    idle.front()->Send(RawRequest("GET", "/still"));
    EXPECT_EQ(idle.front()->Read().body, "GET /still ");
}

TEST_F(ServerTest, ASlowHandlerHoldsNobodyUp) {
    connection.Send(RawRequest("GET", "/slow"));
    EXPECT_EQ(AskAnother(), "GET /hello ");
    EXPECT_EQ(connection.Read().body, "GET /slow ");
}

TEST_F(ServerTest, AClientThatHangsUpHarmsNothing) {
    for (const char* part :
         {"", "G", "GET / HTTP/1.1\r\n", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab"}) {
        RawConnection leaving(server.port());
        leaving.Send(part);
    }
    for (int i = 0; i < 20; ++i) {
        RawConnection leaving(server.port());
        leaving.Send(RawRequest("GET", "/slow"));
    }
    EXPECT_EQ(AskAnother(), "GET /hello ");
}

asio::awaitable<void> DrainIt(Server& server, std::atomic<bool>& drained) {
    co_await server.Drain(5s);
    drained = true;
}

TEST_F(ServerTest, DrainingFinishesWhatRunsAndEndsWhatIdles) {
    RawConnection idle(server.port());
    idle.Send(RawRequest("GET", "/x"));
    EXPECT_EQ(idle.Read().status, 200);
    slow_begun = 0;
    connection.Send(RawRequest("GET", "/slow"));
    while (slow_begun == 0) std::this_thread::yield();
    std::atomic<bool> drained = false;
    asio::co_spawn(io, DrainIt(server.server(), drained), [](std::exception_ptr) {});
    EXPECT_TRUE(idle.ClosedByServer());
    auto answer = connection.Read();
    EXPECT_EQ(answer.body, "GET /slow ");
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_TRUE(connection.ClosedByServer());
    EXPECT_THROW(RawConnection(server.port()), std::runtime_error);
}

}  // namespace
}  // namespace citadel::http

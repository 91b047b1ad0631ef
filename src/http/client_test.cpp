#include "http/client.h"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include <deque>

#include "runtime/nursery.h"

namespace citadel::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// A server that says what it was told to, byte for byte.
class Peer {
  public:
    struct Act {
        std::string answer;   // sent after a request has come in
        bool closes = false;  // ends the connection after it
    };

    explicit Peer(asio::io_context& io)
        : acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), nursery_(io) {
        nursery_.Spawn("accept", Accept());
    }
    std::string url() const {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/x";
    }
    void Then(Act act) { acts_.push_back(std::move(act)); }
    void Stop() { acceptor_.close(); }

    std::vector<std::string> requests;
    int connections = 0;

  private:
    asio::awaitable<void> Accept() {
        boost::system::error_code error;
        while (true) {
            auto token = asio::redirect_error(asio::use_awaitable, error);
            tcp::socket socket = co_await acceptor_.async_accept(token);
            if (error) co_return;
            ++connections;
            nursery_.Spawn("serve", Serve(std::move(socket)));
        }
    }
    asio::awaitable<void> Serve(tcp::socket socket) {
        boost::system::error_code error;
        std::string buffer;
        while (!error) {
            auto token = asio::redirect_error(asio::use_awaitable, error);
            std::size_t head =
                co_await asio::async_read_until(socket, asio::dynamic_buffer(buffer), "\r\n\r\n", token);
            if (error) co_return;
            requests.push_back(buffer);  // small bodies come along with the head
            buffer.erase(0, std::max(head, buffer.size()));
            if (acts_.empty()) {  // says nothing until the client goes away
                co_await asio::async_read_until(socket, asio::dynamic_buffer(buffer), "\r\n\r\n", token);
                co_return;
            }
            Act act = std::move(acts_.front());
            acts_.pop_front();
            co_await asio::async_write(socket, asio::buffer(act.answer), token);
            if (act.closes) co_return;
        }
    }

    tcp::acceptor acceptor_;
    std::deque<Act> acts_;
    runtime::Nursery nursery_;
};

std::string Whole(const std::string& body, const std::string& head = "HTTP/1.1 200 OK\r\nX-A: 1\r\n") {
    return head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

asio::awaitable<void> Keep(Client& client, Call call, Answer& answer, asio::io_context& io) {
    answer = co_await client.Fetch(std::move(call));
    io.stop();
}

class ClientTest : public testing::Test {
  protected:
    Answer Fetch(Call call) {
        Answer answer;
        io.restart();
        asio::co_spawn(io, Keep(client, std::move(call), answer, io), [](std::exception_ptr failure) {
            if (failure) std::rethrow_exception(failure);
        });
        io.run();
        return answer;
    }
    Answer Get(std::chrono::milliseconds deadline = std::chrono::milliseconds(5000)) {
        Call call;
        call.url = peer.url();
        call.deadline = deadline;
        return Fetch(std::move(call));
    }

    asio::io_context io{1};
    Peer peer{io};
    Client client{io};
};

using Kind = Answer::Kind;

TEST_F(ClientTest, AWholeAnswerComesWithStatusHeadersAndBody) {
    peer.Then({Whole("hello", "HTTP/1.1 402 Payment Required\r\nRequest-Id:  req_1 \r\n")});
    auto answer = Get();
    EXPECT_EQ(answer.kind, Kind::kReply);
    EXPECT_EQ(answer.status, 402);
    EXPECT_EQ(answer.body, "hello");
    EXPECT_EQ(answer.header("request-id"), "req_1");
    EXPECT_FALSE(answer.ok());
}

TEST_F(ClientTest, SendsMethodHeadersAndBodyAsGiven) {
    peer.Then({Whole("")});
    Call call;
    call.url = peer.url();
    call.method = "POST";
    call.headers.emplace_back("Idempotency-Key", "cit_1");
    call.body = "a=1&b=2";
    EXPECT_TRUE(Fetch(std::move(call)).ok());
    ASSERT_EQ(peer.requests.size(), 1u);
    EXPECT_TRUE(peer.requests[0].starts_with("POST /x HTTP/1.1\r\n"));
    EXPECT_NE(peer.requests[0].find("Idempotency-Key: cit_1\r\n"), std::string::npos);
    EXPECT_NE(peer.requests[0].find("Content-Length: 7\r\n"), std::string::npos);
}

TEST_F(ClientTest, ARefusedConnectionWasNeverSent) {
    auto url = peer.url();
    peer.Stop();
    Call call;
    call.url = url;
    auto answer = Fetch(std::move(call));
    EXPECT_EQ(answer.kind, Kind::kNotSent);
    EXPECT_FALSE(answer.error.empty());
}

TEST_F(ClientTest, AnAddressThatIsNoneWasNeverSent) {
    for (const char* url :
         {"", "not a url", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://name.invalid/x"}) {
        Call call;
        call.url = url;
        EXPECT_EQ(Fetch(std::move(call)).kind, Kind::kNotSent) << url;
    }
}

TEST_F(ClientTest, ADropAfterSendingLeavesTheOutcomeUnknown) {
    peer.Then({"", true});
    auto answer = Get();
    EXPECT_EQ(answer.kind, Kind::kUnknown);
    EXPECT_EQ(answer.status, 0);
}

TEST_F(ClientTest, ATruncatedAnswerIsUnknownThoughItsStatusCame) {
    peer.Then({"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\": \"in_", true});
    auto answer = Get();
    EXPECT_EQ(answer.kind, Kind::kUnknown);
    EXPECT_FALSE(answer.ok());
}

TEST_F(ClientTest, ChunksThatBreakOffAreUnknown) {
    peer.Then({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", true});
    EXPECT_EQ(Get().kind, Kind::kUnknown);
}

TEST_F(ClientTest, WhatIsNotHttpIsUnknown) {
    peer.Then({"SSH-2.0-OpenSSH\r\n", true});
    EXPECT_EQ(Get().kind, Kind::kUnknown);
}

TEST_F(ClientTest, NoAnswerWithinTheDeadlineIsUnknown) {
    auto began = std::chrono::steady_clock::now();
    auto answer = Get(std::chrono::milliseconds(100));
    EXPECT_EQ(answer.kind, Kind::kUnknown);
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(3));
}

TEST_F(ClientTest, AnAnswerThatNeverEndsIsCutOff) {
    peer.Then({Whole(std::string(5000, 'x'))});
    Call call;
    call.url = peer.url();
    call.answer_bytes_max = 1000;
    EXPECT_EQ(Fetch(std::move(call)).kind, Kind::kUnknown);
}

TEST_F(ClientTest, AConnectionIsUsedAgain) {
    for (int i = 0; i < 5; ++i) peer.Then({Whole(std::to_string(i))});
    for (int i = 0; i < 5; ++i) EXPECT_EQ(Get().body, std::to_string(i));
    EXPECT_EQ(peer.connections, 1);
}

TEST_F(ClientTest, APooledConnectionThatTheServerClosedIsReplacedUnseen) {
    peer.Then({Whole("1"), true});
    EXPECT_EQ(Get().body, "1");
    peer.Then({Whole("2")});
    EXPECT_EQ(Get().body, "2");
    EXPECT_EQ(peer.connections, 2);
}

TEST_F(ClientTest, AnInterimAnswerIsNotTheAnswer) {
    peer.Then({"HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\n" + Whole("x")});
    auto answer = Get();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("X-Interim"), "");
}

TEST_F(ClientTest, ARedirectIsAnAnswerAndNotFollowed) {
    peer.Then({Whole("", "HTTP/1.1 302 Found\r\nLocation: " + peer.url() + "\r\n")});
    EXPECT_EQ(Get().status, 302);
    EXPECT_EQ(peer.requests.size(), 1u);
}

TEST_F(ClientTest, OneSlowServerDoesNotHoldUpAnother) {
    Peer quick(io);
    quick.Then({Whole("quick")});
    Answer slow;
    Call to_slow;
    to_slow.url = peer.url();
    to_slow.deadline = std::chrono::milliseconds(300);
    asio::co_spawn(io, Keep(client, std::move(to_slow), slow, io), [](std::exception_ptr) {});
    Call to_quick;
    to_quick.url = quick.url();
    EXPECT_EQ(Fetch(std::move(to_quick)).body, "quick");
    EXPECT_TRUE(slow.error.empty()) << "still waiting";
    io.restart();
    io.run();
    EXPECT_EQ(slow.kind, Kind::kUnknown);
}

}  // namespace
}  // namespace citadel::http

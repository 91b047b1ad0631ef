#include "http/websocket.h"

#include <gtest/gtest.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "http/server.h"
#include "support/raw_http.h"
#include "support/server_thread.h"

namespace citadel::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using testing::RawConnection;
using testing::RawRequest;
using testing::ServerThread;

asio::awaitable<void> EchoTwice(WebSocket& socket) {
    for (int i = 0; i < 2; ++i) {
        auto message = co_await socket.Read();
        if (!message) co_return;
        co_await socket.Write("echo " + *message);
    }
}

asio::awaitable<Reply> Answer(Request request) {
    Reply reply;
    reply.body = "plain";
    if (request.path == "/talk") {
        reply.conversation = EchoTwice;
        reply.headers.emplace_back("Sec-WebSocket-Protocol", "parrot");
    }
    co_return reply;
}

class WebSocketTest : public ::testing::Test {
  protected:
    WebSocketTest() {
        socket.next_layer().connect(
            tcp::endpoint(asio::ip::make_address("127.0.0.1"), static_cast<unsigned short>(server.port())));
    }
    std::string Ask(const std::string& text) {
        socket.write(asio::buffer(text));
        beast::flat_buffer buffer;
        socket.read(buffer);
        return beast::buffers_to_string(buffer.data());
    }

    asio::io_context io{1};
    ServerThread server{io, Answer};
    asio::io_context client_io;
    beast::websocket::stream<tcp::socket> socket{client_io};
};

TEST_F(WebSocketTest, ConversationBeginsWithTheHandshakeAndEndsTheConnection) {
    beast::websocket::response_type response;
    socket.handshake(response, "localhost", "/talk");
    EXPECT_EQ(response["Sec-WebSocket-Protocol"], "parrot");
    EXPECT_EQ(Ask("one"), "echo one");
    socket.ping({});
    EXPECT_EQ(Ask(std::string(70'000, 'x')).size(), 70'005u);
    beast::flat_buffer buffer;
    boost::system::error_code error;
    socket.read(buffer, error);
    EXPECT_TRUE(error);
}

TEST_F(WebSocketTest, ARequestThatIsNoHandshakeIsRefused) {
    RawConnection connection(server.port());
    connection.Send(RawRequest("GET", "/talk"));
    EXPECT_EQ(connection.Read().status, 400);
}

TEST_F(WebSocketTest, AHandshakeThatNobodyWantsGetsThePlainAnswer) {
    boost::system::error_code error;
    socket.handshake("localhost", "/elsewhere", error);
    EXPECT_EQ(error, beast::websocket::error::upgrade_declined);
}

TEST_F(WebSocketTest, AClientThatVanishesEndsItsConversationOnly) {
    socket.handshake("localhost", "/talk");
    socket.next_layer().close();
    RawConnection connection(server.port());
    connection.Send(RawRequest("GET", "/x"));
    EXPECT_EQ(connection.Read().body, "plain");
}

}  // namespace
}  // namespace citadel::http

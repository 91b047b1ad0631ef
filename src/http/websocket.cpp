#include "http/websocket.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace citadel::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;

namespace {

constexpr std::size_t kMessageBytesMax = 1 << 20;

}  // namespace

struct WebSocket::State {
    explicit State(asio::ip::tcp::socket& socket) : stream(socket) {
        stream.read_message_max(kMessageBytesMax);
        stream.set_option(beast::websocket::stream_base::timeout::suggested(beast::role_type::server));
        stream.text(true);
    }
    beast::websocket::stream<asio::ip::tcp::socket&> stream;
    beast::flat_buffer buffer;
};

WebSocket::WebSocket(asio::ip::tcp::socket& socket) : state_(std::make_unique<State>(socket)) {}

WebSocket::~WebSocket() = default;

asio::awaitable<bool> WebSocket::Accept(std::vector<Header> request_headers,
                                        std::vector<Header> reply_headers) {
    wire::request<wire::empty_body> request(wire::verb::get, "/", 11);
    for (const auto& [name, value] : request_headers) request.insert(name, value);
    auto decorate = [headers = std::move(reply_headers)](beast::websocket::response_type& response) {
        for (const auto& [name, value] : headers) response.set(name, value);
    };
    state_->stream.set_option(beast::websocket::stream_base::decorator(std::move(decorate)));
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await state_->stream.async_accept(request, token);
    co_return !error;
}

asio::awaitable<std::optional<std::string>> WebSocket::Read() {
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await state_->stream.async_read(state_->buffer, token);
    std::optional<std::string> message;
    if (!error) message = beast::buffers_to_string(state_->buffer.data());
    state_->buffer.clear();
    co_return message;
}

asio::awaitable<bool> WebSocket::Write(std::string text) {
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await state_->stream.async_write(asio::buffer(text), token);
    co_return !error;
}

}  // namespace citadel::http

#include "keep_alive.h"

#include <boost/asio/write.hpp>

#include <charconv>

#include "base/error.h"

namespace citadel::bench {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// Where the answer in `text` ends, or 0 when some of it is still to come.
std::size_t AnswerEnd(std::string_view text) {
    auto head = text.find("\r\n\r\n");
    if (head == std::string_view::npos) return 0;
    constexpr std::string_view kLength = "Content-Length: ";
    auto at = text.find(kLength);
    CITADEL_CHECK(at < head, "the answer says how long it is");
    std::size_t length = 0;
    std::from_chars(text.data() + at + kLength.size(), text.data() + head, length);
    auto end = head + 4 + length;
    return end <= text.size() ? end : 0;
}

}  // namespace

asio::awaitable<void> KeepAlive::Connect(int port) {
    tcp::endpoint server(asio::ip::address_v4::loopback(), static_cast<unsigned short>(port));
    co_await socket_.async_connect(server, asio::use_awaitable);
    socket_.set_option(tcp::no_delay(true));
}

asio::awaitable<std::string_view> KeepAlive::Ask(const std::string& request) {
    co_await asio::async_write(socket_, asio::buffer(request), asio::use_awaitable);
    std::size_t got = 0;
    while (AnswerEnd(std::string_view(buffer_.data(), got)) == 0) {
        CITADEL_CHECK(got < buffer_.size(), "no answer is that long");
        auto space = asio::buffer(buffer_.data() + got, buffer_.size() - got);
        got += co_await socket_.async_read_some(space, asio::use_awaitable);
    }
    co_return std::string_view(buffer_.data(), got);
}

std::string_view BodyOf(std::string_view answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }

}  // namespace citadel::bench

// The server's side of one WebSocket (RFC 6455) on a connection that began as HTTP: text messages in
// both directions; pings are answered while a Read() waits. One Read() and one Write() at a time. What
// the network does is a value, never an exception.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/message.h"

namespace citadel::http {

class WebSocket {
  public:
    // `socket` must live longer.
    explicit WebSocket(boost::asio::ip::tcp::socket& socket);
    ~WebSocket();
    WebSocket(const WebSocket&) = delete;

    // Answers the request with these headers by 101 and `reply_headers`; false: it was no handshake and
    // was refused.
    boost::asio::awaitable<bool> Accept(std::vector<Header> request_headers,
                                        std::vector<Header> reply_headers);
    // The next message; nullopt: the other side is gone.
    boost::asio::awaitable<std::optional<std::string>> Read();
    // False: the other side is gone.
    boost::asio::awaitable<bool> Write(std::string text);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace citadel::http

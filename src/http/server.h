// An HTTP/1.1 server on one io_context: keep-alive, limits and deadlines on everything a client sends,
// and a drain that lets running requests finish. One coroutine per connection reads like the protocol.
#pragma once
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <memory>
#include <string>

#include "http/message.h"

namespace citadel::http {

struct ServerLimits {
    std::size_t body_bytes_max = 1 << 20;  // contract: bodies over 1 MiB are answered 413
    std::size_t header_bytes_max = 16 << 10;
    std::size_t connections_max = 4096;
    std::chrono::milliseconds request_deadline{10'000};  // from first to last byte of one request
    std::chrono::milliseconds idle_deadline{75'000};     // between two requests
};

class Server {
  public:
    // `handler` must answer every request; an exception it throws becomes 503 for retryable Trouble and
    // for an unknown outcome, 500 otherwise.
    Server(boost::asio::io_context& io, Handler handler, ServerLimits limits = {});
    ~Server();

    // Binds and starts accepting; port 0 picks a free one. Throws Trouble when the address is taken.
    void Listen(const std::string& host, int port);
    int port() const;

    // Stops accepting, lets running requests finish for at most `patience`, then closes the rest.
    boost::asio::awaitable<void> Drain(std::chrono::milliseconds patience);

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace citadel::http

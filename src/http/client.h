// Outgoing HTTP on one io_context: pooled connections, deadlines, no redirects, TLS verified.
// It never throws for what the network does: an answer that did not come is a value, because callers
// must tell "was never sent" from "nobody knows".
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "http/message.h"

namespace citadel::http {

struct Call {
    std::string method = "GET";
    std::string url;
    std::vector<Header> headers;
    std::string body;
    std::chrono::milliseconds deadline{30'000};
    std::size_t answer_bytes_max = 8 << 20;
};

struct Answer {
    enum class Kind {
        kReply,    // status, headers and body are there, whole
        kNotSent,  // the connection was never made: nothing happened on the other side
        kUnknown,  // sent, perhaps: time-out, reset, truncated answer
    };
    Kind kind = Kind::kUnknown;
    int status = 0;
    std::vector<Header> headers;
    std::string body;
    std::string error;  // for kNotSent and kUnknown

    bool ok() const { return kind == Kind::kReply && status >= 200 && status < 300; }
    std::string_view header(std::string_view name) const { return FindHeader(headers, name); }
};

class Client {
  public:
    explicit Client(boost::asio::io_context& io, std::size_t connections_max = 256);
    ~Client();
    Client(const Client&) = delete;

    boost::asio::awaitable<Answer> Fetch(Call call);

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace citadel::http

// One HTTP connection that is kept, as thin as can be: the sender shares the machine with what it
// measures.
#pragma once
#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <string_view>

namespace citadel::bench {

class KeepAlive {
  public:
    explicit KeepAlive(boost::asio::io_context& io) : socket_(io), buffer_(64 << 10, '\0') {}

    boost::asio::awaitable<void> Connect(int port);
    // The whole answer, head and body; good until the next call.
    boost::asio::awaitable<std::string_view> Ask(const std::string& request);

  private:
    boost::asio::ip::tcp::socket socket_;
    std::string buffer_;
};

std::string_view BodyOf(std::string_view answer);

}  // namespace citadel::bench

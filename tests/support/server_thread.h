// An HTTP server of our own on a thread of its own, so that tests may block on sockets.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <thread>

#include "http/server.h"

namespace citadel::testing {

class ServerThread {
  public:
    // `io` runs here; what else lives on it may be made before.
    ServerThread(boost::asio::io_context& io, http::Handler handler, http::ServerLimits limits = {})
        : io_(io), server_(io, std::move(handler), limits) {
        server_.Listen("127.0.0.1", 0);
        port_ = server_.port();
        thread_ = std::thread([this] { io_.run(); });
    }
    ~ServerThread() {
        io_.stop();
        thread_.join();
    }
    int port() const { return port_; }
    http::Server& server() { return server_; }

  private:
    boost::asio::io_context& io_;
    http::Server server_;
    int port_ = 0;
    std::thread thread_;
};

}  // namespace citadel::testing

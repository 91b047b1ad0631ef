// A mail service on a thread of its own: keeps every request to POST /emails, and answers as Resend does, one
// id for each Idempotency-Key. What customers got is one mail a key.
#pragma once
#include <boost/asio/io_context.hpp>

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "http/message.h"
#include "support/server_thread.h"

namespace citadel::testing {

class MailRecorder {
  public:
    MailRecorder() : server_(io_, [this](http::Request request) { return Take(std::move(request)); }) {}

    std::string base() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
    // How the next answers go over the wire; after them all is well.
    void Answer(std::vector<http::Reply> script);

    // Idempotency-Key to the bodies that came under it, in order.
    std::map<std::string, std::vector<std::string>> Requests() const;
    // What went wrong: a key that came with two different bodies.
    std::vector<std::string> Faults() const;

  private:
    boost::asio::awaitable<http::Reply> Take(http::Request request);

    mutable std::mutex mutex_;
    std::map<std::string, std::vector<std::string>> requests_;
    std::deque<http::Reply> script_;
    boost::asio::io_context io_{1};
    ServerThread server_;  // last: nothing comes before the rest is there
};

}  // namespace citadel::testing

// Stripe's CLI at the other end of a WebSocket: `stripe listen` opens a session by API, connects, gets
// every event of its account and of that account's connected ones, signed, and reports what its local
// receiver answered. What happens while it reconnects waits for it. These deliveries are no webhooks:
// they do not count in pending_webhooks and are not repeated.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "http/message.h"
#include "http/websocket.h"
#include "runtime/wake.h"
#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

// Opens a session for that device of the account.
CliSession& OpenCliSession(World& world, const std::string& account, const std::string& device);

class CliListeners {
  public:
    CliListeners(boost::asio::io_context& io, World& world) : io_(io), world_(world) {}

    // The answer to a request under /subscribe/: a conversation, if its session is known.
    http::Reply Answer(const http::Request& request);
    void Enqueue(const EventPtr& event);

  private:
    struct Listener {
        explicit Listener(boost::asio::io_context& io) : wake(io.get_executor()) {}
        std::deque<EventPtr> waiting;
        runtime::Wake wake;
        int connection = 0;  // the latest; earlier ones are over
    };
    boost::asio::awaitable<void> Converse(std::string session, http::WebSocket& socket);
    boost::asio::awaitable<void> Send(std::shared_ptr<Listener> listener, std::string session,
                                      http::WebSocket& socket, int connection);
    std::string Message(const CliSession& session, const Event& event, bool latest) const;
    void Take(CliSession& session, const std::string& message);

    boost::asio::io_context& io_;
    World& world_;
    std::map<std::string, std::shared_ptr<Listener>> listeners_;  // by session
};

}  // namespace citadel::stripe_sim

// The Stripe simulator as one object: the API, the control API, the pay pages and the CLI's WebSocket
// behind one HTTP server, and the loop that lets renewals, retries, payers and webhooks happen when their
// time comes. It lives on one thread with its io_context; all time is the clock's that it was given. A manual
// clock may be moved from another thread: the loop notices within a few milliseconds, or at once on
// POST /_sim/wake.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/secret.h"
#include "http/server.h"
#include "stripe_sim/api.h"
#include "stripe_sim/cli_session.h"
#include "stripe_sim/control.h"
#include "stripe_sim/faults.h"
#include "stripe_sim/webhooks.h"
#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

struct SimulatorOptions {
    std::string host = "127.0.0.1";
    int port = 0;
    std::uint64_t seed = 1;
    std::string webhook_url;
    Secret webhook_secret;
    Secret connect_webhook_secret;
    std::string api_key = "sk_test_citadel_sim";
};

class Simulator {
  public:
    Simulator(boost::asio::io_context& io, const Clock& clock, SimulatorOptions options);

    // Binds; throws Trouble when the address is taken.
    void Listen();
    int port() const { return server_.port(); }
    // Until Stop(): then the server drains and running deliveries end.
    boost::asio::awaitable<void> Run();
    // From the simulator's own thread.
    void Stop();

    World& world() { return world_; }

  private:
    boost::asio::awaitable<http::Reply> Handle(http::Request request);
    void Nudge();
    std::chrono::milliseconds IdleTime() const;

    SimulatorOptions options_;
    World world_;
    FaultPlan faults_;
    boost::asio::steady_timer idle_;
    bool nudged_ = false;
    bool stopping_ = false;
    Webhooks webhooks_;
    CliListeners cli_;
    Api api_;
    Control control_;
    http::Server server_;
};

}  // namespace citadel::stripe_sim

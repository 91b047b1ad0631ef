// citadel stripe-sim: the simulator alone, until SIGTERM or SIGINT.
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>

#include <iostream>

#include "app/commands.h"
#include "runtime/nursery.h"
#include "stripe_sim/simulator.h"

namespace citadel::app {

namespace asio = boost::asio;

namespace {

asio::awaitable<void> StopOnSignal(asio::io_context& io, stripe_sim::Simulator& simulator) {
    asio::signal_set signals(io, SIGTERM, SIGINT);
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await signals.async_wait(token);
    simulator.Stop();
}

}  // namespace

int StripeSim(Config config) {
    stripe_sim::SimulatorOptions options;
    options.host = config.host;
    options.port = config.port;
    options.seed = static_cast<std::uint64_t>(ReadNumber(config.raw, "CITADEL_SEED", 0, INT64_MAX));
    options.webhook_url = config.raw.at("CITADEL_SIM_WEBHOOK_URL");
    options.webhook_secret = Secret(config.raw.at("CITADEL_SIM_WEBHOOK_SECRET"));
    options.connect_webhook_secret = Secret(config.raw.at("CITADEL_SIM_CONNECT_SECRET"));
    asio::io_context io(1);
    stripe_sim::Simulator simulator(io, *config.clock, options);
    simulator.Listen();
    std::cout << "stripe-sim listens on http://" << config.host << ":" << simulator.port() << ", key "
              << options.api_key << std::endl;
    runtime::Nursery nursery(io);
    nursery.Spawn("signals", StopOnSignal(io, simulator));
    nursery.Spawn("simulator", simulator.Run());
    io.run();
    return 0;
}

}  // namespace citadel::app

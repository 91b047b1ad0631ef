// citadel serve and citadel worker: run until SIGTERM or SIGINT, then stop in order.
#include <sys/resource.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>

#include "app/commands.h"
#include "app/engine.h"
#include "app/run_once.h"
#include "base/log.h"

namespace citadel::app {

namespace asio = boost::asio;

namespace {

// Waits for the signal, then stops the engine; a second signal ends the process at once.
asio::awaitable<void> StopOnSignal(asio::io_context& io, Engine& engine) {
    asio::signal_set signals(io, SIGTERM, SIGINT);
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    int signal = co_await signals.async_wait(token);
    log::Info("stopping", {{"signal", signal}});
    signals.cancel();
    signals.clear();
    co_await engine.Stop(std::chrono::milliseconds(20'000));
    log::Info("stopped");
    io.stop();
}

// Every connection is a descriptor, and the usual 1024 are fewer than the server takes connections: an idle
// crowd would leave none for the database and for Stripe.
void UseAllDescriptors() {
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

int RunEngine(Config& config, bool webhooks, int port) {
    RequireForServing(config);
    UseAllDescriptors();
    Database database(config);
    asio::io_context io(1);
    Engine engine(io, config, database.url());
    RunToEnd(io, engine.identity().CheckStoredKeys());
    io.restart();
    engine.StartHttp(config.host, port, webhooks);
    if (config.workers > 0) {
        engine.StartWorkers();
        engine.StartSweeper();
    }
    log::Info("ready", {{"host", config.host},
                        {"port", engine.port()},
                        {"workers", config.workers},
                        {"database", config.embedded() ? "embedded" : "given"},
                        {"version", CITADEL_VERSION}});
    runtime::Nursery nursery(io);
    nursery.Spawn("signals", StopOnSignal(io, engine));
    io.run();
    return 0;
}

}  // namespace

int Serve(Config config) {
    int port = config.port;
    return RunEngine(config, true, port);
}

int Work(Config config) {
    int port = config.metrics_port;
    return RunEngine(config, false, port);
}

}  // namespace citadel::app

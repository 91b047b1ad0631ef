// Engine, simulator and database in one process with one clock that is moved by hand. Real sockets, real
// SQL; only the time is played.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>

#include <memory>
#include <string>

#include "app/demo_driver.h"
#include "app/engine.h"
#include "app/sim_remote.h"
#include "stripe_sim/simulator.h"
#include "support/run.h"
#include "support/test_database.h"

namespace citadel::testing {

struct StageOptions {
    int workers = 8;
    std::uint64_t seed = 1;
    std::chrono::milliseconds stripe_deadline{30'000};
    std::chrono::milliseconds stripe_backoff{500};
};

class Stage {
  public:
    explicit Stage(StageOptions options = {});
    ~Stage();
    Stage(const Stage&) = delete;

    // The simulator's control API; `path` after "/_sim/".
    boost::json::object Tell(const std::string& path, boost::json::object body);
    boost::json::object Ask(const std::string& path);
    http::Answer Fetch(http::Call call) { return Await(io_, http_->Fetch(std::move(call))); }
    // Makes an account of the simulator the engine's merchant. `policy` empty: the one that is everybody's.
    void Connect(const std::string& account, const std::string& name, const std::string& retry_mode,
                 const std::string& policy = {});
    // Lets all happen that is planned until then. Ends the executable when that takes minutes: a test that
    // hangs says nothing.
    void PlayUntil(Time end);

    Time start() const { return start_; }
    const Clock& clock() const { return *clock_; }
    const std::string& simulator_base() const { return config_.stripe_api_base; }
    TestDatabase& database() { return database_; }
    app::Engine& engine() { return *engine_; }
    app::SimRemote& remote() { return *remote_; }
    boost::asio::io_context& io() { return io_; }

  private:
    Time start_;
    TestDatabase database_;
    boost::asio::io_context io_{1};
    app::Config config_;
    ManualClock* clock_;
    std::unique_ptr<stripe_sim::Simulator> simulator_;
    std::unique_ptr<app::Engine> engine_;
    std::unique_ptr<http::Client> http_;
    std::unique_ptr<app::SimRemote> remote_;
    std::unique_ptr<app::DemoDriver> driver_;
    bool simulator_ended_ = false;
};

}  // namespace citadel::testing

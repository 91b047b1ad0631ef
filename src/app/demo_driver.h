// Plays weeks in fast forward: whenever engine and simulator have nothing left to do at this instant, the
// clock that both hold is moved to the next thing that is planned. No luck of timing, no waiting.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <functional>

#include "app/engine.h"
#include "app/sim_remote.h"
#include "base/clock.h"

namespace citadel::app {

class DemoDriver {
  public:
    // `on_day` is called at most once a simulated day, when all is quiet.
    DemoDriver(Engine& engine, SimRemote& sim, ManualClock& clock,
               std::function<boost::asio::awaitable<void>(int day)> on_day)
        : engine_(engine), sim_(sim), clock_(clock), on_day_(std::move(on_day)), start_(clock.Now()) {}

    boost::asio::awaitable<void> PlayUntil(Time end);

  private:
    boost::asio::awaitable<bool> IsBusy();
    boost::asio::awaitable<void> Settle();
    boost::asio::awaitable<bool> DeliverMails();
    boost::asio::awaitable<Time> NextMoment();

    Engine& engine_;
    SimRemote& sim_;
    ManualClock& clock_;
    std::function<boost::asio::awaitable<void>(int day)> on_day_;
    Time start_;
    std::int64_t last_mail_ = 0;
    int day_ = -1;
};

}  // namespace citadel::app

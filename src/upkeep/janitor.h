// Gives back what dead workers held, looks up charges left in doubt, forgets events that Stripe cannot
// send again and tasks that ended long ago, makes what is missing of the work that schedules itself. Safe on
// any number of processes at once; each round returns what it did.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>

#include "base/clock.h"
#include "postgres/pool.h"
#include "runtime/wake.h"
#include "store/tasks.h"

namespace citadel::upkeep {

struct JanitorOptions {
    std::chrono::milliseconds every{2000};  // wall time
    int tries_max = 5;                      // as the worker's
    // Stripe resends for 3 days and lists events for 30: nothing older can come again.
    std::chrono::days keep_events{35};
    std::chrono::days keep_tasks{90};       // after their end
    std::int64_t drop_max = 10'000;         // of each kind, a round
    std::chrono::seconds doubt_after{600};  // wall time; longer than any lease
    int rounds_between_watches = 30;        // over the self-scheduled tasks, beginning with the first
};

struct JanitorRound {
    store::Rescue rescued;
    std::int64_t doubts_queued = 0;
    std::int64_t events_dropped = 0;
    std::int64_t tasks_dropped = 0;
    std::int64_t tasks_restored = 0;
};

class Janitor {
  public:
    // `on_work` is called when tasks came back to the queue.
    Janitor(boost::asio::io_context& io, postgres::Pool& pool, const Clock& clock, JanitorOptions options,
            std::function<void()> on_work);

    boost::asio::awaitable<void> Run();  // until Stop()
    boost::asio::awaitable<JanitorRound> RunOnce();
    void Stop();

  private:
    boost::asio::awaitable<std::int64_t> WatchSelfScheduled();

    postgres::Pool& pool_;
    const Clock& clock_;
    JanitorOptions options_;
    std::function<void()> on_work_;
    boost::asio::steady_timer timer_;
    int rounds_ = 0;
    bool stopping_ = false;
};

}  // namespace citadel::upkeep

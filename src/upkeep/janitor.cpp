#include "upkeep/janitor.h"

#include <boost/asio/redirect_error.hpp>

#include "base/log.h"
#include "store/retention.h"
#include "store/self_scheduled.h"

namespace citadel::upkeep {

namespace asio = boost::asio;

Janitor::Janitor(asio::io_context& io, postgres::Pool& pool, const Clock& clock, JanitorOptions options,
                 std::function<void()> on_work)
    : pool_(pool), clock_(clock), options_(options), on_work_(std::move(on_work)), timer_(io) {}

void Janitor::Stop() {
    stopping_ = true;
    timer_.cancel();
}

asio::awaitable<void> Janitor::Run() {
    while (!stopping_) {
        try {
            co_await RunOnce();
        } catch (const std::exception& error) {
            log::Warn("janitor_round_failed", {{"error", error.what()}});
        }
        if (stopping_) break;
        timer_.expires_after(options_.every);
        boost::system::error_code cancelled;
        auto token = asio::redirect_error(asio::use_awaitable, cancelled);
        co_await timer_.async_wait(token);
    }
}

asio::awaitable<JanitorRound> Janitor::RunOnce() {
    JanitorRound round;
    Time now = clock_.Now();
    round.rescued = co_await store::RescueExpiredAcrossMerchants(pool_, now, options_.tries_max);
    Time doubtful = now - clock_.Stretch(options_.doubt_after);
    round.doubts_queued = co_await store::QueueUnsettledAcrossMerchants(pool_, doubtful, now);
    round.events_dropped =
        co_await store::DropEventsAcrossMerchants(pool_, now - options_.keep_events, options_.drop_max);
    co_await store::DropRenewalNoticesAcrossMerchants(pool_, now - options_.keep_events, options_.drop_max);
    round.tasks_dropped =
        co_await store::DropTasksAcrossMerchants(pool_, now - options_.keep_tasks, options_.drop_max);
    round.tasks_restored = co_await WatchSelfScheduled();
    if (round.rescued.returned + round.rescued.failed > 0) {
        log::Warn("leases_rescued", {{"returned", round.rescued.returned}, {"failed", round.rescued.failed}});
    }
    if (round.rescued.returned + round.doubts_queued + round.tasks_restored > 0) on_work_();
    co_return round;
}

// A new merchant's first digest is made here too, so a missing one is no news by itself.
asio::awaitable<std::int64_t> Janitor::WatchSelfScheduled() {
    if (rounds_++ % options_.rounds_between_watches != 0) co_return 0;
    auto restored = co_await store::RestoreSelfScheduledAcrossMerchants(pool_, clock_.Now());
    if (restored > 0) log::Info("self_scheduled_begun", {{"tasks", restored}});
    co_return restored;
}

}  // namespace citadel::upkeep

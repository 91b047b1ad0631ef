#include "queue_load.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <stdexcept>

#include "app/run_once.h"
#include "percentile.h"
#include "store/tasks.h"

namespace citadel::bench {

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;

namespace {

std::vector<store::Settlement> NothingToDo(const std::vector<store::Work>& claimed) {
    std::vector<store::Settlement> batch;
    for (const auto& work : claimed) {
        store::Settlement settlement;
        settlement.task = work.task;
        settlement.recovery_id = work.recovery.id;
        settlement.result = "nothing to do";
        batch.push_back(std::move(settlement));
    }
    return batch;
}

// A claim and its settlement. nullopt: the queue is dry. Nothing: this walk round the tenants has ended, and
// the next one begins.
using Batch = std::optional<std::vector<store::Work>>;
asio::awaitable<Batch> ClaimAndSettle(postgres::Pool& pool, const Clock& clock, store::ClaimRound& round) {
    store::ClaimOrder order;
    order.now = clock.Now();
    order.after = round.after();
    auto claimed = co_await store::ClaimDueTasks(pool, order);
    Batch batch;
    if (!round.Advance(claimed)) co_return batch;
    if (!claimed.empty()) {
        auto settlements = NothingToDo(claimed);
        auto verdicts = co_await store::SettleTasks(pool, std::move(settlements), clock.Now());
        if (std::ranges::count(verdicts, store::SettleVerdict::kLeaseLost) > 0)
            throw std::runtime_error("a lease was lost in a batch's time");
    }
    batch = std::move(claimed);
    co_return batch;
}

asio::awaitable<void> SettleOthers(postgres::Pool& pool, MerchantKey giant, std::int64_t tasks,
                                   double& seconds) {
    SystemClock clock;
    store::ClaimRound round;
    auto began = SteadyClock::now();
    while (tasks > 0) {
        Batch batch = co_await ClaimAndSettle(pool, clock, round);
        if (!batch) throw std::runtime_error("the queue ran dry before its time");
        tasks -= std::ranges::count_if(*batch, [&](const auto& work) { return work.task.merchant != giant; });
    }
    std::chrono::duration<double> took = SteadyClock::now() - began;
    seconds = took.count();
}

asio::awaitable<void> SettleFor(postgres::Pool& pool, double seconds, CeilingResult& result) {
    SystemClock clock;
    std::vector<double> batch_ms;
    auto began = SteadyClock::now();
    std::chrono::duration<double> took{};
    store::ClaimRound round;
    while (took.count() < seconds) {
        auto batch_began = SteadyClock::now();
        Batch batch = co_await ClaimAndSettle(pool, clock, round);
        if (!batch) break;
        if (batch->empty()) continue;
        result.rows += static_cast<std::int64_t>(batch->size());
        std::chrono::duration<double, std::milli> batch_took = SteadyClock::now() - batch_began;
        batch_ms.push_back(batch_took.count());
        took = SteadyClock::now() - began;
    }
    result.seconds = took.count();
    result.p50_ms = Percentile(batch_ms, 0.50);
    result.p99_ms = Percentile(batch_ms, 0.99);
}

// One connection, as one worker process has for its queue.
template <typename Work>
void OverOneConnection(const std::string& url, Work work) {
    asio::io_context io(1);
    postgres::ConnectionOptions options;
    options.url = url;
    postgres::Pool pool(io, options, 1);
    app::RunToEnd(io, work(pool));
    pool.Close();
}

}  // namespace

double SecondsUntilSettled(const std::string& url, const Tenant& giant, std::int64_t tasks) {
    double seconds = 0;
    MerchantKey key{static_cast<std::int16_t>(giant.bucket), giant.merchant_id};
    OverOneConnection(url, [&](postgres::Pool& pool) { return SettleOthers(pool, key, tasks, seconds); });
    return seconds;
}

CeilingResult MeasureQueue(const std::string& url, double seconds) {
    CeilingResult result;
    OverOneConnection(url, [&](postgres::Pool& pool) { return SettleFor(pool, seconds, result); });
    return result;
}

}  // namespace citadel::bench

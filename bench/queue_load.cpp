#include "queue_load.h"

#include <algorithm>
#include <chrono>
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

asio::awaitable<void> SettleOthers(postgres::Pool& pool, MerchantKey giant, std::int64_t tasks,
                                   double& seconds) {
    SystemClock clock;
    store::ClaimRound round;
    auto began = SteadyClock::now();
    while (tasks > 0) {
        store::ClaimOrder order;
        order.now = clock.Now();
        order.after = round.after();
        auto claimed = co_await store::ClaimDueTasks(pool, order);
        if (!round.Advance(claimed)) throw std::runtime_error("the queue ran dry before its time");
        if (claimed.empty()) continue;
        auto batch = NothingToDo(claimed);
        tasks -= std::count_if(claimed.begin(), claimed.end(),
                               [&](const auto& work) { return work.task.merchant != giant; });
        co_await store::SettleTasks(pool, std::move(batch), clock.Now());
    }
    std::chrono::duration<double> took = SteadyClock::now() - began;
    seconds = took.count();
}

asio::awaitable<void> ClaimAndSettle(postgres::Pool& pool, double seconds, CeilingResult& result) {
    SystemClock clock;
    std::vector<double> batch_ms;
    auto began = SteadyClock::now();
    std::chrono::duration<double> took{};
    store::ClaimRound round;
    while (took.count() < seconds) {
        store::ClaimOrder order;
        order.now = clock.Now();
        order.after = round.after();
        auto batch_began = SteadyClock::now();
        auto claimed = co_await store::ClaimDueTasks(pool, order);
        if (!round.Advance(claimed)) break;
        if (claimed.empty()) continue;
        auto batch = NothingToDo(claimed);
        auto verdicts = co_await store::SettleTasks(pool, std::move(batch), clock.Now());
        result.rows += std::count(verdicts.begin(), verdicts.end(), store::SettleVerdict::kSettled);
        std::chrono::duration<double, std::milli> batch_took = SteadyClock::now() - batch_began;
        batch_ms.push_back(batch_took.count());
        took = SteadyClock::now() - began;
    }
    result.seconds = took.count();
    result.p50_ms = Percentile(batch_ms, 0.50);
    result.p99_ms = Percentile(batch_ms, 0.99);
}

}  // namespace

double SecondsUntilSettled(const std::string& url, const Tenant& giant, std::int64_t tasks) {
    asio::io_context io(1);
    postgres::ConnectionOptions options;
    options.url = url;
    postgres::Pool pool(io, options, 1);
    double seconds = 0;
    MerchantKey key{static_cast<std::int16_t>(giant.bucket), giant.merchant_id};
    app::RunToEnd(io, SettleOthers(pool, key, tasks, seconds));
    pool.Close();
    return seconds;
}

CeilingResult MeasureQueue(const std::string& url, double seconds) {
    asio::io_context io(1);
    postgres::ConnectionOptions options;
    options.url = url;
    postgres::Pool pool(io, options, 1);
    CeilingResult result;
    app::RunToEnd(io, ClaimAndSettle(pool, seconds, result));
    pool.Close();
    return result;
}

}  // namespace citadel::bench

#include "queue_load.h"

#include <algorithm>
#include <chrono>

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

#include "history_load.h"

#include <fmt/format.h>

#include <chrono>

#include "plain_sql.h"
#include "queue_load.h"
#include "webhook_load.h"

namespace citadel::bench {

using SteadyClock = std::chrono::steady_clock;

namespace {

constexpr std::int64_t kHistories[] = {10'000, 1'000'000};
constexpr int kWaiting = 30'000;

// Recovered a day ago to a year ago, spread over all merchants.
constexpr const char* kHistory = R"sql(
with past as materialized (
    select m.bucket, m.merchant_id, i, now() - i % 365 * interval '1 day' - interval '1 day' as ended_at
    from generate_series(1, {}) i join (select bucket, merchant_id, row_number() over (order by merchant_id) as ord
        from citadel.merchants) m on m.ord = i % {} + 1
), events as (
    insert into citadel.processed_events
        (bucket, merchant_id, event_id, type, kind, invoice_id, created_at, received_at)
    select bucket, merchant_id, 'evt_past' || i, 'invoice.payment_failed', 'open', 'in_past' || i, ended_at, ended_at
    from past where ended_at > now() - interval '35 days'  -- older ones are forgotten
), closed as (
    insert into citadel.recoveries
        (bucket, merchant_id, invoice_id, customer_id, subscription_id, payment_intent_id, status, reason, cause,
         currency, amount_due, amount_recovered, policy, customer_email, first_failed_at, opened_at, closed_at)
    select bucket, merchant_id, 'in_past' || i, 'cus_past' || i, 'sub_past' || i, 'pi_past' || i, 'recovered', 'paid',
        'retry', 'usd', 2000, 2000, 'classic/1', 'payer@example.com', ended_at - interval '9 days',
        ended_at - interval '9 days', ended_at
    from past
    returning bucket, merchant_id, recovery_id, closed_at
), tasks as (
    insert into citadel.scheduled_tasks
        (bucket, merchant_id, task_type, status, run_at, recovery_id, created_at, finished_at, result)
    select bucket, merchant_id, 'dunning_retry', 'completed', closed_at, recovery_id, closed_at - interval '9 days',
        closed_at, 'paid by our retry'
    from closed
)
insert into citadel.usage_logs (bucket, merchant_id, metric_type, amount, currency, recovery_id, occurred_at)
select bucket, merchant_id, kind, 2000, 'usd', recovery_id, closed_at
from closed cross join (values ('payment_failed'), ('attempt'), ('recovered'), ('task_completed')) as k(kind))sql";

constexpr const char* kGiant = R"sql(
insert into citadel.scheduled_tasks (bucket, merchant_id, task_type, status, run_at, created_at)
select {}, {}, 'dunning_retry', 'pending', now() - interval '1 hour', now() from generate_series(1, {}))sql";

}  // namespace

std::vector<HistorySeries> MeasureHistories(const std::string& server_url, int rounds, double seconds) {
    std::vector<HistorySeries> all;
    std::vector<std::string> urls;
    for (auto recoveries : kHistories) {
        auto url = MakeDatabase(server_url, fmt::format("history_{}", recoveries));
        auto began = SteadyClock::now();
        FillQueue(url, kWaiting);
        PlainConnection connection(url);
        connection.Execute(fmt::format(kHistory, recoveries, kMerchants));
        connection.Execute("vacuum analyze");
        connection.Execute("checkpoint");
        std::chrono::duration<double> took = SteadyClock::now() - began;
        all.push_back({recoveries, took.count()});
        urls.push_back(url);
    }
    for (int round = 0; round < rounds; ++round) {
        for (std::size_t i = 0; i < all.size(); ++i) all[i].rounds.push_back(MeasureQueue(urls[i], seconds));
    }
    return all;
}

std::vector<FairnessRound> MeasureFairness(const std::string& server_url, int rounds) {
    auto url = MakeDatabase(server_url, "fairness");
    auto giant = TenantOf(kMerchants / 2);
    constexpr int kOthers = (kMerchants - 1) * kTasksOfEachOther;
    auto fill = [&](bool with_giant) {
        FillQueue(url, kMerchants * kTasksOfEachOther);
        PlainConnection connection(url);
        connection.Execute(
            fmt::format("delete from citadel.scheduled_tasks where bucket = {} and merchant_id = {}",
                        giant.bucket, giant.merchant_id));
        if (with_giant) connection.Execute(fmt::format(kGiant, giant.bucket, giant.merchant_id, kGiantTasks));
        connection.Execute("vacuum analyze");
        connection.Execute("checkpoint");
    };
    std::vector<FairnessRound> all;
    for (int round = 0; round < rounds; ++round) {
        FairnessRound figures;
        fill(false);
        figures.alone_seconds = SecondsUntilSettled(url, giant, kOthers);
        fill(true);
        figures.beside_seconds = SecondsUntilSettled(url, giant, kOthers);
        all.push_back(figures);
    }
    return all;
}

}  // namespace citadel::bench

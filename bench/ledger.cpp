#include "ledger.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/books.h"
#include "webhook_load.h"

namespace citadel::bench {

namespace {

constexpr int kRowsOfARecovery = 20;  // ledger rows that tell of one
constexpr int kOpen = 100;

// Sums in memory, and no row waits for the disk: the checkpoint at the end brings everything there.
constexpr const char* kHurry = R"sql(
set work_mem = '512MB';
set maintenance_work_mem = '256MB';
set synchronous_commit = off)sql";

// What the ledger is found by is made when its rows are there: sorted once it is faster than row by row.
constexpr const char* kDropIndexes = R"sql(
create temp table dropped as select indexname, indexdef from pg_indexes
    where schemaname = 'citadel' and tablename = 'usage_logs' and indexname <> 'usage_logs_pkey';
do $$
declare
    index_name text;
begin
    for index_name in select indexname from dropped loop
        execute format('drop index citadel.%I', index_name);
    end loop;
end $$)sql";
constexpr const char* kMakeIndexes = R"sql(
do $$
declare
    definition text;
begin
    for definition in select indexdef from dropped loop
        execute definition;
    end loop;
end $$)sql";

// {0} to {4}: bucket and id of the merchant asked for, rows in all, days, rows of a recovery, how many the
// others are.
constexpr const char* kLedger = R"sql(
create temp table others as
    select row_number() over (order by merchant_id) - 1 as number, bucket, merchant_id
    from citadel.merchants where merchant_id <> {1};
analyze others;
insert into citadel.usage_logs
    (bucket, merchant_id, metric_type, amount, currency, recovery_id, occurred_at)
select coalesce(o.bucket, {0}), coalesce(o.merchant_id, {1}),
    (array['payment_failed', 'attempt', 'attempt_declined', 'email_sent', 'email_delivered', 'email_opened',
           'recovered', 'task_completed'])[i % 8 + 1],
    case when i % 8 in (0, 6) then 2000 + i % 5000 else 0 end, (array['usd', 'eur'])[i / 8 % 2 + 1],
    i / {4} + 1, now() - interval '{3} days' * (1 - i / {2}::float8)
from generate_series(0, {2} - 1) i
left join others o on i % 10 = 9 and o.number = i / 10 % {5})sql";

// {0} to {3}: bucket and id of the merchant, recoveries in all, days. The newest {4} are open.
constexpr const char* kRecoveries = R"sql(
insert into citadel.recoveries
    (bucket, merchant_id, invoice_id, customer_id, status, reason, currency, amount_due, policy, first_failed_at,
     opened_at, closed_at)
select {0}, {1}, 'in_1' || i, 'cus_' || i % 5000, case when open then 'open' else 'recovered' end,
    case when not open then 'paid' end, 'usd', 2000, 'classic/1', at, at,
    case when not open then at + interval '2 days' end
from (select i, i >= {2} - {4} as open, now() - interval '{3} days' * (1 - i / {2}::float8) as at
      from generate_series(0, {2} - 1) i) story;
insert into citadel.scheduled_tasks
    (bucket, merchant_id, task_type, status, run_at, recovery_id, result, created_at, finished_at)
select bucket, merchant_id, 'dunning_retry', case when status = 'open' then 'pending' else 'completed' end,
    opened_at + interval '2 days', recovery_id, case when status = 'open' then null else 'collected' end, opened_at,
    closed_at
from citadel.recoveries order by recovery_id)sql";

}  // namespace

void FillLedger(const std::string& url, const Tenant& asked, std::int64_t rows) {
    auto days = 365 * std::max<std::int64_t>(1, rows / 1'000'000);
    auto recoveries = rows / kRowsOfARecovery;
    PlainConnection connection(url);
    connection.Execute(kHurry);
    connection.Execute(kDropIndexes);
    connection.Execute(
        fmt::format(kLedger, asked.bucket, asked.merchant_id, rows, days, kRowsOfARecovery, kMerchants - 1));
    connection.Execute(kMakeIndexes);
    connection.Execute(fmt::format(kRecoveries, asked.bucket, asked.merchant_id, recoveries, days, kOpen));
    connection.Execute(fmt::format("with ledger as (select * from citadel.usage_logs), {} select",
                                   store::AddToDailyMetrics()));
    connection.Execute("vacuum analyze");
    connection.Execute("checkpoint");
}

}  // namespace citadel::bench

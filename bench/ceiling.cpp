#include "ceiling.h"

#include <fmt/format.h>

#include <chrono>
#include <functional>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "percentile.h"
#include "plain_sql.h"
#include "webhook_load.h"

namespace citadel::bench {

using postgres::Param;
using postgres::Params;
using postgres::Rows;
using postgres::Statement;
using SteadyClock = std::chrono::steady_clock;

namespace {

// The columns are those that an ingested invoice.payment_failed fills.
const Statement kInsert{"insert_rows", R"sql(
with input as (
    select * from unnest($2::smallint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
        as i(bucket, merchant_id, event_id, invoice_id, customer_id, subscription_id, payment_intent_id)
), events as (
    insert into citadel.processed_events
        (bucket, merchant_id, event_id, type, kind, invoice_id, amount, stripe_attempts, created_at, received_at)
    select bucket, merchant_id, event_id, 'invoice.payment_failed', 'open', invoice_id, 2000, 1, $1, $1 from input
    on conflict do nothing
), opened as (
    insert into citadel.recoveries
        (bucket, merchant_id, invoice_id, customer_id, subscription_id, payment_intent_id, status, currency,
         amount_due, policy, stripe_attempts, stripe_next_attempt_at, customer_email, customer_name, invoice_number,
         hosted_invoice_url, first_failed_at, opened_at, next_action_at)
    select bucket, merchant_id, invoice_id, customer_id, subscription_id, payment_intent_id, 'open', 'usd', 2000,
        'classic/1', 1, $1, 'payer@example.com', 'Jenny Payer', 'TEST-0007',
        'https://invoice.example.invalid/i/acct_1TestMerchant/in_1TestCycle1', $1, $1, $1 from input
    returning bucket, merchant_id, recovery_id
), tasks as (
    insert into citadel.scheduled_tasks (bucket, merchant_id, task_type, status, run_at, recovery_id, created_at)
    select bucket, merchant_id, 'dunning_retry', 'pending', $1, recovery_id, $1 from opened
), ledger as (
    insert into citadel.usage_logs
        (bucket, merchant_id, metric_type, amount, currency, recovery_id, event_id, occurred_at)
    select bucket, merchant_id, 'payment_failed', 2000, 'usd', recovery_id, 'evt_1000000000000', $1 from opened
)
insert into citadel.daily_metrics as d (bucket, merchant_id, date, currency, failed_count, failed_amount)
select bucket, merchant_id, ($1::timestamptz at time zone 'UTC')::date, 'usd', count(*), count(*) * 2000
from input group by 1, 2 order by 1, 2
on conflict (bucket, merchant_id, date, currency) do update
set failed_count = d.failed_count + excluded.failed_count, failed_amount = d.failed_amount + excluded.failed_amount
)sql"};

const Statement kClaim{"claim_rows", R"sql(
with due as (
    select bucket, merchant_id, task_id from citadel.scheduled_tasks
    where status = 'pending' and run_at <= $1 and bucket = $3
    order by merchant_id, run_at limit $2 for update skip locked
)
update citadel.scheduled_tasks q set status = 'running', tries = q.tries + 1, lease_token = gen_random_uuid(),
    lease_expires_at = $1::timestamptz + interval '2 minutes'
from due where q.bucket = due.bucket and q.merchant_id = due.merchant_id and q.task_id = due.task_id
returning q.bucket, q.merchant_id, q.task_id, q.lease_token)sql"};

const Statement kComplete{"complete_rows", R"sql(
with input as (
    select * from unnest($2::smallint[], $3::bigint[], $4::bigint[], $5::uuid[])
        as i(bucket, merchant_id, task_id, lease_token)
), ended as (
    update citadel.scheduled_tasks q set status = 'completed', lease_token = null, lease_expires_at = null,
        result = 'nothing to do', finished_at = $1
    from input i where q.bucket = i.bucket and q.merchant_id = i.merchant_id and q.task_id = i.task_id
        and q.status = 'running' and q.lease_token = i.lease_token
    returning q.bucket, q.merchant_id, q.recovery_id
), ledger as (
    insert into citadel.usage_logs (bucket, merchant_id, metric_type, currency, recovery_id, occurred_at)
    select bucket, merchant_id, 'task_completed', 'usd', recovery_id, $1 from ended
)
insert into citadel.daily_metrics as d (bucket, merchant_id, date, currency, tasks_completed)
select bucket, merchant_id, ($1::timestamptz at time zone 'UTC')::date, 'usd', count(*)
from ended group by 1, 2 order by 1, 2
on conflict (bucket, merchant_id, date, currency) do update
set tasks_completed = d.tasks_completed + excluded.tasks_completed)sql"};

constexpr const char* kEmpty =
    "truncate citadel.processed_events, citadel.recoveries, citadel.scheduled_tasks, citadel.usage_logs, "
    "citadel.daily_metrics";

std::string Now() { return FormatTime(SystemClock().Now()); }

// One connection's share of the work: `step` does one batch and says how many rows it was.
using Step = std::function<int(PlainConnection&)>;

struct Share {
    std::int64_t rows = 0;
    std::vector<double> batch_ms;
};

Share RunShare(PlainConnection& connection, const Step& step, SteadyClock::time_point ends) {
    Share share;
    while (SteadyClock::now() < ends) {
        auto began = SteadyClock::now();
        int rows = step(connection);
        std::chrono::duration<double, std::milli> took = SteadyClock::now() - began;
        share.rows += rows;
        share.batch_ms.push_back(took.count());
        if (rows == 0) break;
    }
    return share;
}

CeilingResult RunSideBySide(std::vector<std::unique_ptr<PlainConnection>>& connections,
                            const std::vector<Step>& steps, double seconds) {
    auto began = SteadyClock::now();
    auto ends =
        began + std::chrono::duration_cast<SteadyClock::duration>(std::chrono::duration<double>(seconds));
    std::vector<Share> shares(steps.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        threads.emplace_back([&, i] { shares[i] = RunShare(*connections[i], steps[i], ends); });
    }
    for (auto& thread : threads) thread.join();
    CeilingResult result;
    std::chrono::duration<double> took = SteadyClock::now() - began;
    result.seconds = took.count();
    std::vector<double> all;
    for (const auto& share : shares) {
        result.rows += share.rows;
        all.insert(all.end(), share.batch_ms.begin(), share.batch_ms.end());
    }
    result.p50_ms = Percentile(all, 0.50);
    result.p99_ms = Percentile(all, 0.99);
    return result;
}

int InsertBatch(PlainConnection& connection, int batch, std::int64_t& serial) {
    std::vector<Param> columns[7];
    for (int i = 0; i < batch; ++i, ++serial) {
        auto tenant = TenantOf(static_cast<int>(serial % kMerchants));
        columns[0].push_back(std::to_string(tenant.bucket));
        columns[1].push_back(std::to_string(tenant.merchant_id));
        columns[2].push_back(fmt::format("evt_1{:012}", serial));
        columns[3].push_back(fmt::format("in_1{:012}", serial));
        columns[4].push_back(fmt::format("cus_{:012}", serial));
        columns[5].push_back(fmt::format("sub_1{:012}", serial));
        columns[6].push_back(fmt::format("pi_3{:012}", serial));
    }
    Params params;
    params.Text(Now());
    for (const auto& column : columns) params.Array(column);
    connection.Run(kInsert, params);
    return batch;
}

// Claims from one bucket after another, as the schema's keys want it.
int ClaimBatch(PlainConnection& connection, int batch, int& bucket) {
    for (int tried = 0; tried < 64; ++tried, bucket = (bucket + 1) % 64) {
        Params claim;
        claim.Text(Now()).Int(batch).Int(bucket);
        Rows rows = connection.Run(kClaim, claim);
        if (rows.empty()) continue;
        std::vector<Param> columns[4];
        for (int row = 0; row < rows.size(); ++row) {
            for (int column = 0; column < 4; ++column) columns[column].push_back(rows.Text(row, column));
        }
        Params complete;
        complete.Text(Now());
        for (const auto& column : columns) complete.Array(column);
        connection.Run(kComplete, complete);
        return rows.size();
    }
    return 0;
}

}  // namespace

CeilingResult MeasureInserts(const std::string& url, int batch, int connections, double seconds) {
    std::vector<std::unique_ptr<PlainConnection>> opened;
    std::vector<std::int64_t> serials;
    std::vector<Step> steps;
    for (int i = 0; i < connections; ++i) {
        opened.push_back(std::make_unique<PlainConnection>(url));
        serials.push_back(i * 1'000'000'000ll);
    }
    opened.front()->Execute(kEmpty);
    for (int i = 0; i < connections; ++i) {
        opened[static_cast<std::size_t>(i)]->Prepare(kInsert);
        auto& serial = serials[static_cast<std::size_t>(i)];
        steps.push_back([batch, &serial](PlainConnection& c) { return InsertBatch(c, batch, serial); });
    }
    return RunSideBySide(opened, steps, seconds);
}

void FillQueue(const std::string& url, int waiting) {
    PlainConnection connection(url);
    connection.Execute(kEmpty);
    connection.Prepare(kInsert);
    std::int64_t serial = 0;
    while (serial < waiting) InsertBatch(connection, 1000, serial);
    connection.Execute("vacuum analyze");
}

CeilingResult MeasureClaims(const std::string& url, int batch, int connections, double seconds, int waiting) {
    FillQueue(url, waiting);
    std::vector<std::unique_ptr<PlainConnection>> opened;
    std::vector<int> buckets;
    std::vector<Step> steps;
    for (int i = 0; i < connections; ++i) {
        opened.push_back(std::make_unique<PlainConnection>(url));
        opened.back()->Prepare(kClaim);
        opened.back()->Prepare(kComplete);
        buckets.push_back(i * 32);
    }
    for (int i = 0; i < connections; ++i) {
        auto& bucket = buckets[static_cast<std::size_t>(i)];
        steps.push_back([batch, &bucket](PlainConnection& c) { return ClaimBatch(c, batch, bucket); });
    }
    return RunSideBySide(opened, steps, seconds);
}

}  // namespace citadel::bench

// The janitor's and the observer's statements of the queue; declared in store/tasks.h.
#include "store/books.h"
#include "store/tasks.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Rows;
using postgres::Statement;

namespace {

// A lease that ran out: back to the queue, or, after too many crashed workers, failed for good; its
// recovery is then stopped, so that no open recovery is left without a task. Index: scheduled_tasks_leases.
const Statement& RescueStatement() {
    static const Statement statement{"rescue_expired", std::string(R"sql(
with expired as materialized (
    select bucket, merchant_id, task_id, recovery_id, task_type, tries from citadel.scheduled_tasks
    where status = 'running' and lease_expires_at <= citadel.at($1)
    order by bucket, merchant_id, task_id limit 500
    for update skip locked
), freed as (
    update citadel.scheduled_tasks q set
        status = case when e.tries >= $2 then 'failed' else 'pending' end,
        finished_at = case when e.tries >= $2 then citadel.at($1) end,
        result = case when e.tries >= $2 then 'its worker was lost ' || e.tries || ' times' else q.result end,
        lease_token = null, lease_expires_at = null
    from expired e
    where q.bucket = e.bucket and q.merchant_id = e.merchant_id and q.task_id = e.task_id
    returning q.bucket, q.merchant_id, q.recovery_id, q.task_type, q.status
), stopped as (
    update citadel.recoveries r set status = 'stopped', reason = 'task_failed', closed_at = citadel.at($1),
        next_action_at = null,
        wind_down = case when r.auto_advance_taken then 'give_back' else '' end
    from freed f
    where f.status = 'failed' and r.bucket = f.bucket and r.merchant_id = f.merchant_id
        and r.recovery_id = f.recovery_id and r.status = 'open'
    returning r.bucket, r.merchant_id, r.recovery_id, r.currency
), vanished as (
    delete from citadel.scheduled_tasks q using stopped s
    where q.bucket = s.bucket and q.merchant_id = s.merchant_id and q.recovery_id = s.recovery_id
        and q.status = 'pending'
), lines as (
    select f.bucket, f.merchant_id, f.recovery_id, 'task_failed' as metric_type, coalesce(s.currency, '') as currency
    from freed f left join stopped s
        on s.bucket = f.bucket and s.merchant_id = f.merchant_id and s.recovery_id = f.recovery_id
    where f.status = 'failed'
    union all
    select bucket, merchant_id, recovery_id, 'stopped', currency from stopped
), ledger as (
    insert into citadel.usage_logs (bucket, merchant_id, metric_type, currency, recovery_id, occurred_at)
    select bucket, merchant_id, metric_type, currency, recovery_id, citadel.at($1) from lines
    returning bucket, merchant_id, metric_type, quantity, amount, currency, occurred_at
), )sql") + AddToDailyMetrics() + R"sql(
select count(*) filter (where status = 'pending'), count(*) filter (where status = 'failed') from freed)sql"};
    return statement;
}

// Only where some account of the merchant is connected: nobody else can be asked, and a task that can do
// nothing would be made anew for ever. A doubt of a merchant who left waits for his return.
// Index: payment_attempts_one_unsettled and recoveries_winding_down, which hold nothing but what is looked
// for.
const Statement kQueueUnsettled{"queue_unsettled", R"sql(
insert into citadel.scheduled_tasks (bucket, merchant_id, task_type, status, run_at, recovery_id, created_at)
select bucket, merchant_id, 'dunning_retry', 'pending', citadel.at($2), recovery_id, citadel.at($2)
from (
    select a.bucket, a.merchant_id, a.recovery_id from citadel.payment_attempts a join citadel.recoveries r
        on r.bucket = a.bucket and r.merchant_id = a.merchant_id and r.recovery_id = a.recovery_id
    where a.outcome is null and a.intended_at < citadel.at($1) and r.status <> 'open'
    union
    select r.bucket, r.merchant_id, r.recovery_id from citadel.recoveries r
    where r.wind_down <> '' and r.status <> 'open'
) unfinished
where exists (select from citadel.stripe_accounts c where c.bucket = unfinished.bucket
    and c.merchant_id = unfinished.merchant_id and c.disconnected_at is null)
order by bucket, merchant_id, recovery_id limit 500
on conflict (bucket, merchant_id, recovery_id, task_type)
    where status in ('pending', 'running') and recovery_id is not null do nothing)sql"};

// Index: scheduled_tasks_due and scheduled_tasks_leases, whole; for reports and the demo, not per request.
const Statement kQueueDepth{"queue_depth", R"sql(
select count(*) filter (where status = 'pending' and run_at <= citadel.at($1)),
    count(*) filter (where status = 'running'),
    citadel.micros(min(run_at) filter (where status = 'pending' and run_at > citadel.at($1)))
from citadel.scheduled_tasks where status in ('pending', 'running'))sql"};

}  // namespace

asio::awaitable<Rescue> RescueExpiredAcrossMerchants(postgres::Pool& pool, Time now, int tries_max) {
    Params params;
    params.At(now).Int(tries_max);
    Rows rows = co_await pool.Run(RescueStatement(), std::move(params));
    Rescue rescue;
    rescue.returned = rows.Int(0, 0);
    rescue.failed = rows.Int(0, 1);
    co_return rescue;
}

asio::awaitable<std::int64_t> QueueUnsettledAcrossMerchants(postgres::Pool& pool, Time intended_before,
                                                            Time now) {
    Params params;
    params.At(intended_before).At(now);
    Rows rows = co_await pool.Run(kQueueUnsettled, std::move(params));
    co_return rows.affected();
}

asio::awaitable<QueueDepth> ReadQueueDepthAcrossMerchants(postgres::Pool& pool, Time now) {
    Params params;
    params.At(now);
    Rows rows = co_await pool.Run(kQueueDepth, std::move(params));
    QueueDepth depth;
    depth.due = rows.Int(0, 0);
    depth.running = rows.Int(0, 1);
    depth.next_run_at = rows.MaybeAt(0, 2);
    co_return depth;
}

}  // namespace citadel::store

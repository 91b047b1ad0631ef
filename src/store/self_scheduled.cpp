#include "store/self_scheduled.h"

#include <boost/json.hpp>

#include "base/error.h"
#include "store/json_rows.h"

namespace citadel::store {

namespace asio = boost::asio;
namespace json = boost::json;
using postgres::Params;
using postgres::Rows;
using postgres::Statement;

namespace {

const Statement kClaimSelfScheduled{"claim_self_scheduled", R"sql(
with picked as materialized (
    select ctid as row_id from citadel.scheduled_tasks
    where status = 'pending' and task_type in ('report_usage', 'send_weekly_digest') and run_at <= citadel.at($1)
    order by run_at limit $2
    for update skip locked
)
update citadel.scheduled_tasks q set status = 'running', tries = q.tries + 1, lease_token = gen_random_uuid(),
    lease_expires_at = citadel.at($3)
from picked p where q.ctid = p.row_id  -- locked above, so it has not moved
returning q.bucket, q.merchant_id, q.task_id, q.task_type, q.lease_token, citadel.micros(q.lease_expires_at), q.tries,
    q.deferrals)sql"};

// The successor hangs on `ended`, so that the place under the unique key is free before it is taken. Not a
// line of the ledger: this is our own housekeeping, not work for the merchant.
const Statement kEndSelfScheduled{"end_self_scheduled", R"sql(
with item as materialized (
    select * from jsonb_to_recordset($1::jsonb) as x(ord int, bucket smallint, merchant_id bigint, task_id bigint,
        lease_token uuid, task_end text, result text, next_at bigint)
), held as materialized (
    select i.*, i.task_end in ('deferred', 'retried') as again, q.run_at as ran_at from item i
    join citadel.scheduled_tasks q
        on q.bucket = i.bucket and q.merchant_id = i.merchant_id and q.task_id = i.task_id
    where q.status = 'running' and q.lease_token = i.lease_token
    order by q.bucket, q.merchant_id, q.task_id
    for update of q
), ended as (
    update citadel.scheduled_tasks q set
        status = case when h.again then 'pending' else h.task_end end,
        run_at = case when h.again then citadel.at(h.next_at) else q.run_at end,
        tries = case h.task_end when 'deferred' then 0 else q.tries end,
        deferrals = q.deferrals + case h.task_end when 'deferred' then 1 else 0 end,
        lease_token = null, lease_expires_at = null, result = h.result,
        finished_at = case when not h.again then citadel.at($2) end
    from held h
    where q.bucket = h.bucket and q.merchant_id = h.merchant_id and q.task_id = h.task_id
    returning h.ord, q.bucket, q.merchant_id, q.task_type
), followed as (
    insert into citadel.scheduled_tasks (bucket, merchant_id, task_type, status, run_at, created_at)
    select e.bucket, e.merchant_id, e.task_type, 'pending', n.run_at, citadel.at($2)
    from ended e join held h on h.ord = e.ord cross join lateral (
        select citadel.at(h.next_at) as run_at where e.task_type = 'report_usage'
        union all
        select citadel.next_digest_at(citadel.known_zone(m.timezone),
            greatest(h.ran_at, citadel.at($2) - interval '7 days'))
        from citadel.merchants m
        where e.task_type = 'send_weekly_digest' and m.bucket = e.bucket and m.merchant_id = e.merchant_id
            and m.digest_enabled and exists (select from citadel.stripe_accounts a where a.bucket = m.bucket
                and a.merchant_id = m.merchant_id and a.disconnected_at is null)) n
    where not h.again
    order by e.bucket, e.merchant_id
    on conflict (bucket, merchant_id, task_type)
        where status in ('pending', 'running') and task_type in ('report_usage', 'send_weekly_digest') do nothing
)
select i.ord, h.ord is not null from item i left join held h on h.ord = i.ord order by i.ord)sql"};

// Index: scheduled_tasks_one_self_scheduled for who has one; stripe_accounts is small.
const Statement kRestoreSelfScheduled{"restore_self_scheduled", R"sql(
insert into citadel.scheduled_tasks (bucket, merchant_id, task_type, status, run_at, created_at)
select w.bucket, w.merchant_id, w.task_type, 'pending', w.run_at, citadel.at($1) from (
    select m.bucket, m.merchant_id, 'send_weekly_digest' as task_type,
        citadel.next_digest_at(citadel.known_zone(m.timezone), citadel.at($1)) as run_at
    from citadel.merchants m
    where m.digest_enabled and exists (select from citadel.stripe_accounts a where a.bucket = m.bucket
            and a.merchant_id = m.merchant_id and a.disconnected_at is null)
        and not exists (select from citadel.scheduled_tasks q where q.bucket = m.bucket
            and q.merchant_id = m.merchant_id and q.task_type = 'send_weekly_digest'
            and q.status in ('pending', 'running') and q.task_type in ('report_usage', 'send_weekly_digest'))
    union all
    select 0, 0, 'report_usage', citadel.at($1)
    where exists (select from citadel.merchants where platform_customer_id is not null)
        and not exists (select from citadel.scheduled_tasks q where q.bucket = 0 and q.merchant_id = 0
            and q.task_type = 'report_usage' and q.status in ('pending', 'running')
            and q.task_type in ('report_usage', 'send_weekly_digest'))) w
order by w.bucket, w.merchant_id, w.task_type
on conflict (bucket, merchant_id, task_type)
    where status in ('pending', 'running') and task_type in ('report_usage', 'send_weekly_digest') do nothing)sql"};

}  // namespace

asio::awaitable<std::vector<Task>> ClaimSelfScheduledAcrossMerchants(postgres::Pool& pool, Time now,
                                                                     int limit, Duration lease) {
    Params params;
    params.At(now).Int(limit).At(now + lease);
    Rows rows = co_await pool.Run(kClaimSelfScheduled, std::move(params));
    std::vector<Task> tasks;
    for (int row = 0; row < rows.size(); ++row) {
        auto& task = tasks.emplace_back();
        task.merchant.bucket = static_cast<std::int16_t>(rows.Int(row, 0));
        task.merchant.id = rows.Int(row, 1);
        task.id = rows.Int(row, 2);
        task.type = rows.Text(row, 3);
        task.lease_token = rows.Text(row, 4);
        task.lease_expires_at = rows.At(row, 5);
        task.tries = static_cast<int>(rows.Int(row, 6));
        task.deferrals = static_cast<int>(rows.Int(row, 7));
    }
    co_return tasks;
}

asio::awaitable<std::vector<SettleVerdict>> EndSelfScheduled(postgres::Pool& pool,
                                                             std::vector<SelfScheduledEnd> batch, Time now) {
    json::array items;
    for (const auto& end : batch) {
        json::object row = KeyOf(end.task);
        row["ord"] = items.size();
        row["task_end"] = SqlName(end.end);
        row["result"] = end.result;
        row["next_at"] = end.next_at.time_since_epoch().count();
        items.push_back(std::move(row));
    }
    Params params;
    params.Text(json::serialize(items)).At(now);
    Rows rows = co_await pool.Run(kEndSelfScheduled, std::move(params));
    CITADEL_CHECK(rows.size() == static_cast<int>(batch.size()), "every end of a batch is answered");
    std::vector<SettleVerdict> verdicts;
    verdicts.reserve(batch.size());
    for (int row = 0; row < rows.size(); ++row) {
        verdicts.push_back(rows.Bool(row, 1) ? SettleVerdict::kSettled : SettleVerdict::kLeaseLost);
    }
    co_return verdicts;
}

asio::awaitable<std::int64_t> RestoreSelfScheduledAcrossMerchants(postgres::Pool& pool, Time now) {
    Params params;
    params.At(now);
    Rows rows = co_await pool.Run(kRestoreSelfScheduled, std::move(params));
    co_return rows.affected();
}

}  // namespace citadel::store

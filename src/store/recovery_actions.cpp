#include "store/recovery_actions.h"

#include "base/error.h"
#include "store/books.h"
#include "store/tenant.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Rows;
using postgres::Statement;

namespace {

const Statement& StopStatement() {
    static const Statement statement{"stop_by_merchant", std::string(R"sql(
with stopping as materialized (
    select bucket, merchant_id, recovery_id, status, policy from citadel.recoveries
    where bucket = $1 and merchant_id = $2 and recovery_id = $3 for update
), stopped as (
    update citadel.recoveries r set status = 'stopped', reason = 'stopped_by_merchant', closed_at = citadel.at($4),
        next_action_at = null, collect_now_at = null,
        wind_down = case when r.auto_advance_taken then 'give_back' else '' end
    from stopping s where s.status = 'open' and r.bucket = s.bucket and r.merchant_id = s.merchant_id
        and r.recovery_id = s.recovery_id
    returning r.bucket, r.merchant_id, r.recovery_id, r.currency
), vanished as (
    delete from citadel.scheduled_tasks q using stopped s
    where q.bucket = s.bucket and q.merchant_id = s.merchant_id and q.recovery_id = s.recovery_id
        and q.status = 'pending'
), decided as (
    insert into citadel.recovery_decisions
        (bucket, merchant_id, recovery_id, decided_at, action, rule, reason, policy)
    select bucket, merchant_id, recovery_id, citadel.at($4), 'stop', 'stopped_by_merchant', 'stopped by hand', policy
    from stopping where status = 'open'
), ledger as (
    insert into citadel.usage_logs
        (bucket, merchant_id, metric_type, quantity, amount, currency, recovery_id, occurred_at)
    select bucket, merchant_id, 'stopped', 1, 0, currency, recovery_id, citadel.at($4) from stopped
    returning bucket, merchant_id, metric_type, quantity, amount, currency, occurred_at
), )sql") + AddToDailyMetrics() + R"sql(
select case when status in ('open', 'stopped') then 'done' else 'closed' end from stopping)sql"};
    return statement;
}

// A run that is under way at this moment reads collect_now_at no more; the task it leaves behind does.
const Statement kCollectNow{"collect_now", R"sql(
with wanted as materialized (
    select bucket, merchant_id, recovery_id, status, needs_customer, budget_free_at from citadel.recoveries
    where bucket = $1 and merchant_id = $2 and recovery_id = $3 for update
), verdict as materialized (
    select w.bucket, w.merchant_id, w.recovery_id, case when w.status <> 'open' then 'closed'
        when m.retry_mode = 'observe' then 'observe_only'
        when not exists (select from citadel.stripe_accounts a where a.bucket = w.bucket
            and a.merchant_id = w.merchant_id and a.disconnected_at is null) then 'not_connected'
        when w.needs_customer then 'customer_needed'
        when w.budget_free_at > citadel.at($4) then 'network_limit' else 'done' end as verdict
    from wanted w join citadel.merchants m on m.bucket = w.bucket and m.merchant_id = w.merchant_id
), marked as (
    update citadel.recoveries r set collect_now_at = citadel.at($4), next_action_at = citadel.at($4)
    from verdict v where v.verdict = 'done' and r.bucket = v.bucket and r.merchant_id = v.merchant_id
        and r.recovery_id = v.recovery_id
), lined_up as (
    insert into citadel.scheduled_tasks as q
        (bucket, merchant_id, task_type, status, run_at, recovery_id, created_at)
    select bucket, merchant_id, 'dunning_retry', 'pending', citadel.at($4), recovery_id, citadel.at($4)
    from verdict where verdict = 'done'
    on conflict (bucket, merchant_id, recovery_id, task_type)
        where status in ('pending', 'running') and recovery_id is not null
    do update set run_at = least(q.run_at, excluded.run_at)
)
select verdict from verdict)sql"};

ActionVerdict VerdictOf(const Rows& rows) {
    if (rows.empty()) return ActionVerdict::kNoSuchRecovery;
    auto name = rows.Text(0, 0);
    if (name == "closed") return ActionVerdict::kClosed;
    if (name == "customer_needed") return ActionVerdict::kCustomerNeeded;
    if (name == "observe_only") return ActionVerdict::kObserveOnly;
    if (name == "network_limit") return ActionVerdict::kNetworkLimit;
    if (name == "not_connected") return ActionVerdict::kNotConnected;
    CITADEL_CHECK(name == "done", "the statement gives verdicts that are known");
    return ActionVerdict::kDone;
}

Params OfRecovery(MerchantKey merchant, std::int64_t recovery_id, Time now) {
    Params params = KeyParams(merchant);
    params.Int(recovery_id).At(now);
    return params;
}

}  // namespace

asio::awaitable<ActionVerdict> StopByMerchant(postgres::Pool& pool, MerchantKey merchant,
                                              std::int64_t recovery_id, Time now) {
    Rows rows = co_await RunAsTenant(pool, merchant, StopStatement(), OfRecovery(merchant, recovery_id, now));
    co_return VerdictOf(rows);
}

asio::awaitable<ActionVerdict> CollectNow(postgres::Pool& pool, MerchantKey merchant,
                                          std::int64_t recovery_id, Time now) {
    Rows rows = co_await RunAsTenant(pool, merchant, kCollectNow, OfRecovery(merchant, recovery_id, now));
    co_return VerdictOf(rows);
}

}  // namespace citadel::store

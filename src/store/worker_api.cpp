#include "store/worker_api.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "store/books.h"
#include "store/tenant.h"

namespace citadel::store {

namespace asio = boost::asio;
namespace json = boost::json;
using postgres::Param;
using postgres::Params;
using postgres::Query;
using postgres::Rows;
using postgres::Statement;

namespace {

constexpr auto kAnswersKept = std::chrono::hours(7 * 24);

// A walk along scheduled_tasks_due from tenant to tenant, as store/tasks claims: each gives what it has due,
// the turns are dealt by rank, and what another caller holds is skipped.
const Statement& ClaimStatement() {
    static const Statement statement{"claim_outside", fmt::format(R"sql(
with recursive walk as (
    (select bucket, merchant_id from citadel.scheduled_tasks where status = 'pending'
     order by bucket, merchant_id, run_at limit 1)
    union all
    select next.* from walk w cross join lateral (
        select q.bucket, q.merchant_id from citadel.scheduled_tasks q
        where q.status = 'pending' and (q.bucket, q.merchant_id) > (w.bucket, w.merchant_id)
        order by q.bucket, q.merchant_id, q.run_at limit 1) next
), offered as materialized (
    select d.task_id, w.bucket, w.merchant_id, row_number() over (partition by w.bucket, w.merchant_id) as turn, d.run_at
    from walk w cross join lateral (
        select q.task_id, q.run_at from citadel.scheduled_tasks q
        where q.bucket = w.bucket and q.merchant_id = w.merchant_id and q.status = 'pending'
            and q.run_at <= citadel.at($1) and q.task_type = any ($3::text[])
        order by q.run_at limit $2) d
), picked as materialized (
    select q.ctid as row_id from (select * from offered order by turn, run_at limit $2 * 4) o
    join citadel.scheduled_tasks q on q.bucket = o.bucket and q.merchant_id = o.merchant_id and q.task_id = o.task_id
    where q.status = 'pending'
    order by o.turn, o.run_at limit $2
    for update of q skip locked
), claimed as (
    update citadel.scheduled_tasks q set status = 'running', tries = q.tries + 1, lease_token = gen_random_uuid(),
        lease_expires_at = citadel.at($4)
    from picked p where q.ctid = p.row_id
    returning q.*
)
select c.bucket, c.merchant_id, c.task_id, c.task_type, citadel.micros(c.run_at), c.tries, c.deferrals, c.lease_token,
    citadel.micros(c.lease_expires_at), a.stripe_account_id, n.customer_id, n.subscription_id,
    citadel.micros(n.renews_at), {}
from claimed c
left join citadel.recoveries r
    on r.bucket = c.bucket and r.merchant_id = c.merchant_id and r.recovery_id = c.recovery_id
left join citadel.renewal_notices n
    on n.bucket = c.bucket and n.merchant_id = c.merchant_id and n.notice_id = c.notice_id
left join lateral (
    select * from citadel.stripe_accounts a where a.bucket = c.bucket and a.merchant_id = c.merchant_id
        and a.disconnected_at is null order by a.connected_at desc limit 1) a on true
order by c.run_at, c.task_id)sql",
                                                                  kRecoveryLineColumns)};
    return statement;
}

const Statement kExtendLease{"extend_lease", R"sql(
with target as materialized (
    select status = 'running' and lease_token = $4::uuid as held from citadel.scheduled_tasks
    where bucket = $1 and merchant_id = $2 and task_id = $3 for update
), extended as (
    update citadel.scheduled_tasks q set lease_expires_at = greatest(q.lease_expires_at, citadel.at($5))
    from target t where t.held and q.bucket = $1 and q.merchant_id = $2 and q.task_id = $3
    returning q.lease_expires_at
)
select t.held is true, citadel.micros(e.lease_expires_at) from target t left join extended e on true)sql"};

const Statement kToldBefore{"told_before", R"sql(
select answer::text from citadel.worker_answers
where bucket = $1 and merchant_id = $2 and task_id = $3 and lease_token = $4::uuid)sql"};

// $5 success, $6 amount, $7 currency or null, $8 error or null, $9 run again at or null, $10 now, $11 forget
// before. As store/tasks settles: the lease decides, the recovery's row is locked, "paid" outranks every
// other end, and a task that fails for good stops its recovery. A success that recovers nothing leaves the
// next run behind.
const Statement& CompleteStatement() {
    static const Statement statement{"complete_outside", std::string(R"sql(
with target as materialized (
    select q.bucket, q.merchant_id, q.task_id, q.recovery_id, q.status = 'running' and q.lease_token = $4::uuid as held
    from citadel.scheduled_tasks q where q.bucket = $1 and q.merchant_id = $2 and q.task_id = $3 for update
), about as materialized (
    select r.bucket, r.merchant_id, r.recovery_id, r.status, r.currency, r.amount_reversed
    from target t join citadel.recoveries r
        on r.bucket = t.bucket and r.merchant_id = t.merchant_id and r.recovery_id = t.recovery_id
    where t.held for update of r
), verdict as materialized (
    select t.bucket, t.merchant_id, t.task_id, t.recovery_id, t.held is true as held,
        t.held and $7::text is not null and (a.currency is null or a.currency <> $7) as wrong_currency,
        a.status as was, coalesce(a.currency, '') as currency, coalesce(a.amount_reversed, 0) as amount_reversed,
        case when $5::boolean then 'completed' when $9::bigint is not null then 'pending' else 'failed' end as ends
    from target t left join about a on true
), held as materialized (
    select v.*, case when $5 and $7::text is not null and v.was <> 'recovered' then 'recovered'
        when v.ends = 'failed' and v.was = 'open' then 'stopped' else v.was end as becomes
    from verdict v where v.held and not v.wrong_currency
), ended as (
    update citadel.scheduled_tasks q set status = h.ends, lease_token = null, lease_expires_at = null,
        result = coalesce($8, case when h.ends = 'completed' then 'completed by a worker outside' else q.result end),
        run_at = case h.ends when 'pending' then citadel.at($9) else q.run_at end,
        tries = case h.ends when 'pending' then 0 else q.tries end,
        deferrals = q.deferrals + case h.ends when 'pending' then 1 else 0 end,
        finished_at = case when h.ends <> 'pending' then citadel.at($10) end
    from held h where q.bucket = h.bucket and q.merchant_id = h.merchant_id and q.task_id = h.task_id
    returning q.bucket, q.merchant_id, q.task_id
), changed as (
    update citadel.recoveries r set status = h.becomes,
        reason = case h.becomes when 'recovered' then 'paid' else 'task_failed' end,
        cause = case h.becomes when 'recovered' then 'retry' end,
        amount_recovered = case h.becomes when 'recovered' then $6::bigint else r.amount_recovered end,
        closed_at = citadel.at($10), next_action_at = null,
        wind_down = case when h.becomes = 'stopped' and r.auto_advance_taken then 'give_back' else '' end
    from held h where h.becomes <> h.was and r.bucket = h.bucket and r.merchant_id = h.merchant_id
        and r.recovery_id = h.recovery_id
    returning r.bucket, r.merchant_id, r.recovery_id
), vanished as (
    delete from citadel.scheduled_tasks q using changed c
    where q.bucket = c.bucket and q.merchant_id = c.merchant_id and q.recovery_id = c.recovery_id
        and q.status = 'pending'
), followed as (
    insert into citadel.scheduled_tasks (bucket, merchant_id, task_type, status, run_at, recovery_id, created_at)
    select h.bucket, h.merchant_id, 'dunning_retry', 'pending', citadel.at($9), h.recovery_id, citadel.at($10)
    from ended e join held h on h.task_id = e.task_id
    where h.ends = 'completed' and h.becomes = 'open'
    on conflict (bucket, merchant_id, recovery_id, task_type)
        where status in ('pending', 'running') and recovery_id is not null do nothing
), planned as (
    update citadel.recoveries r set next_action_at = citadel.at($9)
    from held h where h.becomes = 'open' and r.bucket = h.bucket and r.merchant_id = h.merchant_id
        and r.recovery_id = h.recovery_id
), answered as (
    insert into citadel.worker_answers (bucket, merchant_id, task_id, lease_token, answer, answered_at)
    select bucket, merchant_id, task_id, $4::uuid, jsonb_build_object('status', ends, 'recoveryStatus', becomes,
            'amount', case when becomes = 'recovered' and was <> 'recovered' then $6::bigint end, 'currency', currency,
            'runsAt', case when ends = 'pending' or (ends = 'completed' and becomes = 'open') then $9::bigint end),
        citadel.at($10)
    from held
    returning answer
), forgotten as (
    delete from citadel.worker_answers w using held h
    where w.bucket = h.bucket and w.merchant_id = h.merchant_id and w.answered_at < citadel.at($11)
), lines as (
    select bucket, merchant_id, recovery_id, currency, 'task_' || ends as metric_type, 1 as quantity, 0::bigint as amount
    from held where ends <> 'pending'
    union all
    select bucket, merchant_id, recovery_id, currency, becomes, 1, case becomes when 'recovered' then $6::bigint else 0 end
    from held where becomes <> was
    union all
    select bucket, merchant_id, recovery_id, currency, was, -1, 0 from held where becomes <> was and was <> 'open'
    union all
    select bucket, merchant_id, recovery_id, currency, 'reversed', 1, least(amount_reversed, $6::bigint)
    from held where becomes <> was and becomes = 'recovered' and amount_reversed > 0
), ledger as (
    insert into citadel.usage_logs
        (bucket, merchant_id, metric_type, quantity, amount, currency, recovery_id, occurred_at)
    select bucket, merchant_id, metric_type, quantity, amount, currency, recovery_id, citadel.at($10) from lines
    returning bucket, merchant_id, metric_type, quantity, amount, currency, occurred_at
), )sql") + AddToDailyMetrics() + R"sql(
select v.held, v.wrong_currency is true, a.answer::text from verdict v left join answered a on true)sql"};
    return statement;
}

void ReadAnswer(OutsideCompletion& completion, const std::string& text) {
    auto answer = json::parse(text).as_object();
    auto text_of = [&answer](const char* name) {
        return answer.at(name).is_null() ? std::string() : std::string(answer.at(name).as_string());
    };
    completion.status = text_of("status");
    completion.recovery_status = text_of("recoveryStatus");
    if (!answer.at("amount").is_null())
        completion.recovered = Money{answer.at("amount").as_int64(), text_of("currency")};
    if (!answer.at("runsAt").is_null()) completion.runs_at = Time(Duration(answer.at("runsAt").as_int64()));
}

Params LeaseParams(const OutsideLease& lease) {
    Params params = KeyParams(lease.merchant);
    params.Int(lease.task_id).Text(lease.lease_token);
    return params;
}

}  // namespace

asio::awaitable<std::vector<OutsideTask>> ClaimAcrossMerchants(postgres::Pool& pool, OutsideClaim claim,
                                                               Time now) {
    std::vector<Param> types(claim.task_types.begin(), claim.task_types.end());
    Params params;
    params.At(now).Int(claim.limit).Array(types).At(now + claim.lease);
    Rows rows = co_await pool.Run(ClaimStatement(), std::move(params));
    std::vector<OutsideTask> tasks;
    for (int row = 0; row < rows.size(); ++row) {
        OutsideTask task;
        task.merchant.bucket = static_cast<std::int16_t>(rows.Int(row, 0));
        task.merchant.id = rows.Int(row, 1);
        task.id = rows.Int(row, 2);
        task.task_type = rows.Text(row, 3);
        task.run_at = rows.At(row, 4);
        task.tries = rows.Int(row, 5);
        task.deferrals = rows.Int(row, 6);
        task.lease_token = rows.Text(row, 7);
        task.lease_expires_at = rows.At(row, 8);
        task.stripe_account_id = rows.Text(row, 9);
        if (!rows.IsNull(row, 10))
            task.renewal = RenewalLine{rows.Text(row, 10), rows.Text(row, 11), rows.At(row, 12)};
        if (!rows.IsNull(row, 13)) task.recovery = ReadRecoveryLine(rows, row, 13);
        tasks.push_back(std::move(task));
    }
    co_return tasks;
}

asio::awaitable<Extended> ExtendLease(postgres::Pool& pool, OutsideLease lease, Time until) {
    Params params = LeaseParams(lease);
    params.At(until);
    Rows rows = co_await pool.Run(kExtendLease, std::move(params));
    Extended extended;
    if (rows.empty()) extended.verdict = LeaseVerdict::kNoSuchTask;
    else if (!rows.Bool(0, 0)) extended.verdict = LeaseVerdict::kLost;
    else extended.lease_expires_at = rows.At(0, 1);
    co_return extended;
}

asio::awaitable<OutsideCompletion> CompleteOutside(postgres::Pool& pool, OutsideLease lease,
                                                   OutsideOutcome outcome, Time now) {
    Params params = LeaseParams(lease);
    params.Text(outcome.success ? "true" : "false");
    if (outcome.recovered) params.Int(outcome.recovered->minor).Text(outcome.recovered->currency);
    else params.Null().Null();
    params.TextOrNull(outcome.error);
    if (outcome.run_again_at) params.At(*outcome.run_again_at);
    else params.Null();
    params.At(now).At(now - kAnswersKept);
    std::vector<Query> queries;
    queries.push_back(Query{&CompleteStatement(), std::move(params)});
    queries.push_back(Query{&kToldBefore, LeaseParams(lease)});
    std::vector<Rows> answers = co_await pool.Run(std::move(queries));
    OutsideCompletion completion;
    const Rows& verdict = answers[0];
    if (!answers[1].empty()) {
        ReadAnswer(completion, answers[1].Text(0, 0));
    } else if (verdict.empty()) {
        completion.verdict = LeaseVerdict::kNoSuchTask;
    } else if (!verdict.Bool(0, 0)) {
        completion.verdict = LeaseVerdict::kLost;
    } else {
        completion.wrong_currency = true;
    }
    co_return completion;
}

}  // namespace citadel::store

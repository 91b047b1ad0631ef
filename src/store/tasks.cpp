#include "store/tasks.h"

#include <boost/json.hpp>

#include "base/error.h"
#include "store/books.h"
#include "store/json_rows.h"
#include "store/work_rows.h"

namespace citadel::store {

namespace asio = boost::asio;
namespace json = boost::json;
using postgres::Params;
using postgres::Rows;
using postgres::Statement;

namespace {

// A walk along scheduled_tasks_due from tenant to tenant, beginning behind the one that was served last:
// the first entry of a tenant tells whether it has anything due. It ends as soon as enough tenants are
// found; then each gives its share of the batch. So a claim locks what it takes and little more, however
// many tenants and tasks wait. The types are those of the index; what schedules itself is not walked past
// (store/self_scheduled.h).
const Statement kClaimDueTasks{"claim_due_tasks", R"sql(
with recursive walk as (
    (select bucket, merchant_id, run_at from citadel.scheduled_tasks
     where status = 'pending' and task_type in ('dunning_retry', 'notify_action_required')
        and (bucket, merchant_id) > ($5::smallint, $6::bigint)
     order by bucket, merchant_id, run_at limit 1)
    union all
    select next.* from walk w cross join lateral (
        select q.bucket, q.merchant_id, q.run_at from citadel.scheduled_tasks q
        where q.status = 'pending' and q.task_type in ('dunning_retry', 'notify_action_required')
            and (q.bucket, q.merchant_id) > (w.bucket, w.merchant_id)
        order by q.bucket, q.merchant_id, q.run_at limit 1) next
), tenants as materialized (
    select bucket, merchant_id from walk where run_at <= citadel.at($1) limit $2
), picked as materialized (
    select d.row_id from tenants t cross join lateral (
        select q.ctid as row_id from citadel.scheduled_tasks q
        where q.bucket = t.bucket and q.merchant_id = t.merchant_id and q.status = 'pending'
            and q.run_at <= citadel.at($1) and q.task_type in ('dunning_retry', 'notify_action_required')
        order by q.run_at
        limit (select least($3, ($2 + count(*) - 1) / greatest(count(*), 1)) from tenants)
        for update skip locked) d
    limit $2
), claimed as (
    update citadel.scheduled_tasks q set status = 'running', tries = q.tries + 1, lease_token = gen_random_uuid(),
        lease_expires_at = citadel.at($4)
    from picked p where q.ctid = p.row_id  -- locked above, so it has not moved
    returning q.*
)
select c.bucket, c.merchant_id, c.task_id, c.task_type, c.lease_token, citadel.micros(c.lease_expires_at), c.tries,
    c.deferrals,
    r.recovery_id, r.invoice_id, r.customer_id, r.subscription_id, r.status, r.amount_due, r.currency, r.policy,
    r.needs_customer, r.slots_used, r.mails_sent, r.stripe_attempts, citadel.micros(r.stripe_next_attempt_at),
    r.decline_code, r.advice_code, r.network_decline_code, r.network_advice_code, r.customer_email, r.customer_name,
    r.invoice_number, r.hosted_invoice_url, citadel.micros(r.first_failed_at), citadel.micros(r.last_attempt_at),
    citadel.micros(r.method_changed_at), citadel.micros(r.stripe_attempted_at), r.payment_intent_id,
    citadel.micros(r.last_letter_at), citadel.micros(r.collect_now_at), citadel.micros(r.budget_free_at),
    r.auto_advance_taken, r.collector_changes, r.wind_down, r.charge_seen, r.address_suppressed,
    array_to_string(r.paid_first_try, ','),
    a.stripe_account_id, a.stripe_account_id is not null and a.disconnected_at is null, m.name, m.email,
    m.retry_mode, m.charges_max, m.window_days, m.quiet_from_hour, m.quiet_until_hour, m.final_action,
    m.from_name, m.support_email, m.reply_to, m.brand_color,
    s.slot, s.idempotency_key, s.amount, s.currency, citadel.micros(s.intended_at), s.payment_method,
    s.fingerprint,
    array_to_string(array(select extract(epoch from asked.at)::bigint from unnest(s.asked_again_at) as asked(at)), ',')
from claimed c
left join citadel.recoveries r
    on r.bucket = c.bucket and r.merchant_id = c.merchant_id and r.recovery_id = c.recovery_id
left join citadel.merchants m on m.bucket = c.bucket and m.merchant_id = c.merchant_id
left join lateral (
    select * from citadel.stripe_accounts a where a.bucket = c.bucket and a.merchant_id = c.merchant_id
    order by (a.disconnected_at is null) desc, a.connected_at desc limit 1) a on true
left join citadel.payment_attempts s
    on s.bucket = c.bucket and s.merchant_id = c.merchant_id and s.recovery_id = c.recovery_id and s.outcome is null
)sql"};

// Only the lease's holder settles; the recovery's row is locked so that a stop signal comes wholly
// before or wholly after. An attempt is settled even if the recovery was stopped meanwhile: what
// happened at Stripe happened, and money that came in counts.
//
// Rows of tables are looked up one by one, and `ending` carries all that the rest needs: whoever joined one
// of these CTEs to another would have each row met with each, since the planner expects one row of a join.
const Statement& SettleTasksStatement() {
    static const Statement statement{
        "settle_tasks", std::string(R"sql(
with item as materialized (
    select * from jsonb_to_recordset($1::jsonb) as x(ord int, bucket smallint, merchant_id bigint, task_id bigint,
        lease_token uuid, recovery_id bigint, task_end text, result text, run_again_at bigint, recovery_end text,
        reason text, cause text, recovered bigint, decline_code text, advice_code text, network_decline_code text,
        network_advice_code text, payment_intent_id text, customer_email text, customer_name text,
        invoice_number text, hosted_invoice_url text, saw_invoice boolean, stripe_attempts bigint,
        stripe_next_attempt_at bigint, needs_customer boolean, method_used boolean, slot int, outcome text,
        attempt_decline_code text, attempt_advice_code text, attempt_network_decline_code text,
        attempt_network_advice_code text, detail text, charge_id text, decisions jsonb, next_task_type text,
        next_run_at bigint, card_fingerprint text, card_network text, budget_free_at bigint, collected boolean,
        given_back boolean, wind_down text, paid_first_try bigint[])
), held as materialized (
    select i.* from item i cross join lateral (
        select from citadel.scheduled_tasks t
        where t.bucket = i.bucket and t.merchant_id = i.merchant_id and t.task_id = i.task_id
            and t.lease_token = i.lease_token  -- which only a running task has
        limit 1 for update) q
), before as materialized (
    select h.*, r.* from (select * from held order by bucket, merchant_id, recovery_id) h cross join lateral (
        select o.status, o.reason as was_reason, o.currency, o.amount_reversed,
            o.mail_credit_until, o.payment_intent_id as known_payment, o.amount_recovered, o.policy
        from citadel.recoveries o
        where o.bucket = h.bucket and o.merchant_id = h.merchant_id and o.recovery_id = h.recovery_id
        limit 1 for update) r
), ending as materialized (
    select b.*,
        case when b.recovery_end = 'recovered' and b.status <> 'recovered' then 'recovered'
             when b.recovery_end in ('stopped', 'exhausted') and b.status = 'open' then b.recovery_end
             else b.status end as status_after
    from before b
), reversing as materialized (
    -- What was taken back: known before, or told before we knew this payment. Booked up to what came in.
    select e.*, least(greatest(e.amount_reversed, coalesce(k.taken_back, 0)), c.came_in) as reversed_after,
        case when e.status = 'recovered' then least(e.amount_reversed, c.came_in) else 0 end as reversed_before,
        greatest(e.amount_reversed, coalesce(k.taken_back, 0)) as told_back
    from ending e
    cross join lateral (
        select case when e.status = 'recovered' then e.amount_recovered else e.recovered end as came_in) c
    left join lateral (
        select max(p.amount) as taken_back from citadel.processed_events p
        where e.known_payment is null and e.payment_intent_id is not null
            and p.bucket = e.bucket and p.merchant_id = e.merchant_id and p.subject = e.payment_intent_id
            and p.signal in ('refunded', 'disputed')) k on true
    where e.status_after = 'recovered'
), changed as (
    update citadel.recoveries r set
        amount_reversed = coalesce((select b.told_back from reversing b where b.ord = e.ord), r.amount_reversed),
        status = e.status_after,
        reason = case when e.status_after <> e.status then coalesce(e.reason, e.status_after) else r.reason end,
        cause = case when e.status_after = 'recovered' and e.status <> 'recovered'
            -- Whose doing a customer's own payment is, is told by the letters.
            then case when e.cause = 'customer' then citadel.paid_by(citadel.at($2), r.mail_credit_until)
                 else e.cause end
            else r.cause end,
        amount_recovered = case when e.status_after = 'recovered' and e.status <> 'recovered' then e.recovered
            else r.amount_recovered end,
        closed_at = case when e.status_after <> 'open' then coalesce(r.closed_at, citadel.at($2)) end,
        next_action_at = case when e.status_after = 'open'
            then coalesce(citadel.at(coalesce(e.next_run_at, e.run_again_at)), r.next_action_at) end,
        decline_code = coalesce(e.decline_code, r.decline_code),
        advice_code = coalesce(e.advice_code, r.advice_code),
        network_decline_code = coalesce(e.network_decline_code, r.network_decline_code),
        network_advice_code = coalesce(e.network_advice_code, r.network_advice_code),
        payment_intent_id = coalesce(e.payment_intent_id, r.payment_intent_id),
        customer_email = coalesce(e.customer_email, r.customer_email),
        customer_name = coalesce(e.customer_name, r.customer_name),
        invoice_number = coalesce(e.invoice_number, r.invoice_number),
        hosted_invoice_url = coalesce(e.hosted_invoice_url, r.hosted_invoice_url),
        stripe_attempts = case when e.saw_invoice then greatest(r.stripe_attempts, e.stripe_attempts)
            else r.stripe_attempts end,
        stripe_next_attempt_at = case when e.saw_invoice then citadel.at(e.stripe_next_attempt_at)
            else r.stripe_next_attempt_at end,
        needs_customer = r.needs_customer or coalesce(e.needs_customer, false),
        method_changed_at = case when e.method_used then null else r.method_changed_at end,
        card_fingerprint = coalesce(e.card_fingerprint, r.card_fingerprint),
        card_network = coalesce(e.card_network, r.card_network),
        budget_free_at = case when e.saw_invoice then citadel.at(e.budget_free_at) else r.budget_free_at end,
        collect_now_at = case when e.collected then null else r.collect_now_at end,
        auto_advance_taken = r.auto_advance_taken and not e.given_back,
        paid_first_try = coalesce(e.paid_first_try, r.paid_first_try),
        -- Money that came in leaves nothing to be done; a recovery that is open winds nothing down.
        wind_down = case when e.status_after in ('open', 'recovered') then ''
            when e.wind_down is not null then e.wind_down
            when e.status_after <> e.status and r.auto_advance_taken and not e.given_back
                and e.status_after <> 'recovered' then 'give_back'
            else r.wind_down end
    from ending e
    where r.bucket = e.bucket and r.merchant_id = e.merchant_id and r.recovery_id = e.recovery_id
), ended as (
    update citadel.scheduled_tasks q set
        status = case when h.task_end in ('deferred', 'retried') then 'pending' else h.task_end end,
        run_at = case when h.task_end in ('deferred', 'retried') then citadel.at(h.run_again_at) else q.run_at end,
        tries = case h.task_end when 'deferred' then 0 else q.tries end,
        deferrals = q.deferrals + case h.task_end when 'deferred' then 1 else 0 end,
        lease_token = null, lease_expires_at = null, result = h.result,
        finished_at = case when h.task_end in ('completed', 'failed') then citadel.at($2) end
    from held h
    where q.bucket = h.bucket and q.merchant_id = h.merchant_id and q.task_id = h.task_id
    returning h.ord
), settled as (
    update citadel.payment_attempts a set outcome = h.outcome, settled_at = citadel.at($2),
        charge_id = coalesce(a.charge_id, h.charge_id),
        decline_code = coalesce(h.attempt_decline_code, ''), advice_code = coalesce(h.attempt_advice_code, ''),
        network_decline_code = coalesce(h.attempt_network_decline_code, ''),
        network_advice_code = coalesce(h.attempt_network_advice_code, ''), detail = coalesce(h.detail, '')
    from held h
    where h.slot is not null and a.bucket = h.bucket and a.merchant_id = h.merchant_id
        and a.recovery_id = h.recovery_id and a.slot = h.slot and a.outcome is null
    returning a.bucket, a.merchant_id, a.recovery_id, a.outcome, a.amount, a.currency, h.ord
), decided as (
    insert into citadel.recovery_decisions
        (bucket, merchant_id, recovery_id, decided_at, action, rule, reason, rejected, next_at, policy)
    select h.bucket, h.merchant_id, h.recovery_id, citadel.at($2), d.action, d.rule, d.reason,
        coalesce(d.rejected, ''), citadel.at(d.next_at), h.policy
    from before h cross join lateral
        jsonb_to_recordset(h.decisions)
            as d(action text, rule text, reason text, rejected text, next_at bigint)
), followed as (
    insert into citadel.scheduled_tasks (bucket, merchant_id, task_type, status, run_at, recovery_id, created_at)
    select e.bucket, e.merchant_id, e.next_task_type, 'pending', citadel.at(e.next_run_at), e.recovery_id,
        citadel.at($2)
    from ending e
    where e.next_task_type is not null and (e.status_after = 'open' or e.wind_down <> '')
        and e.ord in (select ord from ended)  -- after the old one has ended
    on conflict (bucket, merchant_id, recovery_id, task_type)
        where status in ('pending', 'running') and recovery_id is not null do nothing
), vanished as (
    delete from citadel.scheduled_tasks q where q.status = 'pending' and q.ctid = any (array(
        select w.row_id from ending e cross join lateral (
            select t.ctid as row_id from citadel.scheduled_tasks t
            where t.bucket = e.bucket and t.merchant_id = e.merchant_id and t.recovery_id = e.recovery_id
                and t.status in ('pending', 'running') limit 8) w
        where e.status_after <> 'open'))
), lines as (
    select h.bucket, h.merchant_id, h.recovery_id, coalesce(b.currency, '') as currency,
        'task_' || h.task_end as metric_type, 1 as quantity, 0::bigint as amount
    from held h left join before b on b.ord = h.ord where h.task_end in ('completed', 'failed')
    union all
    select bucket, merchant_id, recovery_id, currency, 'attempt', 1, amount from settled
    union all
    select bucket, merchant_id, recovery_id, currency, 'attempt_declined', 1, 0 from settled
    where outcome <> 'succeeded'
    union all
    select bucket, merchant_id, recovery_id, currency, status_after, 1,
        case status_after when 'recovered' then recovered else 0 end
    from ending where status_after <> status
    union all
    select bucket, merchant_id, recovery_id, currency, status, -1, 0
    from ending where status_after <> status and status <> 'open'
    union all
    select bucket, merchant_id, recovery_id, currency, 'reversed', case when reversed_before = 0 then 1 else 0 end,
        reversed_after - reversed_before
    from reversing where reversed_after > reversed_before
    union all
    select bucket, merchant_id, recovery_id, currency, 'churned', -1, 0
    from ending where status_after <> status and status = 'stopped' and was_reason = 'subscription_deleted'
), ledger as (
    insert into citadel.usage_logs
        (bucket, merchant_id, metric_type, quantity, amount, currency, recovery_id, occurred_at)
    select bucket, merchant_id, metric_type, quantity, amount, currency, recovery_id, citadel.at($2) from lines
    returning bucket, merchant_id, metric_type, quantity, amount, currency, occurred_at
), )sql") +
                            AddToDailyMetrics({"task_completed", "task_failed", "attempt", "attempt_declined",
                                               "recovered", "stopped", "exhausted", "reversed", "churned"}) +
                            R"sql(
select i.ord, h.ord is not null from item i left join held h on h.ord = i.ord order by i.ord)sql"};
    return statement;
}

const Statement kReleaseTask{"release_task", R"sql(
update citadel.scheduled_tasks set status = 'pending', tries = greatest(tries - 1, 0), lease_token = null,
    lease_expires_at = null
where bucket = $1 and merchant_id = $2 and task_id = $3 and status = 'running' and lease_token = $4::uuid)sql"};

}  // namespace

asio::awaitable<std::vector<Work>> ClaimDueTasks(postgres::Pool& pool, ClaimOrder order) {
    Params params;
    params.At(order.now).Int(order.limit).Int(order.limit_per_merchant).At(order.now + order.lease);
    params.Int(order.after.bucket).Int(order.after.id);
    Rows rows = co_await pool.Run(kClaimDueTasks, std::move(params));
    std::vector<Work> work;
    work.reserve(static_cast<std::size_t>(rows.size()));
    for (int row = 0; row < rows.size(); ++row) work.push_back(ReadWork(rows, row));
    co_return work;
}

bool ClaimRound::Advance(const std::vector<Work>& claimed) {
    bool from_beginning = after_ == kBeforeAllMerchants;
    if (claimed.empty()) after_ = kBeforeAllMerchants;
    for (const auto& work : claimed) after_ = std::max(after_, work.task.merchant);
    return !claimed.empty() || !from_beginning;
}

asio::awaitable<std::vector<SettleVerdict>> SettleTasks(postgres::Pool& pool, std::vector<Settlement> batch,
                                                        Time now) {
    json::array items;
    for (const auto& settlement : batch) {
        json::object row = ToJson(settlement);
        row["ord"] = items.size();
        items.push_back(std::move(row));
    }
    Params params;
    params.Text(json::serialize(items)).At(now);
    Rows rows = co_await pool.Run(SettleTasksStatement(), std::move(params));
    CITADEL_CHECK(rows.size() == static_cast<int>(batch.size()), "every settlement of a batch is answered");
    std::vector<SettleVerdict> verdicts;
    verdicts.reserve(batch.size());
    for (int row = 0; row < rows.size(); ++row) {
        verdicts.push_back(rows.Bool(row, 1) ? SettleVerdict::kSettled : SettleVerdict::kLeaseLost);
    }
    co_return verdicts;
}

asio::awaitable<void> ReleaseTask(postgres::Pool& pool, Task task) {
    Params params;
    params.Int(task.merchant.bucket).Int(task.merchant.id).Int(task.id).Text(task.lease_token);
    co_await pool.Run(kReleaseTask, std::move(params));
}

}  // namespace citadel::store

#include "store/events_sql.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "store/books.h"

namespace citadel::store {
namespace {

// Which of the events are ours and new. The insert decides: who inserts the row handles the event.
// What comes late from an account that is disconnected (by this very batch, perhaps) is out of our reach
// but still a fact: it opens recoveries that are stopped at birth, credits what was paid, makes no work.
// Index: primary keys of stripe_accounts, processed_events and merchants.
//
// Shaped so that every plan is a good one, whatever the planner guesses of arrays and young tables: rows of
// tables are looked up one by one (lateral with a limit or an aggregate), rows of this statement meet by
// `ord` or by hash, never each with each: the guess of 1,000 rows that comes with generate_subscripts is
// high enough for that, and the same with and without values, so that one plan serves all batches.
constexpr const char* kTakeIn = R"sql(
with input as materialized (
    -- bucket is null when the account is unknown.
    select e.*, a.bucket, a.merchant_id, a.disconnected_at is null as connected,
        -- Stripe counts in whole seconds. What ended an earlier connection does not end this one.
        citadel.at(e.created) >= date_trunc('second', a.connected_at) as of_this_connection
    from rows from (unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[],
        $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::bigint[], $15::text[], $16::bigint[],
        $17::bigint[], $18::text[], $19::text[], $20::text[], $21::text[], $22::boolean[], $23::boolean[],
        $24::text[], $25::text[], $26::bigint[]), generate_subscripts($2::text[], 1))
    as e(event_id, account, type, created, kind, signal, scope, subject, invoice_id, customer_id, subscription_id,
        payment_intent_id, amount, currency, stripe_attempts, next_attempt, email, name, number, url, needs_switch,
        own_charge, price_id, lookup_key, begin_at, ord)
    left join lateral (
        select * from citadel.stripe_accounts where stripe_account_id = e.account limit 1) a on true
), fresh as materialized (
    insert into citadel.processed_events
        (bucket, merchant_id, event_id, type, kind, invoice_id, subject, signal, amount, stripe_attempts,
         created_at, received_at)
    select bucket, merchant_id, event_id, type, kind, invoice_id, subject, signal, amount, stripe_attempts,
        citadel.at(created), citadel.at($1)
    from input where bucket is not null order by bucket, merchant_id, event_id
    on conflict do nothing
    returning bucket, merchant_id, event_id
), leavers as materialized (
    select account from input where kind = 'disconnect' and of_this_connection
        and (bucket, merchant_id, event_id) in (select bucket, merchant_id, event_id from fresh)
), todo as materialized (
    select i.*, i.kind in ('open', 'ask') as opens,
        i.connected and i.account not in (select account from leavers) as in_reach
    from input i
    where (i.bucket, i.merchant_id, i.event_id) in (select bucket, merchant_id, event_id from fresh)
        and (not i.needs_switch or (
        select m.all_billing_reasons from citadel.merchants m
        where m.bucket = i.bucket and m.merchant_id = i.merchant_id))
))sql";

// A failure opens its recovery; if its end overtook it, the recovery is born closed.
// Index: processed_events_signals, recoveries (bucket, merchant_id, invoice_id).
constexpr const char* kOpen = R"sql(, opened as (
    insert into citadel.recoveries as r
        (bucket, merchant_id, invoice_id, customer_id, subscription_id, payment_intent_id, status, reason, cause,
         currency, amount_due, amount_recovered, amount_reversed, policy, needs_customer, stripe_attempts,
         stripe_next_attempt_at, stripe_attempted_at,
         customer_email, customer_name, invoice_number, hosted_invoice_url, first_failed_at,
         opened_at, closed_at, next_action_at)
    select t.bucket, t.merchant_id, t.invoice_id, coalesce(t.customer_id, ''), coalesce(t.subscription_id, ''),
        t.payment_intent_id,
        case when e.paid is not null then 'recovered' when e.stop is not null then 'stopped' else 'open' end,
        case when e.paid is not null then 'paid' else e.stop end,
        case when e.paid is null then null when e.attempts_when_paid > t.stripe_attempts then 'stripe_retry'
             else 'customer' end,
        t.currency, t.amount, coalesce(e.paid, 0), e.reversed,
        coalesce((select m.policy from citadel.merchants m
            where m.bucket = t.bucket and m.merchant_id = t.merchant_id), 'classic/1'),
        t.kind = 'ask', t.stripe_attempts,
        citadel.at(t.next_attempt), case when not t.own_charge then citadel.at(t.created) end,
        t.email, t.name, t.number, t.url, citadel.at(t.created), citadel.at($1),
        case when coalesce(e.paid::text, e.stop) is not null then citadel.at($1) end,
        case when coalesce(e.paid::text, e.stop) is null then citadel.at($1) end
    from todo t cross join lateral (
        select max(p.amount) filter (where p.signal = 'paid') as paid,
            max(p.stripe_attempts) filter (where p.signal = 'paid') as attempts_when_paid,
            coalesce(max(p.amount) filter (where p.signal in ('refunded', 'disputed')), 0) as reversed,
            coalesce((array_agg(p.signal order by citadel.stop_rank(p.signal) desc)
                filter (where p.signal <> 'paid'))[1], case when not t.in_reach then 'disconnected' end) as stop
        from citadel.processed_events p
        where p.bucket = t.bucket and p.merchant_id = t.merchant_id and p.signal is not null
            and p.subject = any (array[t.invoice_id, t.subscription_id, t.payment_intent_id])) e
    where t.opens
    order by t.bucket, t.merchant_id, t.invoice_id
    on conflict (bucket, merchant_id, invoice_id) do update set
        -- A failure told after the payment: now we know that Stripe had tried as often before it was paid.
        cause = case when r.cause = 'stripe_retry' and excluded.cause = 'customer'
            then citadel.paid_by(r.closed_at, r.mail_credit_until) else r.cause end,
        stripe_attempts = greatest(r.stripe_attempts, excluded.stripe_attempts),
        stripe_next_attempt_at = case when excluded.stripe_attempts >= r.stripe_attempts
            then excluded.stripe_next_attempt_at else r.stripe_next_attempt_at end,
        stripe_attempted_at = greatest(r.stripe_attempted_at, excluded.stripe_attempted_at),
        first_failed_at = least(r.first_failed_at, excluded.first_failed_at),
        needs_customer = r.needs_customer or excluded.needs_customer,
        payment_intent_id = coalesce(r.payment_intent_id, excluded.payment_intent_id),
        customer_email = case when excluded.customer_email = '' then r.customer_email else excluded.customer_email end,
        hosted_invoice_url = case when excluded.hosted_invoice_url = '' then r.hosted_invoice_url
            else excluded.hosted_invoice_url end
    returning r.bucket, r.merchant_id, r.recovery_id, r.invoice_id, r.status, r.currency, r.amount_due,
        r.amount_recovered, r.amount_reversed, r.reason, (r.xmax = 0) as is_new
), failures as materialized (
    -- Three equalities and the planner expects one row, then meets each with each; a case is an even chance.
    select o.*, t.ord, t.event_id, t.kind, t.begin_at from opened o join todo t on t.invoice_id = o.invoice_id
        and case when t.bucket = o.bucket and t.merchant_id = o.merchant_id then true end
    where t.opens
), enqueued as (
    insert into citadel.scheduled_tasks (bucket, merchant_id, task_type, status, run_at, recovery_id, created_at)
    select bucket, merchant_id, case kind when 'ask' then 'notify_action_required' else 'dunning_retry' end,
        'pending', citadel.at(greatest(begin_at, $1)), recovery_id, citadel.at($1)
    from failures where status = 'open'
    on conflict (bucket, merchant_id, recovery_id, task_type)
        where status in ('pending', 'running') and recovery_id is not null do nothing
    returning bucket, merchant_id, recovery_id, task_id
))sql";

// Paid: credited once, by whoever brought it back; outranks every other end.
constexpr const char* kPaid = R"sql(, paying as materialized (
    select t.ord, t.event_id, t.created, t.amount, t.own_charge, t.stripe_attempts as attempts_now, r.bucket,
        r.merchant_id, r.recovery_id, r.status as was, r.reason as was_reason, r.currency, r.amount_reversed
    from todo t join citadel.recoveries r using (bucket, merchant_id, invoice_id)
    where t.kind = 'paid' and r.status <> 'recovered'
    for update of r
), paid as (
    update citadel.recoveries r set status = 'recovered', reason = 'paid', amount_recovered = p.amount,
        closed_at = citadel.at($1), next_action_at = null,
        -- A refund names the payment only, which newer invoices do not: it is learned by one more reading.
        wind_down = case when r.payment_intent_id is null then 'learn' else '' end,
        cause = case when p.own_charge then 'retry' when p.attempts_now > r.stripe_attempts then 'stripe_retry'
            else citadel.paid_by(citadel.at(p.created), r.mail_credit_until) end
    from paying p where r.bucket = p.bucket and r.merchant_id = p.merchant_id and r.recovery_id = p.recovery_id
    returning r.bucket, r.merchant_id, r.recovery_id, p.ord
))sql";

// Stop signals. One branch a scope, each on an index of its own: invoice key, open_by_customer,
// by_payment. A refund or dispute of recovered money leaves it recovered and books the reversal, if it
// comes within 90 days; later ones say nothing about the recovery any more.
constexpr const char* kStop = R"sql(, matched as materialized (
    select t.ord, r.bucket, r.merchant_id, r.recovery_id from todo t join citadel.recoveries r
        on r.bucket = t.bucket and r.merchant_id = t.merchant_id and r.invoice_id = t.subject
    where t.kind = 'stop' and t.scope = 'invoice'
    union all
    select t.ord, r.bucket, r.merchant_id, r.recovery_id from todo t join citadel.recoveries r
        on r.bucket = t.bucket and r.merchant_id = t.merchant_id and r.customer_id = t.customer_id
        and r.subscription_id = t.subject and r.status = 'open'
    where t.kind = 'stop' and t.scope = 'subscription'
    union all
    select t.ord, r.bucket, r.merchant_id, r.recovery_id from todo t join citadel.recoveries r
        on r.bucket = t.bucket and r.merchant_id = t.merchant_id and r.payment_intent_id = t.subject
    where t.kind = 'stop' and t.scope = 'payment'
    union all
    select t.ord, r.bucket, r.merchant_id, r.recovery_id from todo t join citadel.recoveries r
        on r.bucket = t.bucket and r.merchant_id = t.merchant_id and r.status = 'open'
    where t.kind = 'disconnect' and t.of_this_connection
), stopping as materialized (
    select t.ord, t.event_id, t.signal, r.bucket, r.merchant_id, r.recovery_id, r.status as was,
        r.reason as was_reason, r.currency,
        r.amount_recovered, least(r.amount_reversed, r.amount_recovered) as reversed_before,
        case when t.signal in ('refunded', 'disputed')
                and (r.status <> 'recovered' or citadel.at(t.created) <= r.closed_at + interval '90 days')
             then greatest(r.amount_reversed, t.amount) else r.amount_reversed end as reversed_after
    from matched m join todo t on t.ord = m.ord join citadel.recoveries r
        on r.bucket = m.bucket and r.merchant_id = m.merchant_id and r.recovery_id = m.recovery_id
    for update of r
), stopped as (
    update citadel.recoveries r set
        status = case when s.was = 'open' then 'stopped' else s.was end,
        reason = case when s.was = 'open' then s.signal
            when s.was = 'stopped' and citadel.stop_rank(s.signal) > citadel.stop_rank(r.reason) then s.signal
            else r.reason end,
        amount_reversed = s.reversed_after, closed_at = coalesce(r.closed_at, citadel.at($1)), next_action_at = null
    from stopping s where r.bucket = s.bucket and r.merchant_id = s.merchant_id and r.recovery_id = s.recovery_id
    returning r.bucket, r.merchant_id, r.recovery_id, s.ord
))sql";

// For each of what ended: their tasks go.
constexpr const char* kVanish = R"sql(, vanished as (
    delete from citadel.scheduled_tasks q where q.status = 'pending' and q.ctid = any (array(
        select w.row_id from ({}) c cross join lateral (
            select t.ctid as row_id from citadel.scheduled_tasks t
            where t.bucket = c.bucket and t.merchant_id = c.merchant_id and t.recovery_id = c.recovery_id
                and t.status in ('pending', 'running') limit 8) w))
))sql";

// A new card: the customer's open recoveries are tried soon; a renewal to come: its card is looked at. Index
// of both: recoveries_open_by_customer. A disconnect ends the account's reach; the platform's subscription
// sets the tier, newest event wins.
constexpr const char* kOthers = R"sql(, nudged as (
    update citadel.recoveries r set method_changed_at = citadel.at($1), next_action_at = citadel.at($1)
    from todo t where t.kind = 'nudge' and r.bucket = t.bucket and r.merchant_id = t.merchant_id
        and r.customer_id = t.customer_id and r.status = 'open'
    returning r.bucket, r.merchant_id, r.recovery_id, t.ord
), hastened as (
    update citadel.scheduled_tasks q set run_at = least(q.run_at, citadel.at($1))
    where q.status = 'pending' and q.ctid = any (array(
        select w.row_id from nudged n cross join lateral (
            select t.ctid as row_id from citadel.scheduled_tasks t
            where t.bucket = n.bucket and t.merchant_id = n.merchant_id and t.recovery_id = n.recovery_id
                and t.status in ('pending', 'running') and t.task_type = 'dunning_retry' limit 1) w))
), disconnected as (
    update citadel.stripe_accounts a set disconnected_at = citadel.at($1)
    from todo t where t.kind = 'disconnect' and t.of_this_connection and a.stripe_account_id = t.account
        and t.account <> ''
    returning t.ord, a.bucket, a.merchant_id
), digestless as (  -- should another account of the merchant be connected, the janitor makes it again
    delete from citadel.scheduled_tasks q using disconnected d
    where q.bucket = d.bucket and q.merchant_id = d.merchant_id and q.task_type = 'send_weekly_digest'
        and q.status = 'pending'
), noticeless as (
    delete from citadel.scheduled_tasks q using disconnected d
    where q.bucket = d.bucket and q.merchant_id = d.merchant_id and q.task_type = 'notify_action_required'
        and q.status = 'pending' and q.notice_id is not null
), foreseen as (
    -- Whoever has a recovery open is being written to, and about that very card.
    insert into citadel.renewal_notices
        (bucket, merchant_id, customer_id, subscription_id, renews_at, amount_due, currency, noted_at)
    select t.bucket, t.merchant_id, t.customer_id, t.subscription_id, citadel.at(t.next_attempt), t.amount, t.currency,
        citadel.at($1)
    from todo t
    where t.kind = 'foresee' and t.in_reach and not exists (select from citadel.recoveries r
        where r.bucket = t.bucket and r.merchant_id = t.merchant_id and r.customer_id = t.customer_id
            and r.status = 'open')
    order by t.bucket, t.merchant_id, t.subscription_id
    on conflict (bucket, merchant_id, subscription_id, renews_at) do nothing
    returning bucket, merchant_id, notice_id, subscription_id
), noticed as (
    insert into citadel.scheduled_tasks (bucket, merchant_id, task_type, status, run_at, notice_id, created_at)
    select bucket, merchant_id, 'notify_action_required', 'pending', citadel.at($1), notice_id, citadel.at($1)
    from foreseen
    returning task_id, notice_id
), looked_at as (
    select t.ord, n.task_id from noticed n join foreseen f on f.notice_id = n.notice_id
    join todo t on t.subscription_id = f.subscription_id
        and case when t.bucket = f.bucket and t.merchant_id = f.merchant_id then true end
    where t.kind = 'foresee'
), planned as (
    update citadel.merchants m set tier = p.tier, plan_changed_at = citadel.at(t.created),
        metered_since = case when p.tier <> 'FREE' then coalesce(m.metered_since, citadel.at(t.created))
            else m.metered_since end
    from todo t join citadel.plans p
        on p.lookup_key = t.lookup_key or (p.stripe_price_id = t.price_id and t.lookup_key is null)
    where t.kind = 'plan' and t.account = '' and m.platform_customer_id = t.customer_id
        and (m.plan_changed_at is null or m.plan_changed_at <= citadel.at(t.created))
    returning t.ord
))sql";

// What the books learn, by part. Ends that are overruled by "paid" are taken back, so that sums stay true.
// Churn: recoveries whose reason is the end of the subscription, whatever the order of signals.
constexpr const char* kLinesOfFailures = R"sql(
    select bucket, merchant_id, recovery_id, event_id, currency,
        case when is_new then 'payment_failed' else 'payment_failed_again' end as metric_type, 1 as quantity,
        case when is_new then amount_due else 0 end as amount
    from failures
    union all
    select f.bucket, f.merchant_id, f.recovery_id, f.event_id, f.currency, l.metric_type, 1, l.amount
    from failures f cross join lateral (values
        (f.status, f.amount_recovered, true),
        ('reversed', least(f.amount_reversed, f.amount_recovered), f.status = 'recovered' and f.amount_reversed > 0),
        ('churned', 0, f.status = 'stopped' and f.reason = 'subscription_deleted')) as l(metric_type, amount, applies)
    where f.is_new and f.status <> 'open' and l.applies)sql";

constexpr const char* kLinesOfPaid = R"sql(
    select bucket, merchant_id, recovery_id, event_id, currency, 'recovered', 1, amount from paying
    union all
    select bucket, merchant_id, recovery_id, event_id, currency, was, -1, 0 from paying where was <> 'open'
    union all
    select bucket, merchant_id, recovery_id, event_id, currency, 'reversed', 1, least(amount_reversed, amount)
    from paying where amount_reversed > 0
    union all
    select bucket, merchant_id, recovery_id, event_id, currency, 'churned', -1, 0
    from paying where was = 'stopped' and was_reason = 'subscription_deleted')sql";

constexpr const char* kLinesOfStops = R"sql(
    select bucket, merchant_id, recovery_id, event_id, currency, 'stopped', 1, 0 from stopping where was = 'open'
    union all
    select bucket, merchant_id, recovery_id, event_id, currency, 'reversed',
        case when reversed_before = 0 then 1 else 0 end, least(reversed_after, amount_recovered) - reversed_before
    from stopping where was = 'recovered' and least(reversed_after, amount_recovered) > reversed_before
    union all
    select bucket, merchant_id, recovery_id, event_id, currency, 'churned', case was when 'open' then 1 else -1 end, 0
    from stopping where was = 'open' and signal = 'subscription_deleted'
        or was = 'stopped' and was_reason = 'subscription_deleted'
            and citadel.stop_rank(signal) > citadel.stop_rank(was_reason))sql";

constexpr const char* kLedger = R"sql(, lines as ({}), ledger as (
    insert into citadel.usage_logs
        (bucket, merchant_id, metric_type, quantity, amount, currency, recovery_id, event_id, occurred_at)
    select bucket, merchant_id, metric_type, quantity, amount, currency, recovery_id, event_id, citadel.at($1)
    from lines
    returning bucket, merchant_id, metric_type, quantity, amount, currency, occurred_at
), )sql";

constexpr const char* kChangesOfOthers = R"sql(
    select ord, null::bigint as task_id from nudged union all select ord, null from planned
    union all select ord, null from disconnected union all select ord, task_id from looked_at)sql";

constexpr const char* kAnswer = R"sql(, changes as (
    select ord, count(*) as count, max(task_id) as task_id from ({}) c group by ord
)
select i.bucket is not null as known,
    (i.bucket, i.merchant_id, i.event_id) in (select bucket, merchant_id, event_id from fresh) is true as is_fresh,
    t.ord is not null,
    coalesce(q.task_id, c.task_id, (select s.task_id from citadel.scheduled_tasks s
        where f.recovery_id is not null and s.bucket = f.bucket and s.merchant_id = f.merchant_id
            and s.recovery_id = f.recovery_id and s.task_type = 'dunning_retry'
            and s.status in ('pending', 'running'))),
    q.task_id is not null as enqueued, coalesce(f.is_new, false), coalesce(f.status, ''), coalesce(c.count, 0)
from input i
left join todo t on t.ord = i.ord
left join failures f on f.ord = i.ord
left join enqueued q on q.bucket = f.bucket and q.merchant_id = f.merchant_id and q.recovery_id = f.recovery_id
left join changes c on c.ord = i.ord
order by i.ord)sql";

// The texts of the parts that are there, one after the other.
std::string UnionOf(const std::vector<std::string>& selects) {
    return fmt::format("{}", fmt::join(selects, "\n    union all"));
}

}  // namespace

std::string CommitEventsSql(EventParts parts) {
    std::string sql = std::string(kTakeIn) + kOpen;
    std::vector<std::string> ended, lines = {kLinesOfFailures}, changes;
    if (parts.paid) {
        sql += kPaid;
        ended.emplace_back(" select bucket, merchant_id, recovery_id, ord from paid");
        changes.emplace_back(" select ord, null::bigint as task_id from paid");
        lines.emplace_back(kLinesOfPaid);
    }
    if (parts.stops) {
        sql += kStop;
        ended.emplace_back(" select bucket, merchant_id, recovery_id, ord from stopped");
        changes.emplace_back(" select ord, null::bigint as task_id from stopped");
        lines.emplace_back(kLinesOfStops);
    }
    if (!ended.empty()) sql += fmt::format(kVanish, UnionOf(ended));
    if (parts.others) {
        sql += kOthers;
        changes.emplace_back(kChangesOfOthers);
    }
    if (changes.empty())
        changes.emplace_back(" select null::int as ord, null::bigint as task_id where false");
    auto metrics =
        AddToDailyMetrics({"payment_failed", "recovered", "stopped", "exhausted", "reversed", "churned"});
    return sql + fmt::format(kLedger, UnionOf(lines)) + metrics + fmt::format(kAnswer, UnionOf(changes));
}

}  // namespace citadel::store

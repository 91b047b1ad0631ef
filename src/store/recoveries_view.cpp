#include "store/recoveries_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "store/tenant.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Query;
using postgres::Rows;
using postgres::Statement;

const char* const kRecoveryLineColumns = R"sql(r.recovery_id, r.invoice_id, r.invoice_number, r.customer_id,
    r.customer_name, r.customer_email, r.subscription_id, r.status, r.reason, r.cause, r.currency, r.amount_due,
    r.amount_recovered, r.amount_reversed, r.needs_customer, r.slots_used, r.mails_sent, r.stripe_attempts,
    r.decline_code, r.advice_code, r.policy, r.hosted_invoice_url, citadel.micros(r.first_failed_at),
    citadel.micros(r.last_attempt_at), citadel.micros(r.next_action_at), citadel.micros(r.stripe_next_attempt_at),
    citadel.micros(r.opened_at), citadel.micros(r.closed_at))sql";

namespace {

std::string Select(const char* where) {
    return fmt::format(
        "select {} from citadel.recoveries r where r.bucket = $1 and r.merchant_id = $2 and {}",
        kRecoveryLineColumns, where);
}

// Index: recoveries_pkey, backwards.
const Statement& ListAll() {
    static const Statement statement{"list_recoveries",
                                     Select("r.recovery_id < $3 order by r.recovery_id desc limit $4")};
    return statement;
}
// Index: recoveries_open_by_customer, which holds what is open and nothing else.
const Statement& ListOpen() {
    static const Statement statement{
        "list_open_recoveries",
        Select("r.recovery_id < $3 and r.status = 'open' order by r.recovery_id desc limit $4")};
    return statement;
}
// Index: recoveries_by_end, backwards.
const Statement& ListClosed() {
    static const Statement statement{"list_closed_recoveries",
                                     Select("r.recovery_id < $3 and r.status = $5 and r.status <> 'open' "
                                            "order by r.status desc, r.recovery_id desc limit $4")};
    return statement;
}
const Statement& ReadOne() {
    static const Statement statement{"read_recovery", Select("r.recovery_id = $3")};
    return statement;
}

// The events that the ledger knows this recovery by, and those that state a fact about its invoice,
// subscription or payment. What Stripe sent long ago is forgotten (upkeep); the ledger's own word stands in
// for it. Index: usage_logs_recovery, processed_events' key, processed_events_signals.
const Statement kEvents{"timeline_events", R"sql(
with booked as materialized (
    select l.event_id, max(l.log_id) as log_id, min(l.occurred_at) as occurred_at,
        string_agg(distinct l.metric_type, ', ') as booked
    from citadel.usage_logs l
    where l.bucket = $1 and l.merchant_id = $2 and l.recovery_id = $3 and l.event_id is not null
    group by l.event_id order by log_id desc limit 500
), stated as (
    select p.event_id from citadel.recoveries r join citadel.processed_events p
        on p.bucket = r.bucket and p.merchant_id = r.merchant_id and p.signal is not null
        and p.subject = any (array[r.invoice_id, nullif(r.subscription_id, ''), r.payment_intent_id])
    where r.bucket = $1 and r.merchant_id = $2 and r.recovery_id = $3 limit 500
), known as (
    select event_id from booked union select event_id from stated
)
select citadel.micros(coalesce(p.received_at, k.occurred_at)), coalesce(p.type, k.booked),
    case p.signal when 'paid' then 'the invoice is paid' when 'voided' then 'the invoice was voided'
        when 'uncollectible' then 'the invoice was given up' when 'subscription_deleted' then 'the subscription ended'
        when 'refunded' then 'money was given back' when 'disputed' then 'the payment is disputed'
        else case when k.booked like '%payment_failed_again%' then 'the payment failed again'
            when k.booked like '%payment_failed%' then 'the payment failed: recovery opened'
            else 'booked as ' || k.booked end end,
    p.amount, b.event_id
from known b left join booked k on k.event_id = b.event_id
left join citadel.processed_events p on p.bucket = $1 and p.merchant_id = $2 and p.event_id = b.event_id
order by 1)sql"};

const Statement kAttempts{"timeline_attempts", R"sql(
select citadel.micros(intended_at), driver, outcome, slot, amount, currency, decline_code,
    case when outcome is null then 'sent, not answered yet' when outcome = 'succeeded' then 'the bank paid'
        when outcome = 'action_required' then 'the bank wants the customer'
        when outcome = 'not_charged' then 'nothing was charged'
        else 'declined' || case when decline_code = '' then '' else ': ' || decline_code end end
        || case when detail = '' then '' else ' (' || detail || ')' end
from citadel.payment_attempts where bucket = $1 and merchant_id = $2 and recovery_id = $3
order by intended_at desc limit 500)sql"};

const Statement kMails{"timeline_mails", R"sql(
select citadel.micros(coalesce(settled_at, intended_at)), kind,
    case when complained_at is not null then 'complained' when bounced_at is not null then 'bounced'
        when first_clicked_at is not null then 'clicked' when first_opened_at is not null then 'opened'
        when delivered_at is not null then 'delivered' else nullif(status, 'intended') end, attempt,
    '“' || subject || '”, ' || case status when 'sent' then 'sent to ' || to_address
        when 'refused' then 'not sent: ' || coalesce(error, '') else 'about to be sent to ' || to_address end
from citadel.emails where bucket = $1 and merchant_id = $2 and recovery_id = $3
order by email_id desc limit 500)sql"};

const Statement kDecisions{"timeline_decisions", R"sql(
select citadel.micros(decided_at), action, rule,
    reason || case when rejected = '' then '' else '; rejected: ' || rejected end, citadel.micros(next_at)
from citadel.recovery_decisions where bucket = $1 and merchant_id = $2 and recovery_id = $3
order by decision_id desc limit 500)sql"};

// Index: recoveries_open_by_customer.
const Statement kEntitlement{"read_entitlement", R"sql(
select count(*), r.currency, sum(r.amount_due)::bigint, citadel.micros(max(r.first_failed_at)),
    citadel.micros(min(r.next_action_at)), bool_or(r.needs_customer)
from citadel.recoveries r
where r.bucket = $1 and r.merchant_id = $2 and r.customer_id = $3 and r.status = 'open'
group by r.currency order by r.currency)sql"};

void AddEvents(std::vector<TimelineEntry>& timeline, const Rows& rows) {
    for (int row = 0; row < rows.size(); ++row) {
        TimelineEntry entry{.at = rows.At(row, 0), .kind = "event", .name = rows.Text(row, 1)};
        entry.reason = rows.Text(row, 2);
        if (!rows.IsNull(row, 3)) entry.amount = rows.Int(row, 3);
        entry.event_id = rows.Text(row, 4);
        timeline.push_back(std::move(entry));
    }
}

void AddAttempts(std::vector<TimelineEntry>& timeline, const Rows& rows) {
    for (int row = 0; row < rows.size(); ++row) {
        TimelineEntry entry{.at = rows.At(row, 0), .kind = "attempt", .name = rows.Text(row, 1)};
        entry.outcome = rows.Text(row, 2);
        if (!rows.IsNull(row, 3)) entry.number = rows.Int(row, 3);
        entry.amount = rows.Int(row, 4);
        entry.currency = rows.Text(row, 5);
        entry.decline_code = rows.Text(row, 6);
        entry.reason = rows.Text(row, 7);
        timeline.push_back(std::move(entry));
    }
}

void AddMails(std::vector<TimelineEntry>& timeline, const Rows& rows) {
    for (int row = 0; row < rows.size(); ++row) {
        TimelineEntry entry{.at = rows.At(row, 0), .kind = "mail", .name = rows.Text(row, 1)};
        entry.outcome = rows.Text(row, 2);
        entry.number = rows.Int(row, 3);
        entry.reason = rows.Text(row, 4);
        timeline.push_back(std::move(entry));
    }
}

void AddDecisions(std::vector<TimelineEntry>& timeline, const Rows& rows) {
    for (int row = 0; row < rows.size(); ++row) {
        TimelineEntry entry{.at = rows.At(row, 0), .kind = "decision", .name = rows.Text(row, 1)};
        entry.rule = rows.Text(row, 2);
        entry.reason = rows.Text(row, 3);
        entry.next_at = rows.MaybeAt(row, 4);
        timeline.push_back(std::move(entry));
    }
}

// Of what one transaction wrote at one moment: first what was learned, then what was decided, then what was
// done.
int RankOf(const TimelineEntry& entry) {
    return entry.kind == "event" ? 0 : entry.kind == "decision" ? 1 : entry.kind == "attempt" ? 2 : 3;
}

bool HappensBefore(const TimelineEntry& a, const TimelineEntry& b) {
    return std::tuple(a.at, RankOf(a), a.number, std::string_view(a.name)) <
           std::tuple(b.at, RankOf(b), b.number, std::string_view(b.name));
}

}  // namespace

RecoveryLine ReadRecoveryLine(const Rows& rows, int row, int first_column) {
    int column = first_column;
    auto text = [&] { return rows.Text(row, column++); };
    auto number = [&] { return rows.Int(row, column++); };
    auto moment = [&] { return rows.MaybeAt(row, column++); };
    RecoveryLine r;
    r.id = number();
    r.invoice_id = text();
    r.invoice_number = text();
    r.customer_id = text();
    r.customer_name = text();
    r.customer_email = text();
    r.subscription_id = text();
    r.status = text();
    r.reason = text();
    r.cause = text();
    r.currency = text();
    r.amount_due = number();
    r.amount_recovered = number();
    r.amount_reversed = number();
    r.needs_customer = text() == "t";
    r.slots_used = number();
    r.mails_sent = number();
    r.stripe_attempts = number();
    r.decline_code = text();
    r.advice_code = text();
    r.policy = text();
    r.hosted_invoice_url = text();
    r.first_failed_at = moment().value_or(Time{});
    r.last_attempt_at = moment();
    r.next_action_at = moment();
    r.stripe_next_attempt_at = moment();
    r.opened_at = moment().value_or(Time{});
    r.closed_at = moment();
    return r;
}

asio::awaitable<Page<RecoveryLine>> ListRecoveries(postgres::Pool& pool, MerchantKey merchant,
                                                   std::string status, PageOrder order) {
    Params params = KeyParams(merchant);
    params.Int(order.before).Int(order.limit + 1);
    const Statement* statement = status.empty() ? &ListAll() : status == "open" ? &ListOpen() : &ListClosed();
    if (statement == &ListClosed()) params.Text(status);
    Rows rows = co_await RunAsTenant(pool, merchant, *statement, std::move(params));
    std::vector<RecoveryLine> lines;
    for (int row = 0; row < rows.size(); ++row) lines.push_back(ReadRecoveryLine(rows, row));
    co_return CutPage(std::move(lines), order.limit);
}

asio::awaitable<std::optional<RecoveryLine>> ReadRecovery(postgres::Pool& pool, MerchantKey merchant,
                                                          std::int64_t recovery_id) {
    Params params = KeyParams(merchant);
    params.Int(recovery_id);
    Rows rows = co_await RunAsTenant(pool, merchant, ReadOne(), std::move(params));
    std::optional<RecoveryLine> line;
    if (!rows.empty()) line = ReadRecoveryLine(rows, 0);
    co_return line;
}

asio::awaitable<std::optional<RecoveryStory>> ReadRecoveryStory(postgres::Pool& pool, MerchantKey merchant,
                                                                std::int64_t recovery_id) {
    Params params = KeyParams(merchant);
    params.Int(recovery_id);
    std::vector<Query> queries;
    for (const auto* statement : {&ReadOne(), &kEvents, &kAttempts, &kMails, &kDecisions})
        queries.push_back(Query{statement, params});
    std::vector<Rows> answers = co_await RunAsTenant(pool, merchant, std::move(queries));
    std::optional<RecoveryStory> story;
    if (answers[0].empty()) co_return story;
    story.emplace();
    story->recovery = ReadRecoveryLine(answers[0], 0);
    AddEvents(story->timeline, answers[1]);
    AddAttempts(story->timeline, answers[2]);
    AddMails(story->timeline, answers[3]);
    AddDecisions(story->timeline, answers[4]);
    std::sort(story->timeline.begin(), story->timeline.end(), HappensBefore);
    co_return story;
}

asio::awaitable<Entitlement> ReadEntitlement(postgres::Pool& pool, MerchantKey merchant,
                                             std::string customer_id) {
    Params params = KeyParams(merchant);
    params.Text(customer_id);
    Rows rows = co_await RunAsTenant(pool, merchant, kEntitlement, std::move(params));
    Entitlement entitlement;
    for (int row = 0; row < rows.size(); ++row) {
        entitlement.open_recoveries += rows.Int(row, 0);
        entitlement.due.push_back(Money{rows.Int(row, 2), rows.Text(row, 1)});
        auto failed = rows.MaybeAt(row, 3), next = rows.MaybeAt(row, 4);
        if (failed)
            entitlement.newest_failure_at =
                std::max(*failed, entitlement.newest_failure_at.value_or(*failed));
        if (next) entitlement.next_action_at = std::min(*next, entitlement.next_action_at.value_or(*next));
        entitlement.needs_customer |= rows.Bool(row, 5);
    }
    co_return entitlement;
}

}  // namespace citadel::store

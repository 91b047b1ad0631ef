#include "store/events.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "store/events_sql.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Param;
using postgres::Params;
using postgres::Query;
using postgres::Rows;
using postgres::Statement;

namespace {

// Serialises events of one customer across processes, and of one payment, since a dispute names no
// customer: a second transaction waits here and then sees what the first one did. Taken in order, so
// that two batches cannot wait for each other.
const Statement kLockSubjects{"lock_subjects", R"sql(
select pg_advisory_xact_lock(key) from (
    select distinct hashtextextended(subject, 0) as key from unnest($1::text[]) as s(subject) order by 1
) ordered)sql"};

// A disconnect concerns every customer of its account, so it is committed alone, and everything else side by
// side. One lock for all accounts, as disconnects are rare. Taken before the subjects, again for the order.
const Statement kLockReach{"lock_reach", "select pg_advisory_xact_lock_shared(1667855457, 1)"};
const Statement kLockReachAlone{"lock_reach_alone", "select pg_advisory_xact_lock(1667855457, 1)"};

// With the connection goes what opened it. Where the merchant ended it here, Stripe still has to be told: of
// everything but a restricted key, which only its owner can delete.
const Statement kWipeCredentials{"wipe_credentials", R"sql(
with leaver as materialized (
    select a.bucket, a.merchant_id, a.stripe_account_id, d.by_merchant
    from unnest($2::text[], $3::boolean[]) as d(account, by_merchant)
    join citadel.stripe_accounts a on a.stripe_account_id = d.account
    where a.disconnected_at is not null and a.stripe_account_id <> ''
), wiped as (
    delete from citadel.stripe_credentials c using leaver l
    where c.bucket = l.bucket and c.merchant_id = l.merchant_id and c.stripe_account_id = l.stripe_account_id
    returning c.stripe_account_id, c.kind
)
insert into citadel.stripe_revocations (bucket, merchant_id, stripe_account_id, owed_since, next_try_at)
select l.bucket, l.merchant_id, l.stripe_account_id, citadel.at($1), citadel.at($1) from leaver l
where l.by_merchant and l.stripe_account_id not in (select stripe_account_id from wiped where kind = 'restricted_key')
on conflict do nothing)sql"};

Query WipeCredentials(const std::vector<Intake>& events, Time now) {
    std::vector<Param> accounts, by_merchant;
    for (const auto& event : events) {
        if (event.kind != IntakeKind::kDisconnect) continue;
        accounts.emplace_back(event.account);
        by_merchant.emplace_back(event.type == kDisconnectedByMerchant ? "t" : "f");
    }
    Params params;
    params.At(now).Array(accounts).Array(by_merchant);
    return Query{&kWipeCredentials, std::move(params)};
}

bool IsDisconnect(const Intake& event) { return event.kind == IntakeKind::kDisconnect; }

EventParts PartsOf(const std::vector<Intake>& events) {
    EventParts parts;
    for (const auto& event : events) {
        using enum IntakeKind;
        parts.paid |= event.kind == kPaid;
        parts.stops |= event.kind == kStop || event.kind == kDisconnect;
        parts.others |= event.kind == kNudge || event.kind == kForesee || event.kind == kDisconnect ||
                        event.kind == kPlan;
    }
    return parts;
}

// One text for each set of parts, made once: "commit_events_0" … "commit_events_7".
const Statement& CommitEventsStatement(EventParts parts) {
    static const std::vector<Statement> all = [] {
        std::vector<Statement> made;
        for (int i = 0; i < 8; ++i) {
            EventParts some{.paid = (i & 1) != 0, .stops = (i & 2) != 0, .others = (i & 4) != 0};
            made.push_back({fmt::format("commit_events_{}", i), CommitEventsSql(some)});
        }
        return made;
    }();
    return all[(parts.paid ? 1u : 0u) + (parts.stops ? 2u : 0u) + (parts.others ? 4u : 0u)];
}

const char* SqlName(IntakeKind kind) {
    switch (kind) {
        case IntakeKind::kOpen: return "open";
        case IntakeKind::kAsk: return "ask";
        case IntakeKind::kPaid: return "paid";
        case IntakeKind::kStop: return "stop";
        case IntakeKind::kNudge: return "nudge";
        case IntakeKind::kForesee: return "foresee";
        case IntakeKind::kDisconnect: return "disconnect";
        case IntakeKind::kPlan: return "plan";
        case IntakeKind::kIgnore: return "ignore";
    }
    return "ignore";
}

const char* SqlName(StopScope scope) {
    switch (scope) {
        case StopScope::kInvoice: return "invoice";
        case StopScope::kSubscription: return "subscription";
        case StopScope::kPayment: return "payment";
        case StopScope::kMerchant: return "merchant";
    }
    return "invoice";
}

Param OrNull(const std::string& text) {
    if (text.empty()) return std::nullopt;
    return text;
}

// What a stop fact is about, as the memory of processed_events keeps it.
Param Subject(const Intake& event) {
    if (event.kind == IntakeKind::kPaid) return OrNull(event.invoice_id);
    if (event.kind != IntakeKind::kStop) return std::nullopt;
    switch (event.scope) {
        case StopScope::kInvoice: return OrNull(event.invoice_id);
        case StopScope::kSubscription: return OrNull(event.subscription_id);
        case StopScope::kPayment: return OrNull(event.payment_intent_id);
        case StopScope::kMerchant: return std::nullopt;
    }
    return std::nullopt;
}

// One array a column, in the order of $2… in CommitEventsSql.
class Columns {
  public:
    explicit Columns(const std::vector<Intake>& events) : events_(events) {}

    template <typename Get>
    void Add(Params& params, Get get) {
        values_.clear();
        for (const auto& event : events_) values_.push_back(get(event));
        params.Array(values_);
    }
    void AddTo(Params& params);

  private:
    const std::vector<Intake>& events_;
    std::vector<Param> values_;
};

Param Number(std::int64_t value) { return std::to_string(value); }
Param Flag(bool value) { return value ? "t" : "f"; }
std::int64_t Micros(Time time) { return time.time_since_epoch().count(); }

void Columns::AddTo(Params& params) {
    Add(params, [](const Intake& e) { return Param(e.event_id); });
    Add(params, [](const Intake& e) { return Param(e.account); });
    Add(params, [](const Intake& e) { return Param(e.type); });
    Add(params, [](const Intake& e) { return Number(Micros(e.created)); });
    Add(params, [](const Intake& e) { return Param(SqlName(e.kind)); });
    Add(params, [](const Intake& e) { return OrNull(e.signal); });
    Add(params, [](const Intake& e) { return Param(SqlName(e.scope)); });
    Add(params, [](const Intake& e) { return Subject(e); });
    Add(params, [](const Intake& e) { return OrNull(e.invoice_id); });
    Add(params, [](const Intake& e) { return OrNull(e.customer_id); });
    Add(params, [](const Intake& e) { return OrNull(e.subscription_id); });
    Add(params, [](const Intake& e) { return OrNull(e.payment_intent_id); });
    Add(params, [](const Intake& e) { return Number(e.amount); });
    Add(params, [](const Intake& e) { return Param(e.currency); });
    Add(params, [](const Intake& e) { return Number(e.stripe_attempts); });
    Add(params, [](const Intake& e) {
        return e.stripe_next_attempt ? Number(Micros(*e.stripe_next_attempt)) : Param();
    });
    Add(params, [](const Intake& e) { return Param(e.customer_email); });
    Add(params, [](const Intake& e) { return Param(e.customer_name); });
    Add(params, [](const Intake& e) { return Param(e.invoice_number); });
    Add(params, [](const Intake& e) { return Param(e.hosted_invoice_url); });
    Add(params, [](const Intake& e) { return Flag(e.needs_switch); });
    Add(params, [](const Intake& e) { return Flag(e.own_charge); });
    Add(params, [](const Intake& e) { return OrNull(e.price_id); });
    Add(params,
        [](const Intake& e) { return e.plan_ended ? Param("citadel_free") : OrNull(e.price_lookup_key); });
    Add(params, [](const Intake& e) { return e.begin_at ? Number(Micros(*e.begin_at)) : Param(); });
}

// The columns of kAnswer, read into the answer that Stripe and the logs get.
IntakeResult ReadResult(const Rows& rows, int row, const Intake& event) {
    bool known = rows.Bool(row, 0), fresh = rows.Bool(row, 1), done = rows.Bool(row, 2);
    bool enqueued = rows.Bool(row, 4), is_new = rows.Bool(row, 5);
    auto status = rows.Text(row, 6);
    auto affected = rows.Int(row, 7);
    using Action = IntakeResult::Action;
    IntakeResult result;
    if (!known) return {Action::kIgnored, "unknown account", {}};
    if (!fresh) return {Action::kDuplicate, "event already handled", {}};
    if (!done) return {Action::kIgnored, event.reason, {}};
    switch (event.kind) {
        case IntakeKind::kIgnore: return {Action::kIgnored, event.reason, {}};
        case IntakeKind::kOpen:
        case IntakeKind::kAsk:
            if (!rows.IsNull(row, 3)) result.task_id = rows.Int(row, 3);
            if (status != "open") return {Action::kProcessed, "recovery already closed: " + status, {}};
            result.action = enqueued ? Action::kEnqueued : Action::kProcessed;
            result.reason = is_new ? event.reason : "recovery already open, updated";
            return result;
        case IntakeKind::kForesee:
            if (affected == 0)
                return {Action::kProcessed, "known, or the customer is written to, or out of reach", {}};
            return {Action::kEnqueued, event.reason, rows.Int(row, 3)};
        case IntakeKind::kPlan:
            if (affected == 0)
                return {Action::kIgnored, "no merchant has this platform subscription and plan", {}};
            return {Action::kProcessed, event.reason, {}};
        case IntakeKind::kPaid:
        case IntakeKind::kStop:
        case IntakeKind::kNudge:
        case IntakeKind::kDisconnect:
            return {
                Action::kProcessed, affected > 0 ? event.reason : "noted, no recovery is open for it", {}};
    }
    return result;
}

}  // namespace

std::string_view NameOf(IntakeResult::Action action) {
    switch (action) {
        case IntakeResult::Action::kEnqueued: return "enqueued";
        case IntakeResult::Action::kProcessed: return "processed";
        case IntakeResult::Action::kIgnored: return "ignored";
        case IntakeResult::Action::kDuplicate: return "duplicate";
    }
    return "ignored";
}

std::vector<std::string> SubjectsOf(const Intake& event) {
    std::vector<std::string> subjects{event.account + "/" + event.customer_id};
    if (!event.payment_intent_id.empty()) subjects.push_back(event.account + "/" + event.payment_intent_id);
    return subjects;
}

asio::awaitable<std::vector<IntakeResult>> CommitEvents(postgres::Pool& pool, std::vector<Intake> events,
                                                        Time now) {
    std::vector<Param> subjects;
    subjects.reserve(events.size());
    for (const auto& event : events) {
        for (const auto& subject : SubjectsOf(event)) subjects.emplace_back(subject);
    }
    Params lock;
    lock.Array(subjects);
    Params params;
    params.At(now);
    Columns(events).AddTo(params);
    bool alone = std::any_of(events.begin(), events.end(), IsDisconnect);
    std::vector<Query> queries;
    queries.push_back(Query{alone ? &kLockReachAlone : &kLockReach, Params()});
    queries.push_back(Query{&kLockSubjects, std::move(lock)});
    queries.push_back(Query{&CommitEventsStatement(PartsOf(events)), std::move(params)});
    if (alone) queries.push_back(WipeCredentials(events, now));
    std::vector<Rows> answers = co_await pool.Run(std::move(queries));
    const Rows& rows = answers[2];
    CITADEL_CHECK(rows.size() == static_cast<int>(events.size()), "every event of a batch is answered");
    std::vector<IntakeResult> results;
    results.reserve(events.size());
    for (int row = 0; row < rows.size(); ++row) {
        results.push_back(ReadResult(rows, row, events[static_cast<std::size_t>(row)]));
    }
    co_return results;
}

}  // namespace citadel::store

#include "store/charges.h"

#include <boost/json.hpp>

#include "base/error.h"
#include "store/json_rows.h"

namespace citadel::store {

namespace asio = boost::asio;
namespace json = boost::json;
using postgres::Param;
using postgres::Params;
using postgres::Query;
using postgres::Rows;
using postgres::Statement;

namespace {

// Two charges of one card, for two invoices perhaps, wait for each other here: the second then counts the
// first. In order, so that two batches cannot wait for each other.
const Statement kLockCards{"lock_cards", R"sql(
select pg_advisory_xact_lock(key) from (
    select distinct hashtextextended(card, 1) as key from unnest($1::text[]) as c(card) order by 1) ordered)sql"};

// How much of each limit is used: "ask" are rows of (ord, bucket, merchant_id, fingerprint, amount, currency,
// limits). An attempt whose outcome nobody knows counts; one that is known to have reached no bank does not.
// Index: payment_attempts_card.
constexpr const char* kUse = R"sql(, uses as materialized (
    select k.ord, l.name, l.attempts_max, count(a.intended_at)::int as used,
        (array_agg(a.intended_at order by a.intended_at desc))[l.attempts_max]
            + l.window_hours * interval '1 hour' as free_at
    from ask k cross join lateral jsonb_to_recordset(k.limits)
        as l(name text, window_hours int, attempts_max int, declines_only boolean, same_amount boolean)
    left join citadel.payment_attempts a on a.bucket = k.bucket and a.merchant_id = k.merchant_id
        and a.fingerprint = k.fingerprint and a.fingerprint <> ''
        and a.intended_at > citadel.at($2) - l.window_hours * interval '1 hour'
        and a.outcome is distinct from 'not_charged'
        and (not l.declines_only or a.outcome is distinct from 'succeeded')
        and (not l.same_amount or (a.amount = k.amount and a.currency = k.currency))
    group by k.ord, l.name, l.attempts_max, l.window_hours
))sql";

// The tasks of `item` that may charge: the lease is ours, the recovery open, the account connected. Whoever
// asks waits for a stop signal that is about to commit, and the other way about.
constexpr const char* kMayCharge = R"sql(
    from item i
    join citadel.recoveries r
        on r.bucket = i.bucket and r.merchant_id = i.merchant_id and r.recovery_id = i.recovery_id
    join citadel.scheduled_tasks q
        on q.bucket = i.bucket and q.merchant_id = i.merchant_id and q.task_id = i.task_id
    where r.status = 'open' and q.status = 'running' and q.lease_token = i.lease_token
        and q.lease_expires_at > citadel.at($2)
        and exists (select from citadel.stripe_accounts a where a.bucket = i.bucket
            and a.merchant_id = i.merchant_id and a.disconnected_at is null)
    order by r.bucket, r.merchant_id, r.recovery_id
    for update of r for share of q)sql";

// The key is made of database state alone: the same slot has the same key for ever.
const Statement kOpenCharges{"open_charges", std::string(R"sql(
with item as materialized (
    select * from jsonb_to_recordset($1::jsonb) as x(ord int, bucket smallint, merchant_id bigint, task_id bigint,
        lease_token uuid, recovery_id bigint, amount bigint, currency text, payment_method text, fingerprint text,
        network text, limits jsonb)
), ask as materialized (
    select i.*, r.slots_used + 1 as slot)sql") + kMayCharge +
                                                 R"sql(
))sql" + kUse + R"sql(, spent as materialized (
    select distinct on (ord) ord, name, free_at from uses where used >= attempts_max order by ord, free_at desc
), opened as (
    insert into citadel.payment_attempts
        (bucket, merchant_id, recovery_id, slot, idempotency_key, task_id, amount, currency, payment_method,
         fingerprint, network, intended_at)
    select bucket, merchant_id, recovery_id, slot, format('cit_%s_%s_%s', merchant_id, recovery_id, slot), task_id,
        amount, currency, payment_method, fingerprint, network, citadel.at($2)
    from ask k where not exists (select from spent s where s.ord = k.ord)
    on conflict do nothing
    returning bucket, merchant_id, recovery_id, slot, idempotency_key
), counted as (
    update citadel.recoveries r set slots_used = o.slot, last_attempt_at = citadel.at($2)
    from opened o where r.bucket = o.bucket and r.merchant_id = o.merchant_id and r.recovery_id = o.recovery_id
)
select i.ord, o.slot, o.idempotency_key, citadel.micros(s.free_at), s.name from item i
left join opened o on o.bucket = i.bucket and o.merchant_id = i.merchant_id and o.recovery_id = i.recovery_id
left join spent s on s.ord = i.ord
order by i.ord)sql"};

// Index: the primary keys and payment_attempts_slot.
const Statement kAskAgain{"ask_again", std::string(R"sql(
with item as materialized (
    select $1::smallint as bucket, $3::bigint as merchant_id, $4::bigint as recovery_id, $5::bigint as task_id,
        $6::uuid as lease_token
), allowed as materialized (
    select i.*)sql") + kMayCharge + R"sql(
)
update citadel.payment_attempts s set asked_again_at = s.asked_again_at || citadel.at($2)
from allowed a where s.bucket = a.bucket and s.merchant_id = a.merchant_id and s.recovery_id = a.recovery_id
    and s.slot = $7 and s.outcome is null
returning s.slot)sql"};

const Statement kReadBudgets{"read_budgets", std::string(R"sql(
with ask as (
    select 0 as ord, $1::smallint as bucket, $3::bigint as merchant_id, $4::text as fingerprint, $5::bigint as amount,
        $6::text as currency, $7::jsonb as limits
))sql") + kUse + R"sql(
select u.name, u.used, case when u.used >= u.attempts_max then citadel.micros(u.free_at) end from uses u order by 1)sql"};

json::array ToJson(const std::vector<BudgetLimit>& limits) {
    json::array rows;
    for (const auto& limit : limits) {
        rows.push_back({{"name", limit.name},
                        {"window_hours", limit.window.count()},
                        {"attempts_max", limit.attempts_max},
                        {"declines_only", limit.declines_only},
                        {"same_amount", limit.same_amount}});
    }
    return rows;
}

json::object ToJson(const ChargeIntent& intent) {
    json::object row = KeyOf(intent.task);
    row["recovery_id"] = intent.recovery_id;
    row["amount"] = intent.amount.minor;
    row["currency"] = intent.amount.currency;
    row["payment_method"] = intent.card.payment_method;
    row["fingerprint"] = intent.card.fingerprint;
    row["network"] = intent.card.network;
    row["limits"] = ToJson(intent.limits);
    return row;
}

ChargeVerdict ReadVerdict(const Rows& rows, int row, const ChargeIntent& intent, Time now) {
    ChargeVerdict verdict;
    verdict.budget_free_at = rows.MaybeAt(row, 3);
    verdict.limit = rows.Text(row, 4);
    if (rows.IsNull(row, 1)) return verdict;
    ChargeSlot slot;
    slot.slot = static_cast<int>(rows.Int(row, 1));
    slot.idempotency_key = rows.Text(row, 2);
    slot.amount = intent.amount;
    slot.payment_method = intent.card.payment_method;
    slot.fingerprint = intent.card.fingerprint;
    slot.intended_at = now;
    verdict.slot = std::move(slot);
    return verdict;
}

}  // namespace

asio::awaitable<std::vector<ChargeVerdict>> OpenCharges(postgres::Pool& pool, std::vector<ChargeIntent> batch,
                                                        Time now) {
    json::array items;
    std::vector<Param> cards;
    for (const auto& intent : batch) {
        CITADEL_CHECK(!intent.card.fingerprint.empty() && !intent.limits.empty(),
                      "a charge names its card and the limits that hold for it");
        json::object row = ToJson(intent);
        row["ord"] = items.size();
        items.push_back(std::move(row));
        cards.emplace_back(std::to_string(intent.task.merchant.id) + "/" + intent.card.fingerprint);
    }
    Params lock;
    lock.Array(cards);
    Params params;
    params.Text(json::serialize(items)).At(now);
    std::vector<Query> queries;
    queries.push_back(Query{&kLockCards, std::move(lock)});
    queries.push_back(Query{&kOpenCharges, std::move(params)});
    std::vector<Rows> answers = co_await pool.Run(std::move(queries));
    const Rows& rows = answers.back();
    CITADEL_CHECK(rows.size() == static_cast<int>(batch.size()),
                  "every charge intent of a batch is answered");
    std::vector<ChargeVerdict> verdicts;
    verdicts.reserve(batch.size());
    for (int row = 0; row < rows.size(); ++row) {
        verdicts.push_back(ReadVerdict(rows, row, batch[static_cast<std::size_t>(row)], now));
    }
    co_return verdicts;
}

asio::awaitable<bool> AskAgain(postgres::Pool& pool, Task task, std::int64_t recovery_id, int slot,
                               Time now) {
    Params params;
    params.Int(task.merchant.bucket).At(now).Int(task.merchant.id).Int(recovery_id);
    params.Int(task.id).Text(task.lease_token).Int(slot);
    Rows rows = co_await pool.Run(kAskAgain, std::move(params));
    co_return !rows.empty();
}

asio::awaitable<std::vector<BudgetUse>> ReadBudgets(postgres::Pool& pool, MerchantKey merchant,
                                                    std::string fingerprint, Money amount,
                                                    std::vector<BudgetLimit> limits, Time now) {
    Params params;
    params.Int(merchant.bucket)
        .At(now)
        .Int(merchant.id)
        .Text(fingerprint)
        .Int(amount.minor)
        .Text(amount.currency);
    params.Text(json::serialize(ToJson(limits)));
    Rows rows = co_await pool.Run(kReadBudgets, std::move(params));
    std::vector<BudgetUse> uses;
    for (int row = 0; row < rows.size(); ++row) {
        for (const auto& limit : limits) {
            if (limit.name != rows.Text(row, 0)) continue;
            uses.push_back({limit, static_cast<int>(rows.Int(row, 1)), rows.MaybeAt(row, 2)});
        }
    }
    co_return uses;
}

}  // namespace citadel::store

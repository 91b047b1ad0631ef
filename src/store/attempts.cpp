#include "store/attempts.h"

#include <boost/json.hpp>

#include "store/json_rows.h"

namespace citadel::store {

namespace asio = boost::asio;
namespace json = boost::json;
using postgres::Params;
using postgres::Statement;

namespace {

// Index: payment_attempts_charge, and the recovery's own few rows.
const Statement kBookCharges{"book_charges", R"sql(
with seen as materialized (
    select x.* from jsonb_to_recordset($4::jsonb) as x(charge_id text, created bigint, amount bigint, currency text,
        fingerprint text, network text, outcome text, decline_code text, advice_code text, network_decline_code text,
        network_advice_code text)
    where not exists (select from citadel.payment_attempts a
        where a.bucket = $1 and a.merchant_id = $2 and a.charge_id = x.charge_id)
), noted as (
    update citadel.recoveries set charge_seen = $5 where bucket = $1 and merchant_id = $2 and recovery_id = $3
), adopted as (
    -- Stripe's clock and ours agree to a minute or so; an answer may take half a minute.
    -- An answer that gave no code learns it from its charge.
    update citadel.payment_attempts a set charge_id = s.charge_id,
        decline_code = coalesce(nullif(a.decline_code, ''), s.decline_code),
        advice_code = coalesce(nullif(a.advice_code, ''), s.advice_code),
        network_decline_code = coalesce(nullif(a.network_decline_code, ''), s.network_decline_code),
        network_advice_code = coalesce(nullif(a.network_advice_code, ''), s.network_advice_code)
    from (select distinct on (o.attempt_id) o.attempt_id, x.charge_id, x.decline_code, x.advice_code,
              x.network_decline_code, x.network_advice_code
          from citadel.payment_attempts o join seen x
              on exists (select from unnest(array[o.intended_at] || o.asked_again_at) as asked(at)
                  where citadel.at(x.created) between asked.at - interval '2 minutes' and asked.at + interval '10 minutes')
          where o.bucket = $1 and o.merchant_id = $2 and o.recovery_id = $3 and o.driver = 'citadel'
              and o.charge_id is null and o.outcome in ('declined', 'action_required')
          order by o.attempt_id, x.created) s
    where a.bucket = $1 and a.merchant_id = $2 and a.recovery_id = $3 and a.attempt_id = s.attempt_id
    returning a.charge_id
), others as (
    select x.*, row_number() over (order by x.created, x.charge_id)
        + (select count(*) from citadel.payment_attempts a where a.bucket = $1 and a.merchant_id = $2
            and a.recovery_id = $3 and a.driver = 'stripe') as rank
    from seen x where x.charge_id not in (select charge_id from adopted)
)
insert into citadel.payment_attempts
    (bucket, merchant_id, recovery_id, driver, amount, currency, charge_id, fingerprint, network, outcome,
     decline_code, advice_code, network_decline_code, network_advice_code, intended_at, settled_at)
select $1, $2, $3, case when o.rank <= $6 then 'stripe' else 'customer' end,
    o.amount, o.currency, o.charge_id, o.fingerprint, o.network, o.outcome, o.decline_code, o.advice_code,
    o.network_decline_code, o.network_advice_code, citadel.at(o.created), citadel.at(o.created)
from others o order by o.created
on conflict do nothing)sql"};

// Index: the primary key.
const Statement kListAttempts{"list_attempts", R"sql(
select citadel.micros(intended_at), fingerprint, outcome <> 'succeeded', decline_code, advice_code,
    network_decline_code, network_advice_code
from citadel.payment_attempts
where bucket = $1 and merchant_id = $2 and recovery_id = $3 and outcome <> 'not_charged'
order by intended_at, attempt_id)sql"};

}  // namespace

asio::awaitable<std::vector<BookedAttempt>> ListAttempts(postgres::Pool& pool, MerchantKey merchant,
                                                         std::int64_t recovery_id) {
    Params params;
    params.Int(merchant.bucket).Int(merchant.id).Int(recovery_id);
    postgres::Rows rows = co_await pool.Run(kListAttempts, std::move(params));
    std::vector<BookedAttempt> attempts;
    for (int row = 0; row < rows.size(); ++row) {
        BookedAttempt attempt;
        attempt.at = rows.At(row, 0);
        attempt.fingerprint = rows.Text(row, 1);
        attempt.declined = rows.Bool(row, 2);
        attempt.decline = {rows.Text(row, 3), rows.Text(row, 4), rows.Text(row, 5), rows.Text(row, 6)};
        attempts.push_back(std::move(attempt));
    }
    co_return attempts;
}

asio::awaitable<void> BookCharges(postgres::Pool& pool, MerchantKey merchant, std::int64_t recovery_id,
                                  std::int64_t stripe_attempts, std::vector<SeenCharge> charges,
                                  std::string newest) {
    json::array rows;
    for (const auto& charge : charges) {
        json::object row{
            {"charge_id", charge.charge_id},     {"created", charge.created.time_since_epoch().count()},
            {"amount", charge.amount.minor},     {"currency", charge.amount.currency},
            {"fingerprint", charge.fingerprint}, {"network", charge.network},
            {"outcome", SqlName(charge.outcome)}};
        AddDecline(row, charge.decline, "");
        rows.push_back(std::move(row));
    }
    Params params;
    params.Int(merchant.bucket).Int(merchant.id).Int(recovery_id).Text(json::serialize(rows)).Text(newest);
    params.Int(stripe_attempts);
    co_await pool.Run(kBookCharges, std::move(params));
}

}  // namespace citadel::store

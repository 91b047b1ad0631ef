#include "store/charges.h"

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

// The key is made of database state alone: the same slot has the same key for ever.
const Statement kOpenCharges{"open_charges", R"sql(
with item as materialized (
    select * from jsonb_to_recordset($1::jsonb) as x(ord int, bucket smallint, merchant_id bigint, task_id bigint,
        lease_token uuid, recovery_id bigint, amount bigint, currency text, payment_method text)
), held as materialized (
    select i.*, r.slots_used + 1 as slot
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
    for update of r for share of q
), opened as (
    insert into citadel.payment_attempts
        (bucket, merchant_id, recovery_id, slot, idempotency_key, task_id, amount, currency, payment_method, intended_at)
    select bucket, merchant_id, recovery_id, slot, format('cit_%s_%s_%s', merchant_id, recovery_id, slot), task_id,
        amount, currency, payment_method, citadel.at($2)
    from held
    on conflict do nothing
    returning bucket, merchant_id, recovery_id, slot, idempotency_key
), counted as (
    update citadel.recoveries r set slots_used = o.slot, last_attempt_at = citadel.at($2)
    from opened o where r.bucket = o.bucket and r.merchant_id = o.merchant_id and r.recovery_id = o.recovery_id
)
select i.ord, o.slot, o.idempotency_key from item i
left join opened o on o.bucket = i.bucket and o.merchant_id = i.merchant_id and o.recovery_id = i.recovery_id
order by i.ord)sql"};

}  // namespace

asio::awaitable<std::vector<std::optional<ChargeSlot>>> OpenCharges(postgres::Pool& pool,
                                                                    std::vector<ChargeIntent> batch,
                                                                    Time now) {
    json::array items;
    for (const auto& intent : batch) {
        json::object row = KeyOf(intent.task);
        row["ord"] = items.size();
        row["recovery_id"] = intent.recovery_id;
        row["amount"] = intent.amount.minor;
        row["currency"] = intent.amount.currency;
        row["payment_method"] = intent.payment_method;
        items.push_back(std::move(row));
    }
    Params params;
    params.Text(json::serialize(items)).At(now);
    Rows rows = co_await pool.Run(kOpenCharges, std::move(params));
    CITADEL_CHECK(rows.size() == static_cast<int>(batch.size()),
                  "every charge intent of a batch is answered");
    std::vector<std::optional<ChargeSlot>> slots;
    slots.reserve(batch.size());
    for (int row = 0; row < rows.size(); ++row) {
        std::optional<ChargeSlot> slot;
        if (!rows.IsNull(row, 1)) {
            slot.emplace();
            slot->slot = static_cast<int>(rows.Int(row, 1));
            slot->idempotency_key = rows.Text(row, 2);
            slot->amount = batch[static_cast<std::size_t>(row)].amount;
            slot->payment_method = batch[static_cast<std::size_t>(row)].payment_method;
            slot->intended_at = now;
        }
        slots.push_back(std::move(slot));
    }
    co_return slots;
}

}  // namespace citadel::store

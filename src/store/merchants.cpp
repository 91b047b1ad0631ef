#include "store/merchants.h"

#include "base/random.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Rows;
using postgres::Statement;

namespace {

const Statement kAddMerchant{"add_merchant", R"sql(
with known as (
    update citadel.stripe_accounts set disconnected_at = null, connected_at = citadel.at($9)
    where stripe_account_id = $3 returning bucket, merchant_id
), account as (
    insert into citadel.stripe_accounts (stripe_account_id, bucket, merchant_id, connected_at)
    select $3, $1, $2, citadel.at($9) where not exists (select from known)
    returning bucket, merchant_id
), merchant as (
    insert into citadel.merchants
        (bucket, merchant_id, name, email, retry_mode, platform_customer_id, from_name, created_at)
    select bucket, merchant_id, $4, $5, $6, nullif($7, ''), $8, citadel.at($9) from account
)
select bucket, merchant_id from known union all select bucket, merchant_id from account)sql"};

const Statement kListMerchants{"list_merchants", R"sql(
select m.bucket, m.merchant_id, m.name, m.email, m.tier, m.retry_mode, a.stripe_account_id,
    a.stripe_account_id is not null and a.disconnected_at is null
from citadel.merchants m
left join citadel.stripe_accounts a on a.bucket = m.bucket and a.merchant_id = m.merchant_id
order by m.created_at, m.merchant_id)sql"};

// A positive 63-bit id that nobody can guess from another.
std::int64_t NewMerchantId() {
    auto digits = RandomHex(8);
    return static_cast<std::int64_t>(std::stoull(digits, nullptr, 16) >> 1);
}

}  // namespace

asio::awaitable<MerchantKey> AddMerchant(postgres::Pool& pool, NewMerchant merchant, Time now) {
    auto id = NewMerchantId();
    Params params;
    params.Int(BucketOf(id))
        .Int(id)
        .Text(merchant.stripe_account_id)
        .Text(merchant.name)
        .Text(merchant.email);
    params.Text(merchant.retry_mode).Text(merchant.platform_customer_id).Text(merchant.name).At(now);
    Rows rows = co_await pool.Run(kAddMerchant, std::move(params));
    MerchantKey key;
    key.bucket = static_cast<std::int16_t>(rows.Int(0, 0));
    key.id = rows.Int(0, 1);
    co_return key;
}

asio::awaitable<std::vector<MerchantLine>> ListMerchantsAcrossTenants(postgres::Pool& pool) {
    Rows rows = co_await pool.Run(kListMerchants, Params());
    std::vector<MerchantLine> lines;
    lines.reserve(static_cast<std::size_t>(rows.size()));
    for (int row = 0; row < rows.size(); ++row) {
        MerchantLine line;
        line.key.bucket = static_cast<std::int16_t>(rows.Int(row, 0));
        line.key.id = rows.Int(row, 1);
        line.name = rows.Text(row, 2);
        line.email = rows.Text(row, 3);
        line.tier = rows.Text(row, 4);
        line.retry_mode = rows.Text(row, 5);
        line.stripe_account_id = rows.Text(row, 6);
        line.connected = rows.Bool(row, 7);
        lines.push_back(std::move(line));
    }
    co_return lines;
}

}  // namespace citadel::store

#include "store/merchants.h"

#include "base/error.h"
#include "base/random.h"
#include "store/tenant.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Query;
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
        (bucket, merchant_id, name, email, retry_mode, platform_customer_id, from_name, created_at, tier)
    select bucket, merchant_id, $4, $5, $6, nullif($7, ''), $8, citadel.at($9), $10 from account
)
select bucket, merchant_id from known union all select bucket, merchant_id from account)sql"};

const Statement kListMerchants{"list_merchants", R"sql(
select m.bucket, m.merchant_id, m.name, m.email, m.tier, m.retry_mode, a.stripe_account_id,
    a.stripe_account_id is not null and a.disconnected_at is null
from citadel.merchants m
left join citadel.stripe_accounts a on a.bucket = m.bucket and a.merchant_id = m.merchant_id
order by m.created_at, m.merchant_id)sql"};

// Index: clerk_users_pkey.
const Statement kFindSignIn{"find_sign_in", R"sql(
select bucket, merchant_id from citadel.clerk_users where clerk_user_id = $1)sql"};

// Who inserts the user makes the merchant; everybody else waits for that commit, inserts nothing, and looks
// again.
const Statement kProvisionMerchant{"provision_merchant", R"sql(
with signed_up as (
    insert into citadel.clerk_users (clerk_user_id, bucket, merchant_id, created_at)
    values ($1, $2, $3, citadel.at($4)) on conflict do nothing
    returning bucket, merchant_id
)
insert into citadel.merchants (bucket, merchant_id, clerk_user_id, created_at)
select bucket, merchant_id, $1, citadel.at($4) from signed_up)sql"};

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
    params.Text(merchant.tier);
    Rows rows = co_await pool.Run(kAddMerchant, std::move(params));
    MerchantKey key;
    key.bucket = static_cast<std::int16_t>(rows.Int(0, 0));
    key.id = rows.Int(0, 1);
    co_return key;
}

asio::awaitable<MerchantKey> ProvisionMerchant(postgres::Pool& pool, std::string clerk_user_id, Time now) {
    MerchantKey newcomer;
    newcomer.id = NewMerchantId();
    newcomer.bucket = BucketOf(newcomer.id);
    for (int look = 0; look < 2; ++look) {
        std::vector<Query> queries;
        queries.push_back(ActAsSignIn(clerk_user_id, newcomer));
        Params user;
        user.Text(clerk_user_id);
        if (look > 0) {
            Params made = user;
            made.Int(newcomer.bucket).Int(newcomer.id).At(now);
            queries.push_back(Query{&kProvisionMerchant, std::move(made)});
        }
        queries.push_back(Query{&kFindSignIn, std::move(user)});
        std::vector<Rows> answers = co_await pool.Run(std::move(queries));
        const Rows& found = answers.back();
        if (found.empty()) continue;
        MerchantKey key;
        key.bucket = static_cast<std::int16_t>(found.Int(0, 0));
        key.id = found.Int(0, 1);
        co_return key;
    }
    throw Trouble(TroubleKind::kUnavailable, "a merchant was erased while it signed in");
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

#include "store/users.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Rows;
using postgres::Statement;

namespace {

const Statement kIsDeletedUser{"is_deleted_user", R"sql(
select exists (select from citadel.clerk_profiles where clerk_user_id = $1 and deleted_at is not null))sql"};

const Statement kFindMerchantOfUser{"find_merchant_of_user", R"sql(
select bucket, merchant_id from citadel.clerk_users where clerk_user_id = $1)sql"};

// Svix sends for a good day; a week is remembered.
constexpr const char* kFresh = R"sql(
with forgotten as (
    delete from citadel.clerk_events where ctid in (
        select ctid from citadel.clerk_events where received_at < citadel.at($2) - interval '7 days' limit 100)
), fresh as (
    insert into citadel.clerk_events (svix_id, received_at) values ($1, citadel.at($2))
    on conflict do nothing returning svix_id
))sql";

const Statement kSetUserEmail{"set_user_email", std::string(kFresh) + R"sql(, newest as (
    insert into citadel.clerk_profiles as p (clerk_user_id, updated_ms) select $3, $5 from fresh
    on conflict (clerk_user_id) do update set updated_ms = excluded.updated_ms
    where p.deleted_at is null and p.updated_ms <= excluded.updated_ms
    returning clerk_user_id
), told as (
    update citadel.merchants m set email = $4 from newest where m.bucket = $6 and m.merchant_id = $7
)
select exists (select from fresh))sql"};

const Statement kSetUserDeleted{"set_user_deleted", std::string(kFresh) + R"sql(, gone as (
    insert into citadel.clerk_profiles as p (clerk_user_id, deleted_at) select $3, citadel.at($2) from fresh
    on conflict (clerk_user_id) do update set deleted_at = coalesce(p.deleted_at, excluded.deleted_at)
    returning clerk_user_id
), told as (
    update citadel.merchants m set email = '', digest_enabled = false from gone
    where m.bucket = $4 and m.merchant_id = $5
)
select exists (select from fresh))sql"};

// Reads all merchants: for the demo.
const Statement kListDemoAccounts{"list_demo_accounts", R"sql(
select name, email from citadel.merchants where email <> '' order by created_at, merchant_id limit 100)sql"};

const Statement kAdoptByEmail{"adopt_by_email", R"sql(
with known as (
    select bucket, merchant_id, clerk_user_id from citadel.merchants where email = $1
    order by created_at, merchant_id limit 1
), adopted as (
    update citadel.merchants m set clerk_user_id = $2 from known k
    where k.clerk_user_id is null and m.bucket = k.bucket and m.merchant_id = k.merchant_id
    returning m.bucket, m.merchant_id
), signs_in as (
    insert into citadel.clerk_users (clerk_user_id, bucket, merchant_id, created_at)
    select $2, bucket, merchant_id, citadel.at($3) from adopted on conflict do nothing
)
select coalesce((select clerk_user_id from known), $2))sql"};

}  // namespace

asio::awaitable<bool> IsDeletedUser(postgres::Pool& pool, std::string user_id) {
    Params params;
    params.Text(user_id);
    Rows rows = co_await pool.Run(kIsDeletedUser, std::move(params));
    co_return rows.Bool(0, 0);
}

asio::awaitable<std::optional<MerchantKey>> FindMerchantOfUser(postgres::Pool& pool, std::string user_id) {
    Params params;
    params.Text(user_id);
    Rows rows = co_await pool.Run(kFindMerchantOfUser, std::move(params));
    if (rows.empty()) co_return std::nullopt;
    MerchantKey key;
    key.bucket = static_cast<std::int16_t>(rows.Int(0, 0));
    key.id = rows.Int(0, 1);
    co_return key;
}

asio::awaitable<bool> SetUserEmail(postgres::Pool& pool, std::string svix_id, std::string user_id,
                                   MerchantKey merchant, std::string email, std::int64_t updated_ms,
                                   Time now) {
    Params params;
    params.Text(svix_id).At(now).Text(user_id).Text(email).Int(updated_ms);
    params.Int(merchant.bucket).Int(merchant.id);
    Rows rows = co_await pool.Run(kSetUserEmail, std::move(params));
    co_return rows.Bool(0, 0);
}

asio::awaitable<bool> SetUserDeleted(postgres::Pool& pool, std::string svix_id, std::string user_id,
                                     std::optional<MerchantKey> merchant, Time now) {
    MerchantKey nobody{-1, 0};
    MerchantKey key = merchant.value_or(nobody);
    Params params;
    params.Text(svix_id).At(now).Text(user_id).Int(key.bucket).Int(key.id);
    Rows rows = co_await pool.Run(kSetUserDeleted, std::move(params));
    co_return rows.Bool(0, 0);
}

asio::awaitable<std::vector<DemoAccount>> ListDemoAccountsAcrossMerchants(postgres::Pool& pool) {
    Rows rows = co_await pool.Run(kListDemoAccounts, Params());
    std::vector<DemoAccount> accounts;
    for (int row = 0; row < rows.size(); ++row) accounts.push_back({rows.Text(row, 0), rows.Text(row, 1)});
    co_return accounts;
}

asio::awaitable<std::string> AdoptByEmailAcrossMerchants(postgres::Pool& pool, std::string email,
                                                         std::string user_id, Time now) {
    Params params;
    params.Text(email).Text(user_id).At(now);
    Rows rows = co_await pool.Run(kAdoptByEmail, std::move(params));
    co_return rows.Text(0, 0);
}

}  // namespace citadel::store

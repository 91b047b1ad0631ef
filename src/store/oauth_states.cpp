#include "store/oauth_states.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Rows;
using postgres::Statement;

namespace {

// Index: oauth_states_merchant.
const Statement kAddOAuthState{"add_oauth_state", R"sql(
with forgotten as (
    delete from citadel.oauth_states
    where bucket = $1 and merchant_id = $2 and expires_at < citadel.at($5) - interval '1 day'
)
insert into citadel.oauth_states (bucket, merchant_id, clerk_user_id, state_hash, created_at, expires_at)
values ($1, $2, $3, $4, citadel.at($5), citadel.at($6)))sql"};

// Who updates the row has used the state: a second caller waits for that and then finds it used.
const Statement kUseOAuthState{"use_oauth_state", R"sql(
with mine as (
    select state_hash, used_at, expires_at from citadel.oauth_states
    where state_hash = $4 and bucket = $1 and merchant_id = $2 and clerk_user_id = $3
), used as (
    update citadel.oauth_states s set used_at = citadel.at($5) from mine m
    where s.state_hash = m.state_hash and s.used_at is null and s.expires_at > citadel.at($5)
    returning s.state_hash
)
select exists (select from used), m.used_at is null and m.expires_at <= citadel.at($5) from mine m)sql"};

}  // namespace

asio::awaitable<void> AddOAuthState(postgres::Pool& pool, MerchantKey merchant, std::string user_id,
                                    std::string state_hash, Time now, Time expires_at) {
    Params params;
    params.Int(merchant.bucket).Int(merchant.id).Text(user_id).Text(state_hash).At(now).At(expires_at);
    co_await pool.Run(kAddOAuthState, std::move(params));
}

asio::awaitable<StateUse> UseOAuthState(postgres::Pool& pool, MerchantKey merchant, std::string user_id,
                                        std::string state_hash, Time now) {
    Params params;
    params.Int(merchant.bucket).Int(merchant.id).Text(user_id).Text(state_hash).At(now);
    Rows rows = co_await pool.Run(kUseOAuthState, std::move(params));
    if (rows.empty()) co_return StateUse::kUnknown;
    if (rows.Bool(0, 0)) co_return StateUse::kFirst;
    if (rows.Bool(0, 1)) co_return StateUse::kExpired;
    co_return StateUse::kUsed;
}

}  // namespace citadel::store

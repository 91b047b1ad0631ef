#include "store/credentials.h"

#include <fmt/format.h>

#include "store/events.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Query;
using postgres::Rows;
using postgres::Statement;

namespace {

// As kLockReachAlone of store/events: connecting is rare, and nobody else's connection changes meanwhile.
const Statement kLockReachAlone{"lock_reach_to_connect", "select pg_advisory_xact_lock(1667855457, 1)"};

const Statement kConnectAccount{"connect_account", R"sql(
with verdict as materialized (
    select case
        when exists (select from citadel.stripe_revocations where stripe_account_id = $3) then 'revocation_pending'
        when exists (select from citadel.stripe_accounts where stripe_account_id = $3 and disconnected_at is null
            and (bucket, merchant_id) <> ($1::smallint, $2::bigint)) then 'account_in_use'
        when exists (select from citadel.stripe_accounts where bucket = $1 and merchant_id = $2
            and stripe_account_id <> $3 and disconnected_at is null) then 'other_account'
        else 'connected' end as verdict
), account as (
    insert into citadel.stripe_accounts (stripe_account_id, bucket, merchant_id, connected_at)
    select $3, $1, $2, citadel.at($10) from verdict where verdict = 'connected'
    on conflict (stripe_account_id) do update set bucket = excluded.bucket, merchant_id = excluded.merchant_id,
        connected_at = excluded.connected_at, disconnected_at = null
), credential as (
    insert into citadel.stripe_credentials (bucket, merchant_id, stripe_account_id, kind, key_id, sealed_access,
        sealed_refresh, scope, livemode, created_at)
    select $1, $2, $3, $4, $5, $6, $7, $8, $9, citadel.at($10) from verdict where verdict = 'connected'
    on conflict (bucket, merchant_id) do update set stripe_account_id = excluded.stripe_account_id,
        kind = excluded.kind, key_id = excluded.key_id, sealed_access = excluded.sealed_access,
        sealed_refresh = excluded.sealed_refresh, scope = excluded.scope, livemode = excluded.livemode,
        created_at = excluded.created_at, resealed_at = null
), named as (
    update citadel.merchants m set name = $11 from verdict
    where verdict = 'connected' and m.bucket = $1 and m.merchant_id = $2 and m.name = ''
)
select verdict from verdict)sql"};

// Index: stripe_accounts_merchant.
const Statement kFindConnectedAccount{"find_connected_account", R"sql(
select a.stripe_account_id, citadel.micros(a.connected_at), c.kind
from citadel.stripe_accounts a left join citadel.stripe_credentials c
    on c.bucket = a.bucket and c.merchant_id = a.merchant_id and c.stripe_account_id = a.stripe_account_id
where a.bucket = $1 and a.merchant_id = $2 and a.disconnected_at is null
order by a.connected_at desc limit 1)sql"};

// A second caller skips what the first has taken; if that one dies, it comes again at next_try_at.
constexpr const char* kTake = R"sql(
update citadel.stripe_revocations r set tries = r.tries + 1, next_try_at = citadel.at($2)
where (r.bucket, r.merchant_id, r.stripe_account_id) in (
    select bucket, merchant_id, stripe_account_id from citadel.stripe_revocations where {}
    for update skip locked)
returning r.bucket, r.merchant_id, r.stripe_account_id, r.tries)sql";

// Index: stripe_revocations_due.
const Statement kTakeDue{"take_owed_revocations",
                         fmt::format(kTake, "next_try_at <= citadel.at($1) order by next_try_at limit $3")};
const Statement kTakeOwn{
    "take_owed_revocations_of",
    fmt::format(kTake, "bucket = $3 and merchant_id = $4 and owed_since <= citadel.at($1)")};

const Statement kSettleRevocation{"settle_revocation", R"sql(
delete from citadel.stripe_revocations where bucket = $1 and merchant_id = $2 and stripe_account_id = $3)sql"};

const Statement kPostponeRevocation{"postpone_revocation", R"sql(
update citadel.stripe_revocations set next_try_at = citadel.at($4), last_error = $5
where bucket = $1 and merchant_id = $2 and stripe_account_id = $3)sql"};

constexpr const char* kSealedColumns =
    "bucket, merchant_id, stripe_account_id, kind, key_id, sealed_access, sealed_refresh, scope, livemode";

// Index: stripe_credentials_account.
const Statement kFindRestrictedKey{"find_restricted_key", fmt::format(R"sql(
select {} from citadel.stripe_credentials where stripe_account_id = $1 and kind = 'restricted_key')sql",
                                                                      kSealedColumns)};

// Index: stripe_credentials_pkey.
const Statement kListNotUnderKey{"list_not_under_key", fmt::format(R"sql(
select {} from citadel.stripe_credentials
where key_id <> $1 and (bucket, merchant_id) > ($2::smallint, $3::bigint)
order by bucket, merchant_id limit $4)sql",
                                                                   kSealedColumns)};

const Statement kReplaceSealed{"replace_sealed", R"sql(
update citadel.stripe_credentials set key_id = $5, sealed_access = $6, sealed_refresh = $7,
    resealed_at = citadel.at($8)
where bucket = $1 and merchant_id = $2 and sealed_access = $3 and sealed_refresh = $4)sql"};

const Statement kCountByKey{"count_by_key", R"sql(
select key_id, count(*) from citadel.stripe_credentials group by key_id)sql"};

MerchantKey ReadKey(const Rows& rows, int row) {
    MerchantKey key;
    key.bucket = static_cast<std::int16_t>(rows.Int(row, 0));
    key.id = rows.Int(row, 1);
    return key;
}

Params KeyOf(MerchantKey merchant) {
    Params params;
    params.Int(merchant.bucket).Int(merchant.id);
    return params;
}

SealedRow ReadSealedRow(const Rows& rows, int row) {
    SealedRow one;
    one.merchant = ReadKey(rows, row);
    one.credential.account = rows.Text(row, 2);
    one.credential.kind = rows.Text(row, 3);
    one.credential.key_id = rows.Text(row, 4);
    one.credential.sealed_access = rows.Text(row, 5);
    one.credential.sealed_refresh = rows.Text(row, 6);
    one.credential.scope = rows.Text(row, 7);
    one.credential.livemode = rows.Bool(row, 8);
    return one;
}

std::vector<OwedRevocation> ReadOwed(const Rows& rows) {
    std::vector<OwedRevocation> owed;
    for (int row = 0; row < rows.size(); ++row) {
        OwedRevocation one;
        one.merchant = ReadKey(rows, row);
        one.account = rows.Text(row, 2);
        one.tries = static_cast<int>(rows.Int(row, 3));
        owed.push_back(std::move(one));
    }
    return owed;
}

}  // namespace

asio::awaitable<ConnectVerdict> ConnectAccount(postgres::Pool& pool, MerchantKey merchant,
                                               Credential credential, Time now) {
    Params params = KeyOf(merchant);
    params.Text(credential.account).Text(credential.kind).Text(credential.key_id);
    params.Text(credential.sealed_access).Text(credential.sealed_refresh).Text(credential.scope);
    params.Text(credential.livemode ? "t" : "f").At(now).Text(credential.business_name);
    std::vector<Query> queries;
    queries.push_back(Query{&kLockReachAlone, Params()});
    queries.push_back(Query{&kConnectAccount, std::move(params)});
    std::vector<Rows> answers = co_await pool.Run(std::move(queries));
    auto verdict = answers.back().Text(0, 0);
    if (verdict == "revocation_pending") co_return ConnectVerdict::kRevocationPending;
    if (verdict == "account_in_use") co_return ConnectVerdict::kAccountInUse;
    if (verdict == "other_account") co_return ConnectVerdict::kOtherAccount;
    co_return ConnectVerdict::kConnected;
}

asio::awaitable<std::optional<ConnectedAccount>> FindConnectedAccount(postgres::Pool& pool,
                                                                      MerchantKey merchant) {
    Rows rows = co_await pool.Run(kFindConnectedAccount, KeyOf(merchant));
    if (rows.empty()) co_return std::nullopt;
    ConnectedAccount account;
    account.account = rows.Text(0, 0);
    account.connected_at = rows.At(0, 1);
    account.kind = rows.Text(0, 2);
    co_return account;
}

asio::awaitable<void> DisconnectAccount(postgres::Pool& pool, ConnectedAccount account, Time now) {
    Intake event;
    // Named after the connection that it ends: the second time it is a duplicate.
    event.event_id = fmt::format("citadel:disconnect:{}:{}", account.account,
                                 account.connected_at.time_since_epoch().count());
    event.account = account.account;
    event.type = kDisconnectedByMerchant;
    event.created = now;
    event.kind = IntakeKind::kDisconnect;
    event.reason = "the merchant disconnected";
    event.signal = "disconnected";
    event.scope = StopScope::kMerchant;
    std::vector<Intake> events;
    events.push_back(std::move(event));
    co_await CommitEvents(pool, std::move(events), now);
}

asio::awaitable<std::vector<OwedRevocation>> TakeOwedRevocationsAcrossMerchants(postgres::Pool& pool,
                                                                                Time now, Duration lease,
                                                                                int limit) {
    Params params;
    params.At(now).At(now + lease).Int(limit);
    Rows rows = co_await pool.Run(kTakeDue, std::move(params));
    co_return ReadOwed(rows);
}

asio::awaitable<std::vector<OwedRevocation>> TakeOwedRevocations(postgres::Pool& pool, MerchantKey merchant,
                                                                 Time now, Duration lease) {
    Params params;
    params.At(now).At(now + lease).Int(merchant.bucket).Int(merchant.id);
    Rows rows = co_await pool.Run(kTakeOwn, std::move(params));
    co_return ReadOwed(rows);
}

asio::awaitable<void> SettleRevocation(postgres::Pool& pool, OwedRevocation revocation) {
    Params params = KeyOf(revocation.merchant);
    params.Text(revocation.account);
    co_await pool.Run(kSettleRevocation, std::move(params));
}

asio::awaitable<void> PostponeRevocation(postgres::Pool& pool, OwedRevocation revocation, Time next_try_at,
                                         std::string error) {
    Params params = KeyOf(revocation.merchant);
    params.Text(revocation.account).At(next_try_at).Text(error);
    co_await pool.Run(kPostponeRevocation, std::move(params));
}

asio::awaitable<std::optional<SealedRow>> FindRestrictedKeyAcrossMerchants(postgres::Pool& pool,
                                                                           std::string account) {
    Params params;
    params.Text(account);
    Rows rows = co_await pool.Run(kFindRestrictedKey, std::move(params));
    if (rows.empty()) co_return std::nullopt;
    co_return ReadSealedRow(rows, 0);
}

asio::awaitable<std::vector<SealedRow>> ListNotUnderKeyAcrossMerchants(postgres::Pool& pool,
                                                                       std::string key_id, MerchantKey after,
                                                                       int limit) {
    Params params;
    params.Text(key_id).Int(after.bucket).Int(after.id).Int(limit);
    Rows rows = co_await pool.Run(kListNotUnderKey, std::move(params));
    std::vector<SealedRow> found;
    for (int row = 0; row < rows.size(); ++row) found.push_back(ReadSealedRow(rows, row));
    co_return found;
}

asio::awaitable<bool> ReplaceSealed(postgres::Pool& pool, MerchantKey merchant, Credential was,
                                    Credential now_is, Time now) {
    Params params = KeyOf(merchant);
    params.Text(was.sealed_access).Text(was.sealed_refresh).Text(now_is.key_id);
    params.Text(now_is.sealed_access).Text(now_is.sealed_refresh).At(now);
    Rows rows = co_await pool.Run(kReplaceSealed, std::move(params));
    co_return rows.affected() == 1;
}

asio::awaitable<std::map<std::string, std::int64_t>> CountByKeyAcrossMerchants(postgres::Pool& pool) {
    Rows rows = co_await pool.Run(kCountByKey, Params());
    std::map<std::string, std::int64_t> counts;
    for (int row = 0; row < rows.size(); ++row) counts[rows.Text(row, 0)] = rows.Int(row, 1);
    co_return counts;
}

}  // namespace citadel::store

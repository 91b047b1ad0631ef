#include "store/admin.h"

#include <fmt/format.h>

#include "store/tenant.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Query;
using postgres::Rows;
using postgres::Statement;

namespace {

constexpr int kRowsErasedAtOnce = 20'000;

std::string Select(const char* rest) {
    return fmt::format(R"sql(
select m.bucket, m.merchant_id, m.name, m.email, m.tier, m.retry_mode, coalesce(a.stripe_account_id, ''),
    a.stripe_account_id is not null and a.disconnected_at is null, citadel.micros(m.created_at)
from citadel.merchants m
left join lateral (
    select * from citadel.stripe_accounts a where a.bucket = m.bucket and a.merchant_id = m.merchant_id
    order by (a.disconnected_at is null) desc, a.connected_at desc limit 1) a on true
{})sql",
                       rest);
}

// Index: merchants_pkey.
const Statement& ListStatement() {
    static const Statement statement{
        "admin_list_merchants",
        Select(
            "where (m.bucket, m.merchant_id) > ($1::smallint, $2::bigint) order by m.bucket, m.merchant_id "
            "limit $3")};
    return statement;
}
// Index: merchants_pkey, probed bucket by bucket.
const Statement& FindStatement() {
    static const Statement statement{
        "admin_find_merchant",
        Select(
            "where m.merchant_id = $1 and m.bucket in (select b::smallint from generate_series(0, $2) b)")};
    return statement;
}

const Statement kWriteAudit{"write_audit", R"sql(
insert into citadel.admin_audit (at, action, subject, outcome, detail, request_id, remote_address)
values (citadel.at($1), $2, $3, $4, $5, $6, $7))sql"};

// The lock that a batch with a disconnect takes (store/events): no batch is under way, and the next one sees
// that nobody knows the account any more.
const Statement kLockReachAlone{"erase_lock_reach", "select pg_advisory_xact_lock(1667855457, 1)"};
// In the order in which a settlement locks, so that one that is under way is waited for, with all that it
// writes.
const Statement kLockTasks{"erase_lock_tasks", R"sql(
select count(*) from (select 1 from citadel.scheduled_tasks where bucket = $1 and merchant_id = $2
    and status in ('pending', 'running') for update) locked)sql"};
const Statement kLockRecoveries{"erase_lock_recoveries", R"sql(
select count(*) from (select 1 from citadel.recoveries where bucket = $1 and merchant_id = $2 for update) locked)sql"};

std::vector<Statement> MakeCuts() {
    std::vector<Statement> cuts;
    for (const char* table : {"clerk_users", "stripe_accounts", "scheduled_tasks", "recoveries"}) {
        cuts.push_back({fmt::format("erase_{}", table),
                        fmt::format("delete from citadel.{} where bucket = $1 and merchant_id = $2", table)});
    }
    return cuts;
}

const Statement kEraseRows{"erase_rows", "select citadel.erase_rows($1::smallint, $2::bigint, $3::integer)"};

std::vector<AdminMerchant> ReadMerchants(const Rows& rows) {
    std::vector<AdminMerchant> merchants;
    for (int row = 0; row < rows.size(); ++row) {
        AdminMerchant merchant;
        merchant.key.bucket = static_cast<std::int16_t>(rows.Int(row, 0));
        merchant.key.id = rows.Int(row, 1);
        merchant.name = rows.Text(row, 2);
        merchant.email = rows.Text(row, 3);
        merchant.tier = rows.Text(row, 4);
        merchant.retry_mode = rows.Text(row, 5);
        merchant.stripe_account_id = rows.Text(row, 6);
        merchant.stripe_connected = rows.Bool(row, 7);
        merchant.created_at = rows.At(row, 8);
        merchants.push_back(std::move(merchant));
    }
    return merchants;
}

}  // namespace

asio::awaitable<std::vector<AdminMerchant>> ListMerchantsForAdminAcrossMerchants(postgres::Pool& pool,
                                                                                 MerchantKey after,
                                                                                 int limit) {
    Params params = KeyParams(after);
    params.Int(limit);
    Rows rows = co_await pool.Run(ListStatement(), std::move(params));
    co_return ReadMerchants(rows);
}

asio::awaitable<std::optional<AdminMerchant>> FindMerchantAcrossMerchants(postgres::Pool& pool,
                                                                          std::int64_t merchant_id) {
    Params params;
    params.Int(merchant_id).Int(kBuckets - 1);
    Rows rows = co_await pool.Run(FindStatement(), std::move(params));
    std::optional<AdminMerchant> found;
    for (auto& merchant : ReadMerchants(rows)) found = std::move(merchant);
    co_return found;
}

asio::awaitable<void> WriteAudit(postgres::Pool& pool, AuditLine line, Time now) {
    Params params;
    params.At(now).Text(line.action).Text(line.subject).Text(line.outcome).Text(line.detail);
    params.Text(line.request_id).Text(line.remote_address);
    co_await pool.Run(kWriteAudit, std::move(params));
}

asio::awaitable<std::int64_t> EraseMerchant(postgres::Pool& pool, MerchantKey merchant) {
    static const std::vector<Statement> cuts = MakeCuts();
    std::vector<Query> queries;
    queries.push_back(Query{&kLockReachAlone, Params()});
    queries.push_back(Query{&kLockTasks, KeyParams(merchant)});
    queries.push_back(Query{&kLockRecoveries, KeyParams(merchant)});
    for (const auto& cut : cuts) queries.push_back(Query{&cut, KeyParams(merchant)});
    std::vector<Rows> answers = co_await pool.Run(std::move(queries));
    std::int64_t gone_in_all = 0;
    for (std::size_t i = 3; i < answers.size(); ++i) gone_in_all += answers[i].affected();
    for (std::int64_t gone = 1; gone > 0; gone_in_all += gone) {
        Params params = KeyParams(merchant);
        params.Int(kRowsErasedAtOnce);
        Rows rows = co_await pool.Run(kEraseRows, std::move(params));
        gone = rows.Int(0, 0);
    }
    co_return gone_in_all;
}

}  // namespace citadel::store

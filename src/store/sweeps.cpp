#include "store/sweeps.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Param;
using postgres::Params;
using postgres::Rows;
using postgres::Statement;

namespace {

// Index: stripe_accounts_sweep.
const Statement kClaimSweep{"claim_sweep", R"sql(
update citadel.stripe_accounts a set sweep_lease_until = citadel.at($2)
where a.stripe_account_id = (
    select s.stripe_account_id from citadel.stripe_accounts s
    where s.disconnected_at is null and s.stripe_account_id <> ''
        and (s.swept_at is null or s.swept_at < citadel.at($1))
        and (s.sweep_lease_until is null or s.sweep_lease_until <= citadel.at($3))
    order by s.swept_at nulls first limit 1
    for update skip locked)
returning a.bucket, a.merchant_id, a.stripe_account_id, a.swept_at is null)sql"};

const Statement kFinishSweep{"finish_sweep", R"sql(
update citadel.stripe_accounts set swept_at = citadel.at($2), sweep_lease_until = null
where stripe_account_id = $1)sql"};

// Index: recoveries (bucket, merchant_id, invoice_id).
const Statement kUnknownInvoices{"unknown_invoices", R"sql(
select i.id from unnest($3::text[]) as i(id)
where not exists (select from citadel.recoveries r
    where r.bucket = $1 and r.merchant_id = $2 and r.invoice_id = i.id))sql"};

// Index: recoveries_open_by_customer, scheduled_tasks_one_open.
const Statement kHastenMissing{"hasten_missing", R"sql(
update citadel.scheduled_tasks q set run_at = citadel.at($5)
from citadel.recoveries r
where r.bucket = $1 and r.merchant_id = $2 and r.status = 'open' and r.first_failed_at >= citadel.at($4)
    and r.invoice_id <> all ($3::text[])
    and q.bucket = r.bucket and q.merchant_id = r.merchant_id and q.recovery_id = r.recovery_id
    and q.status = 'pending' and q.run_at > citadel.at($5))sql"};

std::vector<Param> Texts(const std::vector<std::string>& values) {
    return std::vector<Param>(values.begin(), values.end());
}

}  // namespace

asio::awaitable<std::optional<Sweep>> ClaimSweepAcrossMerchants(postgres::Pool& pool, Time swept_before,
                                                                Time lease_until, Time now) {
    Params params;
    params.At(swept_before).At(lease_until).At(now);
    Rows rows = co_await pool.Run(kClaimSweep, std::move(params));
    std::optional<Sweep> sweep;
    if (rows.empty()) co_return sweep;
    sweep.emplace();
    sweep->merchant.bucket = static_cast<std::int16_t>(rows.Int(0, 0));
    sweep->merchant.id = rows.Int(0, 1);
    sweep->account = rows.Text(0, 2);
    sweep->first = rows.Bool(0, 3);
    co_return sweep;
}

asio::awaitable<void> FinishSweep(postgres::Pool& pool, Sweep sweep, Time now) {
    Params params;
    params.Text(sweep.account).At(now);
    co_await pool.Run(kFinishSweep, std::move(params));
}

asio::awaitable<std::vector<std::string>> ListUnknownInvoices(postgres::Pool& pool, MerchantKey merchant,
                                                              std::vector<std::string> invoices) {
    Params params;
    params.Int(merchant.bucket).Int(merchant.id).Array(Texts(invoices));
    Rows rows = co_await pool.Run(kUnknownInvoices, std::move(params));
    std::vector<std::string> unknown;
    for (int row = 0; row < rows.size(); ++row) unknown.push_back(rows.Text(row, 0));
    co_return unknown;
}

asio::awaitable<std::int64_t> HastenMissing(postgres::Pool& pool, MerchantKey merchant,
                                            std::vector<std::string> open_invoices, Time failed_since,
                                            Time now) {
    Params params;
    params.Int(merchant.bucket).Int(merchant.id).Array(Texts(open_invoices)).At(failed_since).At(now);
    Rows rows = co_await pool.Run(kHastenMissing, std::move(params));
    co_return rows.affected();
}

}  // namespace citadel::store

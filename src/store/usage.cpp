#include "store/usage.h"

#include <fmt/format.h>
#include <boost/json.hpp>

namespace citadel::store {

namespace asio = boost::asio;
namespace json = boost::json;
using postgres::Params;
using postgres::Rows;
using postgres::Statement;

namespace {

// Which lines of a merchant `m` are told; the rest of the condition is the index usage_logs_not_metered.
constexpr const char* kIsMetered =
    "u.bucket = m.bucket and u.merchant_id = m.merchant_id and u.metric_type = 'recovered' "
    "and u.metered_at is null and u.occurred_at >= coalesce(m.metered_since, m.created_at) "
    "and (m.tier <> 'FREE' or u.occurred_at <= m.plan_changed_at)";

// Index: usage_reports_in_doubt; merchants_platform_customer, then usage_logs_not_metered for each of them,
// which holds nothing but lines still to be told.
const Statement& IntendUsageReportsStatement() {
    static const Statement statement{"intend_usage_reports", fmt::format(R"sql(
with held as materialized (
    select q.task_id from citadel.scheduled_tasks q
    where q.bucket = $1 and q.merchant_id = $2 and q.task_id = $3 and q.status = 'running'
        and q.lease_token = $4::uuid
    for share
), doubtful as materialized (
    select * from citadel.usage_reports where outcome is null and exists (select from held)
    order by happened_at, log_id limit $6
), due as materialized (
    select m.bucket, m.merchant_id, m.platform_customer_id, l.*
    from citadel.merchants m cross join lateral (
        select u.log_id, u.quantity, u.amount, u.currency, u.occurred_at from citadel.usage_logs u
        where {} order by u.occurred_at, u.log_id limit $6) l
    where m.platform_customer_id is not null and exists (select from held)
        and not exists (select from doubtful)
    order by l.occurred_at, l.log_id limit $6
), begun as (
    update citadel.usage_logs u set metered_at = citadel.at($7) from due d
    where u.bucket = d.bucket and u.merchant_id = d.merchant_id and u.log_id = d.log_id and u.metered_at is null
    returning u.bucket, u.merchant_id, u.log_id
), intended as (
    insert into citadel.usage_reports (bucket, merchant_id, log_id, event_name, customer_id, identifier, quantity,
        amount, currency, happened_at, intended_at)
    select d.bucket, d.merchant_id, d.log_id, replace($5, '{{currency}}', d.currency), d.platform_customer_id,
        format('cit_use_%s_%s', d.merchant_id, d.log_id), d.quantity, d.amount, d.currency, d.occurred_at,
        citadel.at($7)
    from due d join begun b using (bucket, merchant_id, log_id)
    returning *
)
select h.task_id, r.bucket, r.merchant_id, r.log_id, r.event_name, r.customer_id, r.identifier, r.quantity, r.amount,
    r.currency, citadel.micros(r.happened_at), citadel.micros(r.intended_at), r.in_doubt
from held h left join (
    select *, true as in_doubt from doubtful union all select *, false from intended) r on true
order by r.happened_at, r.log_id)sql",
                                                                         kIsMetered)};
    return statement;
}

const Statement kRenewUsageReport{"renew_usage_report", R"sql(
update citadel.usage_reports set intended_at = citadel.at($4)
where bucket = $1 and merchant_id = $2 and log_id = $3 and outcome is null)sql"};

const Statement kSettleUsageReports{"settle_usage_reports", R"sql(
update citadel.usage_reports r set outcome = case when i.reason = '' then 'reported' else 'set_aside' end,
    reason = i.reason, settled_at = citadel.at($2)
from jsonb_to_recordset($1::jsonb) as i(bucket smallint, merchant_id bigint, log_id bigint, reason text)
where r.bucket = i.bucket and r.merchant_id = i.merchant_id and r.log_id = i.log_id and r.outcome is null)sql"};

const Statement kSumReportedUsage{"sum_reported_usage", R"sql(
select count(*), coalesce(sum(quantity), 0)::bigint, coalesce(sum(amount), 0)::bigint from citadel.usage_reports
where bucket = $1 and merchant_id = $2 and event_name = $3 and customer_id = $4 and outcome = 'reported'
    and happened_at >= citadel.at($5) and happened_at < citadel.at($6))sql"};

const Statement& UsageBacklogStatement() {
    static const Statement statement{"usage_backlog", fmt::format(R"sql(
with waiting as (
    select count(*) as count, min(happened_at) as oldest from citadel.usage_reports where outcome is null
    union all
    select count(*), min(u.occurred_at) from citadel.merchants m join citadel.usage_logs u on {}
    where m.platform_customer_id is not null
)
select sum(count)::bigint, citadel.micros(min(oldest)),
    (select count(*) from citadel.usage_reports where outcome = 'set_aside'),
    (select reason from citadel.usage_reports where outcome = 'set_aside' order by settled_at desc limit 1)
from waiting)sql",
                                                                  kIsMetered)};
    return statement;
}

UsageReport ReadReport(const Rows& rows, int row) {
    UsageReport report;
    report.merchant.bucket = static_cast<std::int16_t>(rows.Int(row, 1));
    report.merchant.id = rows.Int(row, 2);
    report.log_id = rows.Int(row, 3);
    report.event_name = rows.Text(row, 4);
    report.customer_id = rows.Text(row, 5);
    report.identifier = rows.Text(row, 6);
    report.quantity = rows.Int(row, 7);
    report.amount = Money{rows.Int(row, 8), rows.Text(row, 9)};
    report.happened_at = rows.At(row, 10);
    report.intended_at = rows.At(row, 11);
    report.in_doubt = rows.Bool(row, 12);
    return report;
}

}  // namespace

asio::awaitable<std::optional<std::vector<UsageReport>>> IntendUsageReportsAcrossMerchants(
    postgres::Pool& pool, Task task, std::string event_name, int limit, Time now) {
    Params params;
    params.Int(task.merchant.bucket).Int(task.merchant.id).Int(task.id).Text(task.lease_token);
    params.Text(event_name).Int(limit).At(now);
    Rows rows = co_await pool.Run(IntendUsageReportsStatement(), std::move(params));
    std::optional<std::vector<UsageReport>> reports;
    if (rows.empty()) co_return reports;
    reports.emplace();
    for (int row = 0; row < rows.size(); ++row) {
        if (!rows.IsNull(row, 3)) reports->push_back(ReadReport(rows, row));
    }
    co_return reports;
}

asio::awaitable<void> RenewUsageReport(postgres::Pool& pool, MerchantKey merchant, std::int64_t log_id,
                                       Time now) {
    Params params;
    params.Int(merchant.bucket).Int(merchant.id).Int(log_id).At(now);
    co_await pool.Run(kRenewUsageReport, std::move(params));
}

asio::awaitable<void> SettleUsageReports(postgres::Pool& pool, std::vector<UsageVerdict> batch, Time now) {
    json::array items;
    for (const auto& verdict : batch) {
        items.push_back({{"bucket", verdict.merchant.bucket},
                         {"merchant_id", verdict.merchant.id},
                         {"log_id", verdict.log_id},
                         {"reason", verdict.set_aside_because}});
    }
    Params params;
    params.Text(json::serialize(items)).At(now);
    co_await pool.Run(kSettleUsageReports, std::move(params));
}

asio::awaitable<UsageSum> SumReportedUsage(postgres::Pool& pool, MerchantKey merchant, std::string event_name,
                                           std::string customer_id, Time since, Time until) {
    Params params;
    params.Int(merchant.bucket).Int(merchant.id).Text(event_name).Text(customer_id).At(since).At(until);
    Rows rows = co_await pool.Run(kSumReportedUsage, std::move(params));
    UsageSum sum;
    sum.reports = rows.Int(0, 0);
    sum.quantity = rows.Int(0, 1);
    sum.amount = rows.Int(0, 2);
    co_return sum;
}

asio::awaitable<UsageBacklog> ReadUsageBacklogAcrossMerchants(postgres::Pool& pool) {
    Rows rows = co_await pool.Run(UsageBacklogStatement(), Params());
    UsageBacklog backlog;
    backlog.waiting = rows.Int(0, 0);
    backlog.oldest = rows.MaybeAt(0, 1);
    backlog.set_aside = rows.Int(0, 2);
    backlog.last_refusal = rows.Text(0, 3);
    co_return backlog;
}

}  // namespace citadel::store

#include "store/dashboard.h"

#include <fmt/format.h>

#include "store/tenant.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Query;
using postgres::Rows;
using postgres::Statement;

namespace {

constexpr int kRecentRows = 10;

std::string Columns(const char* format) {
    std::string text;
    for (const auto& column : DailyColumns()) text += ", " + fmt::format(fmt::runtime(format), column);
    return text;
}

// Index: daily_metrics_pkey. A row a day and currency, at most some hundreds.
const Statement& DailyStatement() {
    static const Statement statement{"read_daily_figures", fmt::format(R"sql(
select date::text, currency{} from citadel.daily_metrics
where bucket = $1 and merchant_id = $2 and date between $3::date and $4::date order by date, currency)sql",
                                                                       Columns("{}"))};
    return statement;
}

// Index: daily_metrics_pkey over one year, whose bounds stand beside the key: bounds that come by way of the
// join are no index condition, and all of history would be read. `part` tells the sums apart.
const Statement& SumsStatement() {
    static const Statement statement{"read_dashboard_sums",
                                     fmt::format(R"sql(
with day as (select (citadel.at($3) at time zone 'UTC')::date as today),
parts as (
    select 'year' as part, today - 364 as first, today as last from day
    union all select 'month', today - 29, today from day
    union all select 'previous', today - 59, today - 30 from day
), days as (
    select * from citadel.daily_metrics where bucket = $1 and merchant_id = $2
        and date between (citadel.at($3) at time zone 'UTC')::date - 364 and (citadel.at($3) at time zone 'UTC')::date
)
select p.part, p.first::text, d.currency{} from parts p left join days d on d.date between p.first and p.last
group by p.part, p.first, d.currency order by p.part, d.currency)sql",
                                                 Columns("coalesce(sum(d.{}), 0)::bigint"))};
    return statement;
}

// Index: recoveries_open_by_customer, scheduled_tasks_due, scheduled_tasks_leases: what is open now; the
// month from daily_metrics_pkey; the newest line from usage_logs_pkey.
const Statement kPresent{"read_dashboard_present", R"sql(
select
    (select count(*) from citadel.recoveries r where r.bucket = $1 and r.merchant_id = $2 and r.status = 'open'),
    (select count(*) from citadel.scheduled_tasks q
     where q.bucket = $1 and q.merchant_id = $2 and q.status = 'pending'
        and q.task_type in ('dunning_retry', 'notify_action_required')),
    (select count(*) from citadel.scheduled_tasks q
     where q.bucket = $1 and q.merchant_id = $2 and q.status = 'running'),
    (select coalesce(sum(d.emails_sent - d.notices_sent), 0)::bigint from citadel.daily_metrics d
     where d.bucket = $1 and d.merchant_id = $2
        and d.date >= date_trunc('month', citadel.at($3) at time zone 'UTC')::date),
    (select citadel.micros(l.occurred_at) from citadel.usage_logs l
     where l.bucket = $1 and l.merchant_id = $2 order by l.log_id desc limit 1))sql"};

DailyFigures ReadFigures(const Rows& rows, int row, int first_column) {
    DailyFigures figures;
    int column = first_column;
    for (const auto& name : DailyColumns()) figures.values[name] = rows.Int(row, column++);
    return figures;
}

void ReadSums(DashboardFigures& dashboard, const Rows& rows) {
    for (int row = 0; row < rows.size(); ++row) {
        auto part = rows.Text(row, 0);
        if (part == "year") dashboard.since = rows.Text(row, 1);
        if (rows.IsNull(row, 2)) continue;
        auto& sums = part == "year"    ? dashboard.year
                     : part == "month" ? dashboard.month
                                       : dashboard.previous_month;
        sums.push_back(ReadFigures(rows, row, 3));
        sums.back().currency = rows.Text(row, 2);
    }
}

}  // namespace

const std::vector<std::string>& DailyColumns() {
    static const std::vector<std::string> columns = {
        "failed_count",     "failed_amount",     "recovered_count",
        "recovered_amount", "reversed_count",    "reversed_amount",
        "stopped_count",    "exhausted_count",   "churned_count",
        "attempts",         "attempts_declined", "emails_sent",
        "emails_delivered", "emails_bounced",    "opens",
        "clicks",           "tasks_completed",   "tasks_failed"};
    return columns;
}

asio::awaitable<std::vector<DailyFigures>> ReadDailyFigures(postgres::Pool& pool, MerchantKey merchant,
                                                            std::string from, std::string to) {
    Params params = KeyParams(merchant);
    params.Text(from).Text(to);
    Rows rows = co_await RunAsTenant(pool, merchant, DailyStatement(), std::move(params));
    std::vector<DailyFigures> days;
    for (int row = 0; row < rows.size(); ++row) {
        days.push_back(ReadFigures(rows, row, 2));
        days.back().date = rows.Text(row, 0);
        days.back().currency = rows.Text(row, 1);
    }
    co_return days;
}

asio::awaitable<std::optional<DashboardFigures>> ReadDashboard(postgres::Pool& pool, MerchantKey merchant,
                                                               Time now) {
    Params key = KeyParams(merchant), at = key, tasks = key, activity = key;
    at.At(now);
    tasks.Null().Null().Int(kNewestFirst).Int(kRecentRows);
    activity.Null().Int(kNewestFirst).Int(kRecentRows);
    std::vector<Query> queries;
    queries.push_back(Query{&ProfileStatement(), std::move(key)});
    queries.push_back(Query{&SumsStatement(), at});
    queries.push_back(Query{&kPresent, std::move(at)});
    queries.push_back(Query{&ListTasksStatement(), std::move(tasks)});
    queries.push_back(Query{&ActivityStatement(), std::move(activity)});
    std::vector<Rows> answers = co_await RunAsTenant(pool, merchant, std::move(queries));
    std::optional<DashboardFigures> dashboard;
    auto profile = ReadProfileRow(answers[0]);
    if (!profile) co_return dashboard;
    dashboard.emplace();
    dashboard->profile = std::move(*profile);
    ReadSums(*dashboard, answers[1]);
    const Rows& present = answers[2];
    dashboard->open_recoveries = present.Int(0, 0);
    dashboard->pending_tasks = present.Int(0, 1);
    dashboard->running_tasks = present.Int(0, 2);
    dashboard->mails_this_month = present.Int(0, 3);
    dashboard->last_processed_at = present.MaybeAt(0, 4);
    dashboard->recent_tasks = ReadTaskRows(answers[3]);
    dashboard->recent_activity = ReadActivityRows(answers[4]);
    co_return dashboard;
}

}  // namespace citadel::store

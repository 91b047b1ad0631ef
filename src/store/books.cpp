#include "store/books.h"

#include <fmt/format.h>

#include <algorithm>

namespace citadel::store {

namespace asio = boost::asio;

namespace {

struct MetricColumn {
    const char* column;
    const char* metric_type;  // or several, as a list of SQL
    const char* what;         // the ledger's column that is summed
};

constexpr MetricColumn kMetricColumns[] = {
    {"failed_count", "'payment_failed'", "quantity"},
    {"failed_amount", "'payment_failed'", "amount"},
    {"recovered_count", "'recovered'", "quantity"},
    {"recovered_amount", "'recovered'", "amount"},
    {"reversed_count", "'reversed'", "quantity"},
    {"reversed_amount", "'reversed'", "amount"},
    {"stopped_count", "'stopped'", "quantity"},
    {"exhausted_count", "'exhausted'", "quantity"},
    {"attempts", "'attempt'", "quantity"},
    {"attempts_declined", "'attempt_declined'", "quantity"},
    {"emails_sent", "'email_sent', 'notice_sent'", "quantity"},
    {"notices_sent", "'notice_sent'", "quantity"},
    {"tasks_completed", "'task_completed'", "quantity"},
    {"tasks_failed", "'task_failed'", "quantity"},
    {"churned_count", "'churned'", "quantity"},
    {"emails_delivered", "'email_delivered'", "quantity"},
    {"opens", "'email_opened'", "quantity"},
    {"clicks", "'email_clicked'", "quantity"},
    {"emails_bounced", "'email_bounced'", "quantity"},
};

using Metrics = std::vector<MetricColumn>;

const Metrics& AllMetrics() {
    static const Metrics all(std::begin(kMetricColumns), std::end(kMetricColumns));
    return all;
}

// Those that lines of these types add to.
Metrics MetricsOf(const std::vector<std::string_view>& metric_types) {
    if (metric_types.empty()) return AllMetrics();
    auto added_to = [&](const MetricColumn& metric) {
        return std::ranges::any_of(metric_types, [&](std::string_view type) {
            return std::string_view(metric.metric_type).find(fmt::format("'{}'", type)) !=
                   std::string_view::npos;
        });
    };
    Metrics some;
    std::ranges::copy_if(kMetricColumns, std::back_inserter(some), added_to);
    return some;
}

std::string Columns(const Metrics& metrics) {
    std::string text;
    for (const auto& metric : metrics) text += fmt::format(", {}", metric.column);
    return text;
}

std::string Sums(const Metrics& metrics) {
    std::string text;
    for (const auto& metric : metrics) {
        text +=
            fmt::format(",\n        coalesce(sum({}) filter (where metric_type in ({})), 0)::bigint as {}",
                        metric.what, metric.metric_type, metric.column);
    }
    return text;
}

std::string Additions(const Metrics& metrics) {
    std::string text;
    for (const auto& metric : metrics) {
        text += fmt::format("{0}{1} = d.{1} + excluded.{1}", text.empty() ? "" : ", ", metric.column);
    }
    return text;
}

// Sorted, so that two writers lock the same days in the same order.
std::string SumByDay(const char* source, const Metrics& metrics) {
    return fmt::format(R"sql(
    select bucket, merchant_id, (occurred_at at time zone 'UTC')::date as date, currency{}
    from {} group by 1, 2, 3, 4 order by 1, 2, 3, 4)sql",
                       Sums(metrics), source);
}

// Reads the whole ledger: for checks and reports, never on a hot road.
const postgres::Statement kCountBookDifferences{
    "count_book_differences", fmt::format(R"sql(
with ledger as (select * from citadel.usage_logs),
summed as ({1}),
both_ways as (
    (select bucket, merchant_id, date, currency{0} from summed
     except select bucket, merchant_id, date, currency{0} from citadel.daily_metrics)
    union all
    (select bucket, merchant_id, date, currency{0} from citadel.daily_metrics
     except select bucket, merchant_id, date, currency{0} from summed)
)
select count(*) from both_ways)sql",
                                          Columns(AllMetrics()), SumByDay("ledger", AllMetrics()))};

}  // namespace

std::string AddToDailyMetrics(const std::vector<std::string_view>& metric_types) {
    auto metrics = MetricsOf(metric_types);
    return fmt::format(R"sql(daily as (
    insert into citadel.daily_metrics as d (bucket, merchant_id, date, currency{}){}
    on conflict (bucket, merchant_id, date, currency) do update set {}
))sql",
                       Columns(metrics), SumByDay("ledger", metrics), Additions(metrics));
}

asio::awaitable<std::int64_t> CountBookDifferencesAcrossMerchants(postgres::Pool& pool) {
    postgres::Rows rows = co_await pool.Run(kCountBookDifferences, postgres::Params());
    co_return rows.Int(0, 0);
}

}  // namespace citadel::store

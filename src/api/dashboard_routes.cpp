#include "api/dashboard_routes.h"

#include <algorithm>

#include "api/answers.h"
#include "api/body.h"
#include "api/breakdown.h"

namespace citadel::api {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr std::int64_t kDaysAtOnce = 400;

std::optional<std::int64_t> ReadDay(const http::Request& request, std::string_view name) {
    auto text = QueryValue(request, name);
    if (text.empty()) return std::nullopt;
    auto day = ReadDate(text);
    if (!day)
        throw BadInput("invalid_parameter",
                       "\"" + std::string(name) + "\" must be a date such as 2026-01-31.");
    return day;
}

struct Days {
    std::int64_t from, to;
};

Days ReadDays(const http::Request& request, Time now) {
    auto today = std::chrono::floor<std::chrono::days>(now).time_since_epoch().count();
    Days days{};
    days.to = ReadDay(request, "to").value_or(today);
    days.from = ReadDay(request, "from").value_or(std::max<std::int64_t>(0, days.to - 29));
    if (days.from > days.to || days.to - days.from >= kDaysAtOnce) {
        throw BadInput("invalid_parameter",
                       "\"from\" must not be after \"to\", and at most 400 days can be asked for.");
    }
    return days;
}

// A name of the ledger: letters and _.
std::string ReadMetricType(const http::Request& request) {
    auto type = QueryValue(request, "metricType");
    bool fits = type.size() <= 64 && std::all_of(type.begin(), type.end(),
                                                 [](char c) { return c == '_' || (c >= 'a' && c <= 'z'); });
    if (!fits) throw BadInput("invalid_parameter", "\"metricType\" must be a name such as payment_failed.");
    return std::string(type);
}

}  // namespace

asio::awaitable<http::Reply> DashboardRoutes::Dashboard(Caller caller, http::Request) {
    std::optional<store::DashboardFigures> dashboard =
        co_await store::ReadDashboard(pool_, caller.merchant, clock_.Now());
    if (!dashboard) co_return NotFound();
    auto body = ToJson(*dashboard);
    body["asOf"] = FormatTime(clock_.Now());
    co_return Answer(body);
}

asio::awaitable<http::Reply> DashboardRoutes::Daily(Caller caller, http::Request request) {
    auto days = ReadDays(request, clock_.Now());
    std::vector<store::DailyFigures> figures =
        co_await store::ReadDailyFigures(pool_, caller.merchant, FormatDate(days.from), FormatDate(days.to));
    json::array data;
    for (const auto& day : figures) data.push_back(ToJson(day));
    json::object body{{"hasMore", false}, {"nextCursor", nullptr}};
    body["data"] = std::move(data);
    co_return Answer(body);
}

asio::awaitable<http::Reply> DashboardRoutes::Breakdown(Caller caller, http::Request request) {
    auto days = ReadDays(request, clock_.Now());
    store::Breakdown breakdown =
        co_await store::ReadBreakdown(pool_, caller.merchant, FormatDate(days.from), FormatDate(days.to));
    co_return Answer(ToJson(breakdown));
}

asio::awaitable<http::Reply> DashboardRoutes::Activity(Caller caller, http::Request request) {
    auto type = ReadMetricType(request);
    auto order = ReadPageOrder(request);
    store::Page<store::ActivityLine> page =
        co_await store::ListActivity(pool_, caller.merchant, std::move(type), order);
    co_return AnswerPage(page);
}

}  // namespace citadel::api

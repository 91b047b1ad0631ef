#include "api/metrics.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"

namespace citadel::api {

namespace asio = boost::asio;

namespace {

// However often it is scraped, the database is looked at no more often than this.
constexpr auto kLookEvery = std::chrono::seconds(5);

std::string Family(const char* name, const char* type, const char* help) {
    return fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
}

std::string Gauge(const char* name, const char* help, double value) {
    return Family(name, "gauge", help) + fmt::format("{} {}\n", name, value);
}

}  // namespace

void Metrics::CountRequest(const std::string& method, const std::string& route, int status,
                           std::chrono::duration<double> took) {
    ++requests_[{method, route, status}];
    auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), took.count());
    ++took_[static_cast<std::size_t>(bound - kBounds.begin())];
    took_in_all_ += took.count();
}

asio::awaitable<http::Reply> Metrics::Report(http::Request) {
    auto now = std::chrono::steady_clock::now();
    if (looked_at_ == std::chrono::steady_clock::time_point{} || now - looked_at_ >= kLookEvery) {
        looked_at_ = now;
        co_await LookAtDatabase();
    }
    http::Reply reply;
    reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
    reply.body = Text();
    co_return reply;
}

asio::awaitable<void> Metrics::LookAtDatabase() {
    database_up_ = false;
    try {
        gauges_ = co_await store::ReadGaugesAcrossMerchants(pool_, clock_.Now());
        database_up_ = true;
    } catch (const std::exception& error) {
        log::Warn("database_away", {{"error", error.what()}});
    }
}

std::string Metrics::Text() const {
    std::string text = Family("citadel_requests_total", "counter", "Answered requests by route and status.");
    for (const auto& [key, count] : requests_) {
        const auto& [method, route, status] = key;
        text += fmt::format("citadel_requests_total{{method=\"{}\",route=\"{}\",status=\"{}\"}} {}\n", method, route,
                            status, count);
    }
    text += Family("citadel_request_seconds", "histogram", "From the request to its answer.");
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < took_.size(); ++i) {
        sum += took_[i];
        auto bound = i < kBounds.size() ? fmt::format("{}", kBounds[i]) : std::string("+Inf");
        text += fmt::format("citadel_request_seconds_bucket{{le=\"{}\"}} {}\n", bound, sum);
    }
    text += fmt::format("citadel_request_seconds_sum {}\ncitadel_request_seconds_count {}\n", took_in_all_, sum);
    text += Family("citadel_webhooks_total", "counter", "Stripe's webhooks by what became of them.");
    for (const auto& [action, count] : webhooks_)
        text += fmt::format("citadel_webhooks_total{{action=\"{}\"}} {}\n", action, count);
    text += Gauge("citadel_database_up", "Whether the newest look at the database was answered.", database_up_);
    if (!database_up_) return text;
    const auto& g = gauges_;
    auto age = std::chrono::duration<double>(g.oldest_due_age).count();
    text += Gauge("citadel_queue_due", "Tasks that are due and wait.", static_cast<double>(g.due));
    text += Gauge("citadel_queue_running", "Tasks under a lease.", static_cast<double>(g.running));
    text += Gauge("citadel_queue_oldest_seconds", "For how long the oldest of them has been due.", age);
    text += Gauge("citadel_failures_today", "Renewals whose failure opened a recovery, today (UTC).",
                  static_cast<double>(g.failed));
    text += Gauge("citadel_attempts_today", "Our charge attempts, today (UTC).", static_cast<double>(g.attempts));
    text += Gauge("citadel_recoveries_today", "Recoveries that ended paid, today (UTC).",
                  static_cast<double>(g.recovered));
    text += Gauge("citadel_emails_today", "E-mails sent, today (UTC).", static_cast<double>(g.mails));
    return text;
}

}  // namespace citadel::api

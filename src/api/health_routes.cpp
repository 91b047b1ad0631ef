#include "api/health_routes.h"

#include <fmt/format.h>

#include "base/log.h"
#include "store/ping.h"

namespace citadel::api {

namespace asio = boost::asio;

asio::awaitable<bool> Health::DatabaseAnswers() {
    try {
        co_await store::Ping(pool_);
        co_return true;
    } catch (const std::exception& error) {
        log::Warn("database_away", {{"error", error.what()}});
    }
    co_return false;
}

asio::awaitable<http::Reply> Health::Report(http::Request) {
    bool database = co_await DatabaseAnswers();
    auto body = fmt::format(R"({{"status":"{}","database":"{}","version":"{}"}})",
                            database ? "ok" : "degraded", database ? "ok" : "unavailable", CITADEL_VERSION);
    http::Reply reply = http::Json(database ? 200 : 503, std::move(body));
    if (!database) reply.headers.emplace_back("Retry-After", "2");
    co_return reply;
}

asio::awaitable<http::Reply> Health::Liveness(http::Request) {
    co_return http::Json(200, R"({"status":"ok"})");
}

asio::awaitable<http::Reply> Health::Readiness(http::Request) {
    if (draining_)
        co_return http::Problem(503, "draining", "This process is stopping; send requests to another.");
    bool database = co_await DatabaseAnswers();
    if (!database) co_return http::Problem(503, "database_unavailable", "The database is away.");
    co_return http::Json(200, R"({"status":"ready"})");
}

}  // namespace citadel::api

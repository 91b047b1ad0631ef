#include "dashboard_load.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "base/clock.h"
#include "crypto/jwt.h"
#include "keep_alive.h"
#include "ledger.h"
#include "percentile.h"
#include "plain_sql.h"
#include "postgres/embedded.h"
#include "runtime/nursery.h"
#include "server_process.h"

namespace citadel::bench {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using SteadyClock = std::chrono::steady_clock;

namespace {

constexpr std::int64_t kHistories[] = {10'000, 5'000'000};
constexpr double kTurnSeconds = 0.25;
constexpr const char* kIssuer = "https://clerk.bench.example";
constexpr const char* kUser = "user_bench";

// Stands in for Clerk: publishes its keys in a file and signs in the one user.
class Issuer {
  public:
    explicit Issuer(const fs::path& folder)
        : key_(crypto::SigningKey::Generate("ins_bench")), keys_file_(folder / "jwks.json") {
        std::ofstream(keys_file_) << key_.PublicSet();
    }
    std::string keys_url() const { return "file://" + keys_file_.string(); }
    std::string SignIn() const {
        auto now = ToUnixSeconds(SystemClock().Now());
        return key_.Sign({{"iss", kIssuer},
                          {"sub", kUser},
                          {"sid", "sess_bench"},
                          {"iat", now},
                          {"nbf", now - 10},
                          {"exp", now + 3600}});
    }

  private:
    crypto::SigningKey key_;
    fs::path keys_file_;
};

Command CommandFor(const std::string& url, const Issuer& issuer) {
    auto command = ServeCommand(url, "whsec_bench");
    command.environment["CLERK_ISSUER"] = kIssuer;
    command.environment["CLERK_JWKS_URL"] = issuer.keys_url();
    command.environment["CITADEL_CALLER_RATE"] = "0";  // what one caller may ask for is not the question here
    command.environment["CITADEL_ADDRESS_RATE"] = "0";
    return command;
}

// One database with its history, its server and the browsers that ask.
class Visited {
  public:
    Visited(const fs::path& folder, const std::string& server_url, const Issuer& issuer, std::int64_t rows)
        : url_(MakeDatabase(server_url, fmt::format("ledger_{}", rows))) {
        auto asked = TenantOf(0);
        PlainConnection(url_).Execute(fmt::format(
            "update citadel.merchants set clerk_user_id = '{}' where bucket = {} and merchant_id = {}", kUser,
            asked.bucket, asked.merchant_id));
        auto began = SteadyClock::now();
        FillLedger(url_, asked, rows);
        std::chrono::duration<double> took = SteadyClock::now() - began;
        series.ledger_rows = rows;
        series.fill_seconds = took.count();
        server_ = std::make_unique<ServerProcess>(CommandFor(url_, issuer),
                                                  folder / fmt::format("serve_{}.log", rows));
        request_ =
            fmt::format("GET /api/dashboard HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n",
                        issuer.SignIn());
        Ask(kTurnSeconds);
        ask_ms_.clear();
    }

    // Every connection asks again as soon as it has its answer.
    void Ask(double seconds) {
        asio::io_context io(1);
        std::chrono::duration<double> length(seconds);
        ends_ = SteadyClock::now() + std::chrono::duration_cast<SteadyClock::duration>(length);
        runtime::Nursery nursery(io);
        for (int i = 0; i < kDashboardConnections; ++i) nursery.Spawn("connection", AskOverOneConnection(io));
        io.run();
        if (!failure_.empty()) throw std::runtime_error(failure_);
        asked_seconds_ += seconds;
    }

    void EndRound() {
        DashboardRound round;
        round.answers = static_cast<std::int64_t>(ask_ms_.size());
        round.seconds = asked_seconds_;
        round.p50_ms = Percentile(ask_ms_, 0.50);
        round.p99_ms = Percentile(ask_ms_, 0.99);
        series.rounds.push_back(round);
        ask_ms_.clear();
        asked_seconds_ = 0;
    }

    DashboardSeries series;

  private:
    asio::awaitable<void> AskOverOneConnection(asio::io_context& io) {
        KeepAlive connection(io);
        co_await connection.Connect(server_->port());
        while (SteadyClock::now() < ends_) {
            auto began = SteadyClock::now();
            auto answer = co_await connection.Ask(request_);
            std::chrono::duration<double, std::milli> took = SteadyClock::now() - began;
            if (!answer.starts_with("HTTP/1.1 200")) {
                failure_ = fmt::format("the dashboard was answered\n{}", answer);
                co_return;
            }
            ask_ms_.push_back(took.count());
        }
    }

    std::string url_;
    std::unique_ptr<ServerProcess> server_;
    std::string request_;
    SteadyClock::time_point ends_{};
    std::vector<double> ask_ms_;
    double asked_seconds_ = 0;
    std::string failure_;
};

}  // namespace

std::vector<DashboardSeries> MeasureDashboard(const fs::path& folder, int rounds, double seconds) {
    auto own = folder / "dashboard";
    fs::create_directory(own);
    fs::permissions(own, fs::perms(0755));
    auto postgres = postgres::Embedded::Start(own);
    Issuer issuer(own);
    std::vector<std::unique_ptr<Visited>> all;
    for (auto rows : kHistories) all.push_back(std::make_unique<Visited>(own, postgres->url(), issuer, rows));
    for (int round = 0; round < rounds; ++round) {
        for (double asked = 0; asked < seconds; asked += kTurnSeconds) {
            for (auto& visited : all) visited->Ask(kTurnSeconds);
        }
        for (auto& visited : all) visited->EndRound();
    }
    std::vector<DashboardSeries> result;
    for (auto& visited : all) result.push_back(std::move(visited->series));
    return result;
}

}  // namespace citadel::bench

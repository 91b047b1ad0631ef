// citadel demo: a private PostgreSQL, the simulator on a thread of its own, the engine, one clock for all.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/json.hpp>

#include <cstdlib>
#include <iostream>
#include <thread>

#include "app/commands.h"
#include "app/demo_driver.h"
#include "app/demo_report.h"
#include "app/run_once.h"
#include "base/error.h"
#include "base/log.h"
#include "store/merchants.h"
#include "stripe_sim/simulator.h"

namespace citadel::app {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

struct Plan {
    int days;
    int merchants;
    int customers;
    std::int64_t seed;
    bool keep;
    bool as_json;
    double failure_rate = 0.65;  // far above life's, so that a short demo has thousands to show
};

// A folder that goes when the demo does.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "citadel-demo-XXXXXX").string();
        if (!mkdtemp(pattern.data()))
            throw Trouble(TroubleKind::kConfiguration, "no temporary folder can be made");
        path_ = pattern;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

// The simulator with its thread; it ends with this object.
class SimulatorThread {
  public:
    SimulatorThread(const Clock& clock, std::uint64_t seed) : simulator_(io_, clock, Options(seed)) {
        simulator_.Listen();
        base_ = fmt::format("http://127.0.0.1:{}", simulator_.port());
        asio::co_spawn(io_, simulator_.Run(), [](std::exception_ptr) {});
        thread_ = std::thread([this] { io_.run(); });
    }
    ~SimulatorThread() {
        asio::post(io_, [this] { simulator_.Stop(); });
        thread_.join();
    }
    const std::string& base() const { return base_; }

    static stripe_sim::SimulatorOptions Options(std::uint64_t seed) {
        stripe_sim::SimulatorOptions options;
        options.seed = seed;
        options.webhook_secret = Secret("whsec_demo_platform");
        options.connect_webhook_secret = Secret("whsec_demo_connect");
        return options;
    }

  private:
    asio::io_context io_{1};
    stripe_sim::Simulator simulator_;
    std::string base_;
    std::thread thread_;
};

class DemoRun {
  public:
    DemoRun(asio::io_context& io, Engine& engine, ManualClock& clock, Plan plan, std::string sim_base)
        : io_(io), engine_(engine), clock_(clock), plan_(plan), http_(io), sim_(http_, sim_base),
          sim_base_(std::move(sim_base)), out_(plan.as_json ? std::cerr : std::cout) {}

    asio::awaitable<void> Play() {
        co_await Prepare();
        auto on_day = [this](int day) { return ShowProgress(day); };
        DemoDriver driver(engine_, sim_, clock_, on_day);
        co_await driver.PlayUntil(clock_.Now() + std::chrono::days(plan_.days));
        DemoReport report = co_await MakeDemoReport(engine_.pool(), sim_);
        ok_ = report.ok();
        std::cout << (plan_.as_json ? ToJson(report) + "\n" : ToText(report, plan_.days, plan_.merchants))
                  << std::flush;
        if (plan_.keep) co_await StayUp();
        co_await engine_.Stop(std::chrono::milliseconds(10'000));
    }
    bool ok() const { return ok_; }

  private:
    asio::awaitable<void> Prepare() {
        json::object endpoint{{"url", fmt::format("http://127.0.0.1:{}/api/webhooks/stripe", engine_.port())},
                              {"secret", "whsec_demo_platform"},
                              {"connectSecret", "whsec_demo_connect"}};
        co_await sim_.Post("/_sim/endpoint", std::move(endpoint));
        json::object wanted{{"merchants", plan_.merchants},
                            {"customers", plan_.customers},
                            {"days", 30},
                            {"seed", plan_.seed},
                            {"failureRate", plan_.failure_rate}};
        json::object population = co_await sim_.Post("/_sim/populate", std::move(wanted));
        for (const auto& row : population.at("accounts").as_array()) {
            const auto& account = row.as_object();
            store::NewMerchant merchant;
            merchant.name = account.at("name").as_string();
            merchant.email = account.at("email").as_string();
            merchant.stripe_account_id = account.at("id").as_string();
            merchant.tier = "PRO";
            co_await store::AddMerchant(engine_.pool(), merchant, clock_.Now());
        }
        out_ << fmt::format("{} merchants with {} customers each; {} days in fast forward\n", plan_.merchants,
                            plan_.customers, plan_.days)
             << fmt::format("{:>5} {:>8} {:>10} {:>8} {:>8} {:>8}\n", "day", "failed", "recovered", "open",
                            "charges", "e-mails")
             << std::flush;
    }

    asio::awaitable<void> ShowProgress(int day) {
        if (day % 3 != 0 && day != plan_.days) co_return;
        store::Report report = co_await store::ReadReportAcrossMerchants(engine_.pool());
        out_ << fmt::format("{:>5} {:>8} {:>10} {:>8} {:>8} {:>8}\n", day, report.failed, report.recovered,
                            report.open, report.attempts, report.emails)
             << std::flush;
    }

    asio::awaitable<void> StayUp() {
        out_ << fmt::format("\nEngine at http://127.0.0.1:{}, simulator at {}; Ctrl-C ends both.\n",
                            engine_.port(), sim_base_)
             << std::flush;
        asio::signal_set signals(io_, SIGTERM, SIGINT);
        boost::system::error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        co_await signals.async_wait(token);
    }

    asio::io_context& io_;
    Engine& engine_;
    ManualClock& clock_;
    Plan plan_;
    http::Client http_;
    SimRemote sim_;
    std::string sim_base_;
    std::ostream& out_;
    bool ok_ = false;
};

Plan ReadPlan(const Values& values) {
    Plan plan;
    plan.days = static_cast<int>(ReadNumber(values, "CITADEL_DEMO_DAYS", 1, 400));
    plan.merchants = static_cast<int>(ReadNumber(values, "CITADEL_DEMO_MERCHANTS", 1, 1000));
    plan.customers = static_cast<int>(ReadNumber(values, "CITADEL_DEMO_CUSTOMERS", 1, 100'000));
    plan.seed = ReadNumber(values, "CITADEL_SEED", 0, INT64_MAX);
    plan.keep = ReadSwitch(values, "CITADEL_DEMO_KEEP");
    plan.as_json = ReadSwitch(values, "CITADEL_JSON");
    return plan;
}

}  // namespace

int Demo(Config config) {
    Plan plan = ReadPlan(config.raw);
    TemporaryFolder folder;
    auto clock = std::make_unique<ManualClock>(*ParseTime("2026-03-01T00:00:00Z"));
    ManualClock& moved = *clock;
    config.clock = std::move(clock);
    config.database_url.clear();
    config.data_dir = folder.path();
    config.stripe_secret_key = Secret("sk_test_citadel_sim");
    config.stripe_client_id = "ca_citadel_sim";
    config.clerk_issuer.clear();
    config.local_issuer = true;
    config.stripe_webhook_secrets = {Secret("whsec_demo_platform"), Secret("whsec_demo_connect")};
    log::Configure(config.raw.at("LOG_LEVEL") == "info" ? "warn" : config.raw.at("LOG_LEVEL"),
                   config.raw.at("LOG_FORMAT"));

    Database database(config);  // before the simulator's thread: it must start from the main thread alone
    SimulatorThread simulator(moved, static_cast<std::uint64_t>(plan.seed));
    config.stripe_api_base = simulator.base();
    config.stripe_connect_base = simulator.base();
    asio::io_context io(1);
    Engine engine(io, config, database.url());
    upkeep::JanitorOptions janitor;
    janitor.keep_events = std::chrono::days(1000);  // the report counts every event
    engine.StartWorkers(janitor);
    engine.StartHttp("127.0.0.1", plan.keep ? config.port : 0, true);
    DemoRun run(io, engine, moved, plan, simulator.base());
    RunToEnd(io, run.Play());
    return run.ok() ? 0 : 1;
}

}  // namespace citadel::app

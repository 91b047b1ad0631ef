#include "support/stage.h"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdlib>
#include <iostream>

#include "base/log.h"
#include "support/program.h"

namespace citadel::testing {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

asio::awaitable<void> NothingOnDays(int) { co_return; }

stripe_sim::SimulatorOptions SimulatorOptions(std::uint64_t seed) {
    stripe_sim::SimulatorOptions options;
    options.seed = seed;
    options.webhook_secret = Secret(kWebhookSecret);
    options.connect_webhook_secret = Secret(kWebhookSecret);
    return options;
}

}  // namespace

Stage::Stage(StageOptions options) : start_(*ParseTime("2026-03-02T09:00:00Z")) {
    log::Configure("error", "text");
    auto clock = std::make_unique<ManualClock>(start_);
    clock_ = clock.get();
    config_.clock = std::move(clock);
    config_.raw = app::Resolve({}, "");
    config_.database_url = database_.url();
    config_.workers = options.workers;
    config_.stripe_secret_key = Secret(kStripeKey);
    config_.stripe_deadline = options.stripe_deadline;
    config_.stripe_backoff = options.stripe_backoff;
    config_.stripe_webhook_secrets = {Secret(kWebhookSecret)};
    config_.email_from = "billing@example.com";
    simulator_ = std::make_unique<stripe_sim::Simulator>(io_, *clock_, SimulatorOptions(options.seed));
    simulator_->Listen();
    asio::co_spawn(io_, simulator_->Run(), [this](std::exception_ptr) { simulator_ended_ = true; });
    config_.stripe_api_base = fmt::format("http://127.0.0.1:{}", simulator_->port());
    engine_ = std::make_unique<app::Engine>(io_, config_, database_.url());
    upkeep::JanitorOptions janitor;
    janitor.keep_events = std::chrono::days(1000);  // tests count every event
    engine_->StartWorkers(janitor);
    engine_->StartHttp("127.0.0.1", 0, true);
    http_ = std::make_unique<http::Client>(io_);
    remote_ = std::make_unique<app::SimRemote>(*http_, config_.stripe_api_base);
    driver_ = std::make_unique<app::DemoDriver>(*engine_, *remote_, *clock_, NothingOnDays);
    Tell("endpoint", {{"url", fmt::format("http://127.0.0.1:{}/api/webhooks/stripe", engine_->port())}});
}

Stage::~Stage() {
    Await(io_, engine_->Stop(std::chrono::seconds(10)));
    simulator_->Stop();
    io_.restart();
    while (!simulator_ended_) io_.run_one();
}

json::object Stage::Tell(const std::string& path, json::object body) {
    return Await(io_, remote_->Post("/_sim/" + path, std::move(body)));
}

json::object Stage::Ask(const std::string& path) { return Await(io_, remote_->Get("/_sim/" + path)); }

void Stage::Connect(const std::string& account, const std::string& name, const std::string& retry_mode,
                    const std::string& policy) {
    auto& sql = database_.sql();
    auto last = sql.Number("select coalesce(max(merchant_id), 0) from citadel.merchants");
    auto id = last + 1, bucket = (last + 7) % 64;
    sql.Run(
        fmt::format("insert into citadel.merchants (bucket, merchant_id, name, retry_mode, created_at) "
                    "values ({}, {}, '{}', '{}', 'epoch')",
                    bucket, id, name, retry_mode));
    if (!policy.empty())
        sql.Run(fmt::format("update citadel.merchants set policy = '{}' where merchant_id = {}", policy, id));
    sql.Run(fmt::format("insert into citadel.stripe_accounts values ('{}', {}, {}, 'epoch', null)", account,
                        bucket, id));
}

void Stage::PlayUntil(Time end) {
    asio::steady_timer patience(io_, std::chrono::minutes(5));
    patience.async_wait([](boost::system::error_code cancelled) {
        if (cancelled) return;
        std::cerr << "engine and simulator are still busy after five minutes" << std::endl;
        std::abort();
    });
    Await(io_, driver_->PlayUntil(end));
}

}  // namespace citadel::testing

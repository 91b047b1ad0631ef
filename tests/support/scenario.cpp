#include "support/scenario.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/json.hpp>

#include "base/log.h"
#include "support/program.h"
#include "support/run.h"
#include "support/state.h"

namespace citadel::testing {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

asio::awaitable<void> NothingOnDays(int) { co_return; }

std::string Id(const json::object& object, const char* member = "id") {
    return std::string(object.at(member).as_string());
}

stripe_sim::SimulatorOptions SimulatorOptions() {
    stripe_sim::SimulatorOptions options;
    options.webhook_secret = Secret(kWebhookSecret);
    options.connect_webhook_secret = Secret(kWebhookSecret);
    return options;
}

}  // namespace

Scenario::Scenario() : start_(*ParseTime("2026-03-02T09:00:00Z")) {
    log::Configure("warn", "text");
    auto clock = std::make_unique<ManualClock>(start_);
    clock_ = clock.get();
    config_.clock = std::move(clock);
    config_.database_url = database_.url();
    config_.workers = 8;
    config_.stripe_secret_key = Secret(kStripeKey);
    config_.stripe_webhook_secrets = {Secret(kWebhookSecret)};
    config_.email_from = "billing@example.com";
    simulator_ = std::make_unique<stripe_sim::Simulator>(io_, *clock_, SimulatorOptions());
    simulator_->Listen();
    asio::co_spawn(io_, simulator_->Run(), [this](std::exception_ptr) { simulator_ended_ = true; });
    config_.stripe_api_base = fmt::format("http://127.0.0.1:{}", simulator_->port());
    engine_ = std::make_unique<app::Engine>(io_, config_, database_.url());
    engine_->StartWorkers();
    engine_->StartHttp("127.0.0.1", 0, true);
    http_ = std::make_unique<http::Client>(io_);
    remote_ = std::make_unique<app::SimRemote>(*http_, config_.stripe_api_base);
    driver_ = std::make_unique<app::DemoDriver>(*engine_, *remote_, *clock_, NothingOnDays);
    Tell("endpoint", {{"url", fmt::format("http://127.0.0.1:{}/api/webhooks/stripe", engine_->port())}});
}

Scenario::~Scenario() {
    Await(io_, engine_->Stop(std::chrono::seconds(10)));
    simulator_->Stop();
    io_.restart();
    while (!simulator_ended_) io_.run_one();
}

json::object Scenario::Tell(const std::string& path, json::object body) {
    return Await(io_, remote_->Post("/_sim/" + path, std::move(body)));
}

json::object Scenario::Api(const std::string& path, const std::string& form) {
    http::Call call;
    call.method = "POST";
    call.url = config_.stripe_api_base + path;
    call.body = form;
    call.headers.emplace_back("Authorization", std::string("Bearer ") + kStripeKey);
    call.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    call.headers.emplace_back("Stripe-Account", account_);
    auto answer = Await(io_, http_->Fetch(std::move(call)));
    EXPECT_EQ(answer.status, 200) << answer.body;
    return json::parse(answer.body).as_object();
}

void Scenario::AddMerchant(const std::string& stripe_schedule, const std::string& retry_mode) {
    account_ = Id(Tell("accounts", {{"name", "Bakery"}, {"retrySchedule", json::parse(stripe_schedule)}}));
    sql().Run(fmt::format(
        "insert into citadel.merchants (bucket, merchant_id, name, retry_mode, policy, created_at) "
        "values (7, 1, 'Bakery', '{}', 'classic/1', 'epoch')",
        retry_mode));
    sql().Run(
        fmt::format("insert into citadel.stripe_accounts values ('{}', 7, 1, 'epoch', null)", account_));
}

void Scenario::AddPayer(const std::string& outcomes) {
    customer_ = Id(Tell("customers", {{"account", account_},
                                      {"name", "Jenny"},
                                      {"email", "jenny@example.com"},
                                      {"outcomes", json::parse(outcomes)}}));
    auto far = FormatTime(start_ + std::chrono::days(400));
    subscription_ =
        Id(Tell("subscriptions", {{"account", account_}, {"customer", customer_}, {"renewAt", far}}));
    invoice_ = Id(Tell("renew", {{"subscription", subscription_}}), "invoice");
}

void Scenario::Begin(const std::string& outcomes, const std::string& stripe_schedule,
                     const std::string& retry_mode) {
    AddMerchant(stripe_schedule, retry_mode);
    AddPayer(outcomes);
    PlayTo(0);
}

void Scenario::BeginUnheard(const std::string& outcomes, int payers) {
    AddMerchant("[]", "weave");
    WebhooksAreLost();
    for (int i = 0; i < payers; ++i) AddPayer(outcomes);
    PlayTo(0);
}

void Scenario::RefundSome(int amount) {
    auto intent = sql().Text("select payment_intent_id from citadel.recoveries");
    Api("/v1/refunds", fmt::format("payment_intent={}&amount={}", intent, amount));
}

void Scenario::MerchantSets(const std::string& assignments) {
    sql().Run("update citadel.merchants set " + assignments + " where merchant_id = 1");
    // What the API does beside: whatever was planned under the old settings is decided afresh.
    sql().Run(fmt::format("update citadel.scheduled_tasks set run_at = '{}' where status = 'pending'",
                          FormatTime(clock_->Now())));
}

void Scenario::MerchantCollectsNow() {
    auto now = FormatTime(clock_->Now());
    sql().Run(fmt::format("update citadel.recoveries set collect_now_at = '{}'", now));
    sql().Run(fmt::format("update citadel.scheduled_tasks set run_at = '{}' where status = 'pending'", now));
}

void Scenario::BankSays(const std::string& outcomes) {
    auto methods = Await(io_, remote_->Get("/_sim/ledger"));
    auto method = methods.at("attempts").as_array().front().at("paymentMethod").as_string();
    Tell("card", {{"account", account_}, {"paymentMethod", method}, {"outcomes", json::parse(outcomes)}});
}

void Scenario::WebhooksAreLost() { Tell("faults", {{"webhooks", json::object{{"loseForEver", 1}}}}); }

inbox::SweepResult Scenario::Sweep() {
    inbox::Sweeper sweeper(io_, engine_->pool(), *clock_, engine_->stripe(), engine_->inbox(), [] {});
    return Await(io_, sweeper.SweepDue());
}

void Scenario::SubscriptionPinsItsCard() {
    auto ledger = Await(io_, remote_->Get("/_sim/ledger"));
    auto method = ledger.at("attempts").as_array().front().at("paymentMethod").as_string();
    Api("/v1/subscriptions/" + subscription_, "default_payment_method=" + std::string(method));
}

void Scenario::CustomerMakesNewCardTheDefault() {
    auto attached = Api("/v1/payment_methods/pm_card_mastercard/attach", "customer=" + customer_);
    Api("/v1/customers/" + customer_, "invoice_settings[default_payment_method]=" + Id(attached));
}

void Scenario::PlayTo(int day, int hour) {
    Await(io_, driver_->PlayUntil(start_ + std::chrono::days(day) + std::chrono::hours(hour)));
}

void Scenario::CustomerPaysOnHostedPage() {
    http::Call call;
    call.method = "POST";
    call.url = sql().Text("select hosted_invoice_url from citadel.recoveries");
    auto answer = Await(io_, http_->Fetch(std::move(call)));
    ASSERT_EQ(answer.status, 200) << answer.body;
}

void Scenario::CustomerEntersNewCard() {
    Api("/v1/payment_methods/pm_card_visa/attach", "customer=" + customer_);
}

void Scenario::MerchantTakesAccessAway() { Tell("deauthorize", {{"account", account_}}); }

void Scenario::MerchantVoidsTheInvoice() { Api("/v1/invoices/" + invoice_ + "/void", ""); }

std::string Scenario::DayOf(const std::string& column) const {
    return fmt::format("'day ' || floor(extract(epoch from {} - timestamptz '{}') / 86400)", column,
                       FormatTime(start_));
}

std::string Scenario::Charges() {
    return sql().Lines("select " + DayOf("intended_at") +
                       " || ': ' || coalesce(outcome, 'unknown') "
                       "from citadel.payment_attempts where driver = 'citadel' order by slot");
}

std::string Scenario::Letters() {
    return sql().Lines("select " + DayOf("intended_at") +
                       " || ': ' || kind || ' ' || attempt "
                       "from citadel.emails where status = 'sent' order by email_id");
}

std::string Scenario::Outcome() {
    return sql().Lines("select status, reason, cause, amount_recovered from citadel.recoveries");
}

std::string Scenario::Books() {
    return sql().Lines(
        "select sum(failed_count), sum(recovered_count), sum(recovered_amount), sum(stopped_count), "
        "sum(exhausted_count), sum(attempts), sum(emails_sent) from citadel.daily_metrics");
}

std::string Scenario::BankAttempts() {
    std::string lines;
    auto ledger = Await(io_, remote_->Get("/_sim/ledger"));
    for (const auto& row : ledger.at("attempts").as_array()) {
        auto after = *ParseTime(row.at("time").as_string()) - start_;
        auto hours = std::chrono::floor<std::chrono::hours>(after).count();
        lines += fmt::format("{} day {} hour {}: {}\n", row.at("driver").as_string().c_str(), hours / 24,
                             hours % 24, row.at("outcome").as_string().c_str());
    }
    return lines;
}

std::string Scenario::Attempts() {
    return sql().Lines(
        "select driver || ' ' || coalesce(outcome, 'unknown') from citadel.payment_attempts "
        "order by intended_at, attempt_id");
}

std::string Scenario::MethodsCharged() {
    std::string lines;
    std::string first;
    auto ledger = Await(io_, remote_->Get("/_sim/ledger"));
    for (const auto& row : ledger.at("attempts").as_array()) {
        std::string method(row.at("paymentMethod").as_string());
        if (first.empty()) first = method;
        lines +=
            fmt::format("{} {} {}\n", row.at("driver").as_string().c_str(),
                        row.at("outcome").as_string().c_str(), method == first ? "old card" : "new card");
    }
    return lines;
}

std::string Scenario::InvoiceAtStripe() {
    http::Call call;
    call.url = config_.stripe_api_base + "/v1/invoices/" + invoice_;
    call.headers.emplace_back("Authorization", std::string("Bearer ") + kStripeKey);
    call.headers.emplace_back("Stripe-Account", account_);
    auto answer = Await(io_, http_->Fetch(std::move(call)));
    auto invoice = json::parse(answer.body).as_object();
    return fmt::format(
        "{}, {}", invoice.at("status").as_string().c_str(),
        invoice.at("auto_advance").as_bool() ? "collected by Stripe" : "not collected by Stripe");
}

std::string Scenario::Decisions() {
    return sql().Lines("select action || ' ' || rule from citadel.recovery_decisions order by decision_id");
}

void Scenario::ExpectNoPromiseBroken() {
    auto check = Await(io_, remote_->Get("/_sim/check"));
    EXPECT_EQ(json::serialize(check.at("violations")), "[]");
    EXPECT_EQ(check.at("chargesAfterStop").to_number<int>(), 0);
    EXPECT_EQ(check.at("duplicateCharges").to_number<int>(), 0);
    EXPECT_EQ(BookDifferences(database_.url()), 0);
    EXPECT_EQ(Stranded(sql()), 0);
}

}  // namespace citadel::testing

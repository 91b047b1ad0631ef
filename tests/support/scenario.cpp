#include "support/scenario.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "support/program.h"
#include "support/state.h"

namespace citadel::testing {

namespace json = boost::json;

namespace {

std::string Id(const json::object& object, const char* member = "id") {
    return std::string(object.at(member).as_string());
}

}  // namespace

json::object Scenario::Api(const std::string& path, const std::string& form) {
    http::Call call;
    call.method = "POST";
    call.url = stage_.simulator_base() + path;
    call.body = form;
    call.headers.emplace_back("Authorization", std::string("Bearer ") + kStripeKey);
    call.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    call.headers.emplace_back("Stripe-Account", account_);
    auto answer = stage_.Fetch(std::move(call));
    EXPECT_EQ(answer.status, 200) << answer.body;
    return json::parse(answer.body).as_object();
}

void Scenario::AddMerchant(const std::string& stripe_schedule, const std::string& retry_mode) {
    account_ =
        Id(stage_.Tell("accounts", {{"name", "Bakery"}, {"retrySchedule", json::parse(stripe_schedule)}}));
    stage_.Connect(account_, "Bakery", retry_mode, "classic/1");
}

void Scenario::AddPayer(const std::string& outcomes) {
    customer_ = Id(stage_.Tell("customers", {{"account", account_},
                                             {"name", "Jenny"},
                                             {"email", "jenny@example.com"},
                                             {"outcomes", json::parse(outcomes)}}));
    auto far = FormatTime(stage_.start() + std::chrono::days(400));
    subscription_ =
        Id(stage_.Tell("subscriptions", {{"account", account_}, {"customer", customer_}, {"renewAt", far}}));
    invoice_ = Id(stage_.Tell("renew", {{"subscription", subscription_}}), "invoice");
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
                          FormatTime(stage_.clock().Now())));
}

void Scenario::MerchantCollectsNow() {
    auto now = FormatTime(stage_.clock().Now());
    sql().Run(fmt::format("update citadel.recoveries set collect_now_at = '{}'", now));
    sql().Run(fmt::format("update citadel.scheduled_tasks set run_at = '{}' where status = 'pending'", now));
}

void Scenario::BankSays(const std::string& outcomes) {
    auto methods = stage_.Ask("ledger");
    auto method = methods.at("attempts").as_array().front().at("paymentMethod").as_string();
    stage_.Tell("card",
                {{"account", account_}, {"paymentMethod", method}, {"outcomes", json::parse(outcomes)}});
}

void Scenario::WebhooksAreLost() { stage_.Tell("faults", {{"webhooks", json::object{{"loseForEver", 1}}}}); }

inbox::SweepResult Scenario::Sweep() {
    inbox::Sweeper sweeper(stage_.io(), stage_.engine().pool(), stage_.clock(), stage_.engine().stripe(),
                           stage_.engine().inbox(), [] {});
    return Await(stage_.io(), sweeper.SweepDue());
}

void Scenario::SubscriptionPinsItsCard() {
    auto ledger = stage_.Ask("ledger");
    auto method = ledger.at("attempts").as_array().front().at("paymentMethod").as_string();
    Api("/v1/subscriptions/" + subscription_, "default_payment_method=" + std::string(method));
}

void Scenario::CustomerMakesNewCardTheDefault() {
    auto attached = Api("/v1/payment_methods/pm_card_mastercard/attach", "customer=" + customer_);
    Api("/v1/customers/" + customer_, "invoice_settings[default_payment_method]=" + Id(attached));
}

void Scenario::PlayTo(int day, int hour) {
    stage_.PlayUntil(stage_.start() + std::chrono::days(day) + std::chrono::hours(hour));
}

void Scenario::CustomerPaysOnHostedPage() {
    http::Call call;
    call.method = "POST";
    call.url = sql().Text("select hosted_invoice_url from citadel.recoveries");
    auto answer = stage_.Fetch(std::move(call));
    ASSERT_EQ(answer.status, 200) << answer.body;
}

void Scenario::CustomerEntersNewCard() {
    Api("/v1/payment_methods/pm_card_visa/attach", "customer=" + customer_);
}

void Scenario::MerchantTakesAccessAway() { stage_.Tell("deauthorize", {{"account", account_}}); }

void Scenario::MerchantVoidsTheInvoice() { Api("/v1/invoices/" + invoice_ + "/void", ""); }

std::string Scenario::DayOf(const std::string& column) const {
    return fmt::format("'day ' || floor(extract(epoch from {} - timestamptz '{}') / 86400)", column,
                       FormatTime(stage_.start()));
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
    auto ledger = stage_.Ask("ledger");
    for (const auto& row : ledger.at("attempts").as_array()) {
        auto after = *ParseTime(row.at("time").as_string()) - stage_.start();
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
    auto ledger = stage_.Ask("ledger");
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
    call.url = stage_.simulator_base() + "/v1/invoices/" + invoice_;
    call.headers.emplace_back("Authorization", std::string("Bearer ") + kStripeKey);
    call.headers.emplace_back("Stripe-Account", account_);
    auto answer = stage_.Fetch(std::move(call));
    auto invoice = json::parse(answer.body).as_object();
    return fmt::format(
        "{}, {}", invoice.at("status").as_string().c_str(),
        invoice.at("auto_advance").as_bool() ? "collected by Stripe" : "not collected by Stripe");
}

std::string Scenario::Decisions() {
    return sql().Lines("select action || ' ' || rule from citadel.recovery_decisions order by decision_id");
}

void Scenario::ExpectNoPromiseBroken() {
    auto check = stage_.Ask("check");
    EXPECT_EQ(json::serialize(check.at("violations")), "[]");
    EXPECT_EQ(check.at("chargesAfterStop").to_number<int>(), 0);
    EXPECT_EQ(check.at("duplicateCharges").to_number<int>(), 0);
    EXPECT_EQ(BookDifferences(stage_.database().url()), 0);
    EXPECT_EQ(Stranded(sql()), 0);
}

}  // namespace citadel::testing

#include "support/simulator_program.h"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <stdexcept>
#include <thread>

#include "support/http.h"

namespace citadel::testing {

namespace json = boost::json;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

json::object Answered(http::Call call) {
    auto what = call.method + " " + call.url;
    auto answer = Fetch(std::move(call));
    if (!answer.ok())
        throw std::runtime_error(fmt::format("{}: {} {}{}", what, answer.status, answer.error, answer.body));
    return json::parse(answer.body).as_object();
}

std::string Id(const json::object& object, const char* member = "id") {
    return std::string(object.at(member).as_string());
}

std::unique_ptr<Program> Start(Time now) {
    return std::make_unique<Program>(
        std::vector<std::string>{"stripe-sim"},
        Environment{{"PORT", "0"}, {"CITADEL_CLOCK", "fixed:" + FormatTime(now)}, {"LOG_LEVEL", "warn"}});
}

}  // namespace

SimulatorProgram::SimulatorProgram(Time now) : program_(Start(now)), base_(program_->base()), now_(now) {}

json::object SimulatorProgram::Ask(const std::string& path) {
    http::Call call;
    call.url = base_ + path;
    return Answered(std::move(call));
}

json::object SimulatorProgram::Tell(const std::string& path, const json::object& body) {
    http::Call call;
    call.method = "POST";
    call.url = base_ + path;
    call.body = json::serialize(body);
    return Answered(std::move(call));
}

json::object SimulatorProgram::Api(const std::string& method, const std::string& path,
                                   const std::string& account, const std::string& form) {
    http::Call call;
    call.method = method;
    call.url = base_ + path;
    call.body = form;
    call.headers.emplace_back("Authorization", std::string("Bearer ") + kStripeKey);
    call.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    call.headers.emplace_back("Stripe-Account", account);
    return Answered(std::move(call));
}

void SimulatorProgram::SendWebhooksTo(Program& engine) {
    Tell("/_sim/endpoint", {{"url", engine.base() + "/api/webhooks/stripe"},
                            {"secret", kWebhookSecret},
                            {"connectSecret", kWebhookSecret}});
}

void SimulatorProgram::SetClock(Time now) {
    Tell("/_sim/clock", {{"now", FormatTime(now)}});
    now_ = now;
}

void SimulatorProgram::WaitUntilNothingIsDue() {
    auto deadline = steady_clock::now() + 60s;
    while (Ask("/_sim/state").at("dueNow").as_bool()) {
        if (steady_clock::now() > deadline) throw std::runtime_error("the simulator is still busy");
        std::this_thread::sleep_for(5ms);
    }
}

std::string SimulatorProgram::AddMerchant(Sql& sql, const std::string& retry_mode,
                                          const std::string& schedule) {
    auto account =
        Id(Tell("/_sim/accounts", {{"name", "Test merchant"}, {"retrySchedule", json::parse(schedule)}}));
    auto id = sql.Text("select count(*) from citadel.merchants") + "7";
    sql.Run(fmt::format(
        "insert into citadel.merchants (bucket, merchant_id, name, retry_mode, policy, created_at) "
        "values (7, {}, 'Test merchant', '{}', 'classic/1', 'epoch')",
        id, retry_mode));
    sql.Run(
        fmt::format("insert into citadel.stripe_accounts values ('{}', 7, {}, 'epoch', null)", account, id));
    return account;
}

SimulatorProgram::Payer SimulatorProgram::AddPayer(const std::string& account, const std::string& name,
                                                   const std::string& outcomes) {
    auto customer = Id(Tell("/_sim/customers", {{"account", account},
                                                {"name", name},
                                                {"email", name + "@example.com"},
                                                {"outcomes", json::parse(outcomes)}}));
    // The first renewal is ours to call; the one after it lies beyond every test.
    auto far = FormatTime(now_ + std::chrono::days(400));
    auto subscription =
        Id(Tell("/_sim/subscriptions", {{"account", account}, {"customer", customer}, {"renewAt", far}}));
    return {customer, subscription};
}

std::string SimulatorProgram::Renew(const Payer& payer) {
    return Id(Tell("/_sim/renew", {{"subscription", payer.subscription}}), "invoice");
}

std::int64_t SimulatorProgram::Verdict(const std::string& member) {
    auto check = Ask("/_sim/check");
    const auto& value = check.at(member);
    return value.is_array() ? static_cast<std::int64_t>(value.as_array().size())
                            : value.to_number<std::int64_t>();
}

std::string SimulatorProgram::Attempts(const std::string& invoice) {
    std::string lines;
    auto ledger = Ask("/_sim/ledger?invoice=" + invoice);
    for (const auto& row : ledger.at("attempts").as_array()) {
        lines += fmt::format("{} {}{}{}\n", row.at("driver").as_string().c_str(),
                             row.at("outcome").as_string().c_str(),
                             row.at("idempotencyKey").as_string().empty() ? "" : " ",
                             row.at("idempotencyKey").as_string().c_str());
    }
    return lines;
}

void WaitUntilIdle(Sql& sql, Time now) {
    auto deadline = steady_clock::now() + 60s;
    auto query = fmt::format(
        "select count(*) from citadel.scheduled_tasks where status = 'running' "
        "or (status = 'pending' and run_at <= '{}')",
        FormatTime(now));
    while (sql.Number(query) > 0) {
        if (steady_clock::now() > deadline) throw std::runtime_error("tasks are still due or running");
        std::this_thread::sleep_for(5ms);
    }
}

}  // namespace citadel::testing

// For the tests of this folder: a simulator with a manual clock, a receiver of its webhooks and an
// HTTP client, all on one io_context and over real sockets. Nothing here sleeps; the loop is run until
// what is waited for has happened.
#pragma once
#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <functional>
#include <string>
#include <vector>

#include "http/client.h"
#include "http/server.h"
#include "stripe_sim/simulator.h"

namespace citadel::stripe_sim {

inline Time StartOfYear() { return *ParseTime("2026-01-01T00:00:00Z"); }

class Rig {
  public:
    Rig()
        : receiver_(io_, [this](http::Request request) { return Receive(std::move(request)); }),
          client_(io_) {
        receiver_.Listen("127.0.0.1", 0);
        SimulatorOptions options;
        options.webhook_url = "http://127.0.0.1:" + std::to_string(receiver_.port()) + "/hook";
        options.webhook_secret = Secret("whsec_platform");
        options.connect_webhook_secret = Secret("whsec_connect");
        simulator_ = std::make_unique<Simulator>(io_, clock, options);
        simulator_->Listen();
        boost::asio::co_spawn(io_, simulator_->Run(), [this](std::exception_ptr) { ended_ = true; });
    }

    ~Rig() {
        simulator_->Stop();
        RunUntil([this] { return ended_; });
    }

    void RunUntil(const std::function<bool()>& done) {
        while (!done()) io_.run_one();
    }

    // Begins a call and returns at once; `answer` is filled in when it has been answered.
    void Begin(http::Call call, std::optional<http::Answer>& answer) {
        call.url = "http://127.0.0.1:" + std::to_string(simulator_->port()) + call.url;
        boost::asio::co_spawn(io_, client_.Fetch(std::move(call)),
                              [&answer](std::exception_ptr, http::Answer got) { answer = std::move(got); });
    }

    http::Answer Send(http::Call call) {
        std::optional<http::Answer> answer;
        Begin(std::move(call), answer);
        RunUntil([&] { return answer.has_value(); });
        return *answer;
    }

    // A call of the API for `account`; parameters form-encoded.
    http::Call ApiCallTo(std::string method, std::string path, std::string form = {}, std::string key = {}) {
        http::Call call;
        call.method = std::move(method);
        call.url = std::move(path);
        call.body = std::move(form);
        call.headers.emplace_back("Authorization", "Bearer sk_test_citadel_sim");
        call.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
        if (!account.empty()) call.headers.emplace_back("Stripe-Account", account);
        if (!version.empty()) call.headers.emplace_back("Stripe-Version", version);
        if (!key.empty()) call.headers.emplace_back("Idempotency-Key", key);
        return call;
    }

    http::Answer Get(std::string path) { return Send(ApiCallTo("GET", std::move(path))); }
    http::Answer Post(std::string path, std::string form = {}, std::string key = {}) {
        return Send(ApiCallTo("POST", std::move(path), std::move(form), std::move(key)));
    }

    Simulator& simulator() { return *simulator_; }

    // The control API: `body` empty is a GET.
    json::object Sim(const std::string& path, const std::string& body = {}) {
        http::Call call;
        call.method = body.empty() ? "GET" : "POST";
        call.url = "/_sim/" + path;
        call.body = body;
        auto answer = Send(std::move(call));
        EXPECT_EQ(answer.status, 200) << answer.body;
        return json::parse(answer.body).as_object();
    }

    // Until nothing is due at the present time.
    void Settle() {
        while (Sim("state").at("dueNow").as_bool()) {
        }
    }

    void Advance(Duration by) {
        clock.Advance(by);
        Settle();
    }

    // A connected account with one customer and a subscription; the card answers as scripted.
    struct Case {
        std::string account, customer, subscription, method;
    };
    Case Prepare(const std::string& outcomes, const std::string& account_options = "{}") {
        Case made;
        made.account = Text(Sim("accounts", account_options), "id");
        auto customer =
            Sim("customers", R"({"account":")" + made.account + R"(","outcomes":)" + outcomes + "}");
        made.customer = Text(customer, "id");
        made.method = Text(customer, "paymentMethod");
        made.subscription = Text(Sim("subscriptions", R"({"account":")" + made.account + R"(","customer":")" +
                                                          made.customer + R"("})"),
                                 "id");
        account = made.account;
        return made;
    }
    // Renews now; the id of the invoice.
    std::string Renew(const Case& made) {
        auto id = Text(Sim("renew", R"({"subscription":")" + made.subscription + R"("})"), "invoice");
        Settle();
        return id;
    }

    static std::string Text(const json::object& object, std::string_view name) {
        return std::string(object.at(name).as_string());
    }

    std::vector<http::Request> Received(std::string_view type) const {
        std::vector<http::Request> found;
        for (const auto& request : received) {
            if (json::parse(request.body).as_object().at("type") == json::value(type))
                found.push_back(request);
        }
        return found;
    }

    ManualClock clock{StartOfYear()};
    std::string account;
    std::string version;
    int receiver_status = 200;
    std::vector<http::Request> received;

  private:
    boost::asio::awaitable<http::Reply> Receive(http::Request request) {
        received.push_back(std::move(request));
        http::Reply reply;
        reply.status = receiver_status;
        co_return reply;
    }

    boost::asio::io_context io_;
    http::Server receiver_;
    http::Client client_;
    std::unique_ptr<Simulator> simulator_;
    bool ended_ = false;
};

inline json::object Parsed(const http::Answer& answer) { return json::parse(answer.body).as_object(); }
inline json::object ErrorIn(const http::Answer& answer) { return Parsed(answer).at("error").as_object(); }

}  // namespace citadel::stripe_sim

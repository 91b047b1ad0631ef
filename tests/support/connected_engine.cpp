#include "support/connected_engine.h"

#include <boost/json.hpp>

#include <stdexcept>

#include "support/http.h"

namespace citadel::testing {

namespace json = boost::json;

ConnectedEngine::ConnectedEngine(Time now) : now_(now), simulator_(now) { Restart(); }

Environment ConnectedEngine::Settings() const {
    Environment environment{{"DATABASE_URL", database_.url()},
                            {"ENCRYPTION_KEY", std::string(64, 'a')},
                            {"STRIPE_SECRET_KEY", kStripeKey},
                            {"STRIPE_CLIENT_ID", "ca_citadel_sim"},
                            {"STRIPE_API_BASE", simulator_.base()},
                            {"STRIPE_CONNECT_BASE", simulator_.base()},
                            {"STRIPE_WEBHOOK_SECRET", kWebhookSecret},
                            {"CLERK_WEBHOOK_SECRET", "whsec_dGVzdC1vbmx5LWtleQ=="},
                            {"CITADEL_CLOCK", "fixed:" + FormatTime(now_)},
                            {"CITADEL_WORKERS", "0"},
                            {"LOG_FORMAT", "json"},
                            {"LOG_LEVEL", "info"},
                            {"PORT", "0"}};
    issuer.AddTo(environment);
    return environment;
}

void ConnectedEngine::Restart(const std::map<std::string, std::string>& settings, Time now) {
    engine_.reset();
    if (now != Time{}) now_ = now;
    auto environment = Settings();
    for (const auto& [name, value] : settings) environment[name] = value;
    std::erase_if(environment, [](const auto& entry) { return entry.second.empty(); });
    engine_ = std::make_unique<Program>(std::vector<std::string>{"serve"}, environment);
    engine_->WaitUntilReady();
}

http::Answer ConnectedEngine::Call(const std::string& method, const std::string& path,
                                   const std::string& user, const std::string& body,
                                   std::vector<http::Header> headers) {
    http::Call call;
    call.method = method;
    call.url = engine_->base() + path;
    call.body = body;
    call.headers = std::move(headers);
    if (!user.empty()) call.headers.emplace_back("Authorization", "Bearer " + issuer.Token(user, now_));
    return Fetch(std::move(call));
}

std::string ConnectedEngine::Authorize(const std::string& user) {
    auto answer = Call("POST", "/api/stripe/connect/authorize", user);
    if (!answer.ok()) throw std::runtime_error("no page: " + answer.body);
    return std::string(json::parse(answer.body).at("url").as_string());
}

std::string ConnectedEngine::AnswerPage(const std::string& url, const std::string& account) {
    auto page = Get(url + (account.empty() ? "&action=cancel" : "&approve=" + account));
    std::string location(page.header("Location"));
    auto path = location.find("/api/");
    if (page.status != 302 || path == location.npos) throw std::runtime_error("the page said " + page.body);
    return location.substr(path);
}

std::string ConnectedEngine::Return(const std::string& user, const std::string& path_and_query) {
    auto answer = Call("GET", path_and_query, user);
    if (answer.status != 302) return std::to_string(answer.status) + " " + answer.body;
    std::string location(answer.header("Location"));
    auto dashboard = engine_->base() + "/?";
    if (!location.starts_with(dashboard)) throw std::runtime_error("sent away to " + location);
    return location.substr(dashboard.size());
}

std::string ConnectedEngine::Connect(const std::string& user, const std::string& account) {
    return Return(user, AnswerPage(Authorize(user), account));
}

std::string ConnectedEngine::NewAccount(bool connected) {
    // Stripe does not retry by itself there.
    json::object wanted{{"name", "Bakery"}, {"retrySchedule", json::array()}, {"connected", connected}};
    return std::string(simulator_.Tell("/_sim/accounts", wanted).at("id").as_string());
}

}  // namespace citadel::testing

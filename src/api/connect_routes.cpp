#include "api/connect_routes.h"

#include <boost/json.hpp>

#include "store/merchants.h"

namespace citadel::api {

namespace asio = boost::asio;
namespace json = boost::json;

using connect::Refusal;

namespace {

constexpr const char* kCallbackPath = "/api/stripe/connect/callback";

http::Reply Refuse(auth::Refusal refusal) {
    auto code = auth::CodeOf(refusal);
    switch (refusal) {
        case auth::Refusal::kForeignOrigin:
            return http::Problem(403, code,
                                 "With the session cookie the Origin must be one of the engine's own.");
        case auth::Refusal::kUnavailable:
            return http::Problem(503, code, "The sign-in keys could not be fetched; try again.");
        case auth::Refusal::kExpired:
            return http::Problem(401, code, "The session token has expired; get a new one.");
        case auth::Refusal::kMissing:
        case auth::Refusal::kInvalid: break;
    }
    return http::Problem(401, code, "A valid session token is needed, as bearer or as the cookie __session.");
}

int StatusOf(Refusal refusal) {
    switch (refusal) {
        case Refusal::kNotConfigured:
        case Refusal::kStripeUnavailable: return 503;
        case Refusal::kStripeRefused: return 502;
        case Refusal::kAccountInUse:
        case Refusal::kOtherAccount:
        case Refusal::kDisconnectPending:
        case Refusal::kLiveKeyNotAllowed: return 409;
        default: return 400;
    }
}

http::Reply Refuse(Refusal refusal) {
    return http::Problem(StatusOf(refusal), connect::CodeOf(refusal), connect::Explain(refusal));
}

std::string QueryValue(const http::Request& request, std::string_view name) {
    return std::string(http::FindHeader(request.query, name));
}

// Nothing of the request goes into the address but a code of ours.
http::Reply ToDashboard(const std::string& public_url, std::optional<Refusal> refusal) {
    http::Reply reply;
    reply.status = 302;
    reply.content_type = "text/plain";
    std::string result = "connected=true";
    if (refusal) result = "error=" + std::string(connect::CodeOf(*refusal));
    reply.headers.emplace_back("Location", public_url + "/?" + result);
    reply.headers.emplace_back("Cache-Control", "no-store");
    reply.headers.emplace_back("Referrer-Policy", "no-referrer");
    return reply;
}

struct KeyBody {
    Secret key;
    std::string wrong;  // what is wrong with the body; empty: nothing
};

KeyBody ReadKeyBody(const std::string& body) {
    json::error_code error;
    auto value = json::parse(body, error);
    if (error || !value.is_object()) return {{}, "The body must be a JSON object."};
    for (const auto& [name, member] : value.as_object()) {
        if (name != "key")
            return {{}, "Unknown member \"" + std::string(name) + "\"; there is \"key\" only."};
    }
    auto key = value.as_object().if_contains("key");
    if (!key || !key->is_string()) return {{}, "\"key\" must be a restricted key of Stripe, rk_…"};
    return {Secret(std::string(key->as_string())), ""};
}

}  // namespace

asio::awaitable<std::variant<ConnectRoutes::Caller, http::Reply>> ConnectRoutes::WhoCalls(
    http::Request request, bool on_return) {
    std::variant<auth::Session, auth::Refusal> verdict = auth::Refusal::kMissing;
    if (on_return) verdict = co_await authenticator_.AuthenticateReturn(std::move(request));
    else verdict = co_await authenticator_.Authenticate(std::move(request));
    if (auto refusal = std::get_if<auth::Refusal>(&verdict)) co_return Refuse(*refusal);
    Caller caller;
    caller.session = std::get<auth::Session>(std::move(verdict));
    caller.merchant = co_await store::ProvisionMerchant(pool_, caller.session.user_id, clock_.Now());
    co_return caller;
}

asio::awaitable<http::Reply> ConnectRoutes::Authorize(http::Request request) {
    std::variant<Caller, http::Reply> who = co_await WhoCalls(std::move(request), false);
    if (auto refused = std::get_if<http::Reply>(&who)) co_return std::move(*refused);
    const auto& caller = std::get<Caller>(who);
    std::variant<std::string, Refusal> begun =
        co_await accounts_.Begin(caller.merchant, caller.session.user_id, public_url_ + kCallbackPath);
    if (auto refusal = std::get_if<Refusal>(&begun)) co_return Refuse(*refusal);
    co_return http::Json(200, json::serialize(json::object{{"url", std::get<std::string>(begun)}}));
}

asio::awaitable<http::Reply> ConnectRoutes::Callback(http::Request request) {
    connect::Return back;
    back.state = QueryValue(request, "state");
    back.code = QueryValue(request, "code");
    back.error = QueryValue(request, "error");
    std::variant<Caller, http::Reply> who = co_await WhoCalls(std::move(request), true);
    if (auto refused = std::get_if<http::Reply>(&who)) co_return std::move(*refused);
    const auto& caller = std::get<Caller>(who);
    std::optional<Refusal> refusal =
        co_await accounts_.Finish(caller.merchant, caller.session.user_id, std::move(back));
    co_return ToDashboard(public_url_, refusal);
}

asio::awaitable<http::Reply> ConnectRoutes::RestrictedKey(http::Request request) {
    KeyBody body = ReadKeyBody(request.body);
    std::variant<Caller, http::Reply> who = co_await WhoCalls(std::move(request), false);
    if (auto refused = std::get_if<http::Reply>(&who)) co_return std::move(*refused);
    if (!body.wrong.empty()) co_return http::Problem(400, "body_invalid", body.wrong);
    std::variant<std::string, Refusal> connected =
        co_await accounts_.ConnectWithKey(std::get<Caller>(who).merchant, std::move(body.key));
    if (auto refusal = std::get_if<Refusal>(&connected)) co_return Refuse(*refusal);
    json::object answer{{"connected", true}, {"stripeAccountId", std::get<std::string>(connected)}};
    co_return http::Json(200, json::serialize(answer));
}

asio::awaitable<http::Reply> ConnectRoutes::Disconnect(http::Request request) {
    std::variant<Caller, http::Reply> who = co_await WhoCalls(std::move(request), false);
    if (auto refused = std::get_if<http::Reply>(&who)) co_return std::move(*refused);
    connect::Farewell farewell = co_await accounts_.Disconnect(std::get<Caller>(who).merchant);
    // 200 also when Stripe has not confirmed: here the merchant is gone, for good, and Stripe is asked on.
    json::object answer{{"connected", false}, {"revoked", farewell.revoked}};
    answer["stripeAccountId"] = nullptr;
    if (!farewell.account.empty()) answer["stripeAccountId"] = farewell.account;
    if (!farewell.detail.empty()) answer["detail"] = farewell.detail;
    co_return http::Json(200, json::serialize(answer));
}

}  // namespace citadel::api

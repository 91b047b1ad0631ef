#include "stripe_sim/api.h"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include "runtime/wake.h"
#include "stripe_sim/api_error.h"
#include "stripe_sim/authentication.h"
#include "stripe_sim/expand.h"
#include "stripe_sim/oauth.h"

namespace citadel::stripe_sim {

namespace asio = boost::asio;

namespace {

ApiError Refused(ApiError error) {
    error.executed = false;
    return error;
}

bool MatchPattern(std::string_view pattern, std::string_view path, std::vector<std::string>& captures) {
    captures.clear();
    while (!pattern.empty() && !path.empty()) {
        auto pattern_end = std::min(pattern.find('/', 1), pattern.size());
        auto path_end = std::min(path.find('/', 1), path.size());
        auto wanted = pattern.substr(0, pattern_end), given = path.substr(0, path_end);
        if (wanted == "/{}" && given.size() > 1) captures.emplace_back(given.substr(1));
        else if (wanted != given) return false;
        pattern.remove_prefix(pattern_end);
        path.remove_prefix(path_end);
    }
    return pattern.empty() && path.empty();
}

// "2025-02-24.acacia", or a plain date as older clients send.
void CheckVersion(std::string_view version) {
    bool date = version.size() >= 10 && version[4] == '-' && version[7] == '-' && version < "2100" &&
                version > "2010";
    if (!date) throw Refused(InvalidRequest(400, "", fmt::format("Invalid Stripe API version: {}", version)));
}

http::Reply FaultReply(const FaultRule& rule) {
    auto error = InvalidRequest(rule.status, "", "An unknown error occurred.");
    if (rule.status == 429) {
        error = InvalidRequest(429, "rate_limit", "Request rate limit exceeded.");
    } else if (rule.status >= 500) {
        error.error["type"] = "api_error";
    }
    auto reply = ReplyWith(error);
    if (rule.status == 429) reply.headers.emplace_back("Stripe-Rate-Limited-Reason", "global-rate");
    return reply;
}

void EchoHeaders(const http::Request& request, const std::string& request_id, http::Reply& reply) {
    reply.headers.emplace_back("Request-Id", request_id);
    auto version = request.header("Stripe-Version");
    reply.headers.emplace_back("Stripe-Version", version.empty() ? kNewVersion : version);
    for (auto name : {"Stripe-Account", "Idempotency-Key"}) {
        auto value = request.header(name);
        if (!value.empty()) reply.headers.emplace_back(name, value);
    }
}

}  // namespace

bool Api::Serves(std::string_view path) {
    return path.starts_with("/v1/") || path == "/oauth/token" || path == "/oauth/deauthorize";
}

asio::awaitable<http::Reply> Api::Handle(http::Request request) {
    auto request_id = world_.NewId("req_", 14);
    auto fault = faults_.Strike(request.method, request.path);
    http::Reply reply;
    if (fault && fault->kind == FaultKind::kDropBefore) {
        reply.wire = http::Reply::Wire::kDrop;
        co_return reply;
    }
    if (fault && fault->kind == FaultKind::kStatus) {
        reply = FaultReply(*fault);
    } else {
        int wait_millis = fault && fault->kind == FaultKind::kLatency ? fault->millis : 0;
        reply = co_await Serve(request, request_id, wait_millis);
    }
    if (fault && fault->kind == FaultKind::kStatusAfter) reply = FaultReply(*fault);
    EchoHeaders(request, request_id, reply);
    if (fault && fault->kind == FaultKind::kDropAfter) reply.wire = http::Reply::Wire::kDrop;
    if (fault && fault->kind == FaultKind::kTruncate) reply.wire = http::Reply::Wire::kTruncate;
    co_return reply;
}

asio::awaitable<http::Reply> Api::Serve(http::Request request, std::string request_id, int wait_millis) {
    http::Reply reply;
    std::string claimed;
    bool executed = false;
    if (request.path.starts_with("/oauth/")) {
        if (wait_millis > 0) co_await runtime::Sleep(std::chrono::milliseconds(wait_millis));
        co_return ServeOAuth(world_, request, CauseOf(request, request_id));
    }
    try {
        auto call = ReadCall(request, request_id);
        const auto& route = FindRoute(request, call.captures);
        if (request.method == "POST" && !call.cause.idempotency_key.empty()) {
            auto key = call.account.id + " " + call.cause.idempotency_key;
            auto stored = keys_.Claim(key, request.path + "?" + call.params.Canonical(), world_.Now());
            if (stored) co_return *stored;
            claimed = std::move(key);
        }
        if (wait_millis > 0) co_await runtime::Sleep(std::chrono::milliseconds(wait_millis));
        reply = Execute(route, call, executed);
    } catch (const ApiError& error) {
        reply = ReplyWith(error);
    }
    if (!claimed.empty() && executed) keys_.Keep(claimed, reply);
    if (!claimed.empty() && !executed) keys_.Release(claimed);
    co_return reply;
}

Cause Api::CauseOf(const http::Request& request, const std::string& request_id) const {
    return {Driver::kEngine, request_id, std::string(request.header("Idempotency-Key")),
            world_.ledger.acknowledged().size()};
}

ApiCall Api::ReadCall(const http::Request& request, const std::string& request_id) const {
    std::string version(request.header("Stripe-Version"));
    if (version.empty()) version = kNewVersion;
    CheckVersion(version);
    auto key = Authenticate(world_, KeyIn(request.header("Authorization")));
    auto& account = AccountOf(world_, key, request.header("Stripe-Account"));
    CheckPermission(key, account, request.method, request.path);
    auto pairs = request.query;
    if (request.method == "POST") {
        auto form = http::ParseForm(request.body);
        pairs.insert(pairs.end(), form.begin(), form.end());
    }
    auto cause = CauseOf(request, request_id);
    if (cause.idempotency_key.size() > 255) {
        throw BadParameter("", "Idempotency-Key must be at most 255 characters.", "");
    }
    View view{world_, account, ShapeOf(version)};
    return {world_, account,         std::move(key), std::move(version), view, Params(std::move(pairs)),
            {},     std::move(cause)};
}

const ApiRoute& Api::FindRoute(const http::Request& request, std::vector<std::string>& captures) const {
    for (auto routes : {AccountRoutes(), CatalogRoutes(), CustomerRoutes(), PaymentRoutes(),
                        SubscriptionRoutes(), InvoiceItemRoutes(), InvoiceRoutes(), InvoiceActionRoutes()}) {
        for (const auto& route : routes) {
            if (route.method == request.method && MatchPattern(route.pattern, request.path, captures))
                return route;
        }
    }
    throw Refused(
        InvalidRequest(404, "",
                       fmt::format("Unrecognized request URL ({}: {}). If you are trying to list objects, "
                                   "remove the trailing slash. If you are trying to retrieve an object, "
                                   "make sure you passed a valid (non-empty) identifier in your code. "
                                   "Please see https://stripe.com/docs or we can help at "
                                   "https://support.stripe.com/.",
                                   request.method, request.path)));
}

http::Reply Api::Execute(const ApiRoute& route, ApiCall& call, bool& executed) const {
    try {
        call.params.AllowOnly(route.parameters);
        auto answer = route.answer(call);
        executed = true;
        Expand(call.view, answer, call.params.List("expand"));
        return http::Json(200, json::serialize(answer));
    } catch (const ApiError& error) {
        executed = executed || error.executed;  // an answer that cannot be expanded has had its effect
        return ReplyWith(error);
    }
}

}  // namespace citadel::stripe_sim

#include "stripe_sim/api.h"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include "runtime/wake.h"
#include "stripe_sim/api_error.h"
#include "stripe_sim/expand.h"

namespace citadel::stripe_sim {

namespace asio = boost::asio;

namespace {

std::string DecodeBase64(std::string_view text) {
    static constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    unsigned bits = 0;
    int count = 0;
    for (char c : text) {
        auto value = kAlphabet.find(c);
        if (value == std::string_view::npos) break;
        bits = bits << 6 | static_cast<unsigned>(value);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        out += static_cast<char>(bits >> count & 0xff);
    }
    return out;
}

// Bearer, or Basic with the key as the user's name.
std::string KeyIn(std::string_view authorization) {
    constexpr std::string_view kBearer = "Bearer ", kBasic = "Basic ";
    if (authorization.starts_with(kBearer)) return std::string(authorization.substr(kBearer.size()));
    if (!authorization.starts_with(kBasic)) return {};
    auto pair = DecodeBase64(authorization.substr(kBasic.size()));
    return pair.substr(0, pair.find(':'));
}

std::string Masked(std::string_view key) {
    if (key.size() <= 12) return std::string(key.size(), '*');
    return fmt::format("{}{}{}", key.substr(0, 8), std::string(key.size() - 12, '*'),
                       key.substr(key.size() - 4));
}

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
    try {
        CheckKey(request);
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

void Api::CheckKey(const http::Request& request) const {
    auto key = KeyIn(request.header("Authorization"));
    if (key.empty()) {
        throw Refused(
            InvalidRequest(401, "",
                           "You did not provide an API key. You need to provide your API key in the "
                           "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
                           "YOUR_SECRET_KEY')."));
    }
    if (!key_.Equals(key)) {
        throw Refused(InvalidRequest(401, "", fmt::format("Invalid API Key provided: {}", Masked(key))));
    }
}

Account& Api::AccountOf(const http::Request& request) const {
    std::string id(request.header("Stripe-Account"));
    if (id.empty()) return world_.Platform();
    auto* account = world_.FindAccount(id);
    if (account && account->connected) return *account;
    throw Refused(
        InvalidRequest(403, "account_invalid",
                       fmt::format("The provided key '{}' does not have access to account '{}' (or that "
                                   "account does not exist). Application access may have been revoked.",
                                   Masked(key_.Reveal()), id)));
}

ApiCall Api::ReadCall(const http::Request& request, const std::string& request_id) const {
    std::string version(request.header("Stripe-Version"));
    if (version.empty()) version = kNewVersion;
    CheckVersion(version);
    auto& account = AccountOf(request);
    auto pairs = request.query;
    if (request.method == "POST") {
        auto form = http::ParseForm(request.body);
        pairs.insert(pairs.end(), form.begin(), form.end());
    }
    Cause cause{Driver::kEngine, request_id, std::string(request.header("Idempotency-Key")),
                world_.ledger.acknowledged().size()};
    if (cause.idempotency_key.size() > 255) {
        throw BadParameter("", "Idempotency-Key must be at most 255 characters.", "");
    }
    return {world_, account,         View{world_, account, ShapeOf(version)}, Params(std::move(pairs)),
            {},     std::move(cause)};
}

const ApiRoute& Api::FindRoute(const http::Request& request, std::vector<std::string>& captures) const {
    for (auto routes :
         {InvoiceRoutes(), SubscriptionRoutes(), CustomerRoutes(), PaymentRoutes(), CatalogRoutes()}) {
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

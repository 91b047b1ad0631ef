#include "api/access.h"

#include <fmt/format.h>

#include <cmath>

#include "api/body.h"
#include "base/log.h"
#include "store/merchants.h"

namespace citadel::api {

namespace asio = boost::asio;

namespace {

constexpr const char* kPolicy = "caller";

http::Reply Refuse(auth::Refusal refusal) {
    using enum auth::Refusal;
    auto code = auth::CodeOf(refusal);
    switch (refusal) {
        case kForeignOrigin:
            return http::Problem(403, code,
                                 "With the cookie this method needs an Origin that is allowed here.");
        case kUnavailable:
            return http::Problem(503, code, "No keys to check tokens with could be fetched; try again.");
        case kMissing:
        case kExpired:
        case kInvalid: break;
    }
    auto reply = http::Problem(401, code,
                               refusal == kMissing   ? "Sign in: a session token is needed."
                               : refusal == kExpired ? "The session token has expired; fetch a new one."
                                                     : "The session token is not valid here.");
    reply.headers.emplace_back("WWW-Authenticate", "Bearer");
    return reply;
}

}  // namespace

http::Handler Access::ForMerchant(MerchantHandler handler) {
    return [this, handler = std::move(handler)](http::Request request) {
        return ServeMerchant(handler, std::move(request));
    };
}

http::Handler Access::ForWorker(http::Handler handler) {
    return [this, handler = std::move(handler)](http::Request request) {
        return ServeKey(handler, std::move(request), keys_.worker, "X-Worker-Secret");
    };
}

http::Handler Access::ForAdmin(http::Handler handler) {
    return [this, handler = std::move(handler)](http::Request request) {
        return ServeKey(handler, std::move(request), keys_.admin, "X-Admin-Key");
    };
}

asio::awaitable<http::Reply> Access::ServeMerchant(const MerchantHandler& handler, http::Request request) {
    if (!authenticator_)
        co_return http::Problem(503, "sign_in_not_configured",
                                "Nobody can sign in here: CLERK_ISSUER is not set.");
    std::variant<auth::Session, auth::Refusal> verdict = co_await authenticator_->Authenticate(request);
    if (auto* refusal = std::get_if<auth::Refusal>(&verdict)) {
        log::Info("request_refused", {{"request_id", request.request_id}, {"why", auth::CodeOf(*refusal)}});
        co_return Refuse(*refusal);
    }
    auto& session = std::get<auth::Session>(verdict);
    auto share = callers_.Take(session.user_id, std::chrono::steady_clock::now());
    if (!share.allowed) co_return TooManyRequests(kPolicy, callers_.limit(), share);
    Caller caller;
    caller.user_id = session.user_id;
    caller.session_id = session.session_id;
    caller.merchant = co_await store::ProvisionMerchant(pool_, session.user_id, clock_.Now());
    auto route = handler(std::move(caller), std::move(request));
    http::Reply reply = co_await Serve(std::move(route));
    AddRateLimit(reply, kPolicy, callers_.limit(), share);
    co_return reply;
}

asio::awaitable<http::Reply> Access::ServeKey(const http::Handler& handler, http::Request request,
                                              const Secret& key, std::string header) {
    if (key.empty())
        co_return http::Problem(403, "api_disabled", fmt::format("No key is set for {} here.", header));
    if (!key.Equals(request.header(header))) {
        log::Warn("request_refused",
                  {{"request_id", request.request_id}, {"why", "wrong key"}, {"key", header}});
        co_return http::Problem(401, "unauthenticated", fmt::format("{} is missing or wrong.", header));
    }
    auto route = handler(std::move(request));
    http::Reply reply = co_await Serve(std::move(route));
    co_return reply;
}

asio::awaitable<http::Reply> Access::Serve(asio::awaitable<http::Reply> route) {
    http::Reply reply;
    try {
        reply = co_await std::move(route);
    } catch (const BadInput& bad) {
        reply = http::Problem(400, bad.code(), bad.what());
    }
    co_return reply;
}

void AddRateLimit(http::Reply& reply, const std::string& policy, const RateLimit& limit,
                  const RateLimiter::Verdict& verdict) {
    if (limit.per_second <= 0 || !http::FindHeader(reply.headers, "RateLimit").empty()) return;
    auto window = std::max<long>(1, std::lround(limit.burst / limit.per_second));
    reply.headers.emplace_back("RateLimit-Policy",
                               fmt::format("\"{}\";q={};w={}", policy, limit.burst, window));
    reply.headers.emplace_back(
        "RateLimit", fmt::format("\"{}\";r={};t={}", policy, verdict.remaining, verdict.reset.count()));
}

http::Reply TooManyRequests(const std::string& policy, const RateLimit& limit,
                            const RateLimiter::Verdict& verdict) {
    auto reply =
        http::Problem(429, "rate_limited", "Too many requests; come again after Retry-After seconds.");
    reply.headers.emplace_back("Retry-After", std::to_string(verdict.retry.count()));
    AddRateLimit(reply, policy, limit, verdict);
    return reply;
}

}  // namespace citadel::api

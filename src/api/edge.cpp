#include "api/edge.h"

#include <algorithm>

#include "api/access.h"

namespace citadel::api {

namespace asio = boost::asio;

namespace {

constexpr const char* kPolicy = "address";

// Stripe, mail clients and load balancers come from few addresses and are limited otherwise: webhooks by
// their backlog (503), probes and pixels by what they cost.
bool HasNoShare(const std::string& path) {
    return path.starts_with("/api/webhooks/") || path == "/api/stripe/webhook" ||
           path.starts_with("/api/track/") || path == "/healthz" || path == "/readyz" || path == "/metrics";
}

void AllowOrigin(http::Reply& reply, const std::string& origin) {
    reply.headers.emplace_back("Access-Control-Allow-Origin", origin);
    reply.headers.emplace_back("Access-Control-Expose-Headers",
                               "X-Request-Id, RateLimit, RateLimit-Policy, Retry-After");
}

http::Reply Preflight() {
    http::Reply reply;
    reply.status = 204;
    reply.headers = {{"Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE"},
                     {"Access-Control-Allow-Headers", "Authorization, Content-Type, X-Merchant-Stripe-Id"},
                     {"Access-Control-Max-Age", "600"}};
    return reply;
}

}  // namespace

// With n proxies of ours in front, the n-th address from the right is the one that the outermost of them saw;
// what stands left of it anybody can have written.
std::string Edge::AddressOf(const http::Request& request) const {
    std::string_view forwarded = request.header("X-Forwarded-For");
    std::string_view address;
    for (int i = 0; i < options_.trusted_proxies && !forwarded.empty(); ++i) {
        auto comma = forwarded.rfind(',');
        address = comma == std::string_view::npos ? forwarded : forwarded.substr(comma + 1);
        forwarded = comma == std::string_view::npos ? std::string_view() : forwarded.substr(0, comma);
    }
    while (address.starts_with(' ')) address.remove_prefix(1);
    while (address.ends_with(' ')) address.remove_suffix(1);
    bool plausible = !address.empty() && address.size() <= 45;
    return plausible ? std::string(address) : request.remote_address;
}

asio::awaitable<http::Reply> Edge::Serve(http::Request request) {
    auto began = std::chrono::steady_clock::now();
    auto method = request.method;
    auto pattern = router_.PatternOf(request);
    auto origin = std::string(request.header("Origin"));
    bool welcome = !origin.empty() && std::find(options_.cors_origins.begin(), options_.cors_origins.end(),
                                                origin) != options_.cors_origins.end();
    http::Reply reply;
    std::exception_ptr failure;
    try {
        if (welcome && method == "OPTIONS") reply = Preflight();
        else reply = co_await Route(std::move(request));
    } catch (...) {
        failure = std::current_exception();  // the server's to answer, ours to count
        reply.status = 500;
    }
    if (welcome) AllowOrigin(reply, origin);
    if (!options_.cors_origins.empty()) reply.headers.emplace_back("Vary", "Origin");
    auto took = std::chrono::steady_clock::now() - began;
    metrics_.CountRequest(router_.Knows(method) ? method : "other", pattern, reply.status, took);
    if (failure) std::rethrow_exception(failure);
    co_return reply;
}

asio::awaitable<http::Reply> Edge::Route(http::Request request) {
    if (HasNoShare(request.path)) {
        http::Reply reply = co_await router_.Route(std::move(request));
        co_return reply;
    }
    auto share = addresses_.Take(AddressOf(request), std::chrono::steady_clock::now());
    if (!share.allowed) co_return TooManyRequests(kPolicy, addresses_.limit(), share);
    http::Reply reply = co_await router_.Route(std::move(request));
    AddRateLimit(reply, kPolicy, addresses_.limit(), share);
    co_return reply;
}

}  // namespace citadel::api

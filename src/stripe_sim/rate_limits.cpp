#include "stripe_sim/rate_limits.h"

#include <algorithm>

namespace citadel::stripe_sim {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kGlobalRate = "global-rate", kEndpointRate = "endpoint-rate",
                           kGlobalConcurrency = "global-concurrency",
                           kEndpointConcurrency = "endpoint-concurrency", kResource = "resource-specific";

// docs.stripe.com/rate-limits, 2026 text: limits on one object, whatever the rate of the account.
constexpr double kIntentUpdatesAnHour = 1000, kInvoicesAMinute = 10, kInvoicesADay = 20,
                 kQuantityUpdatesAnHour = 200;

constexpr int kSearchesASecond = 20;

bool IsBelow(std::string_view endpoint, std::string_view resource) { return endpoint.starts_with(resource); }

}  // namespace

LimitNumbers LiveLimits() {
    LimitNumbers numbers;
    numbers.global = 100;
    numbers.endpoint = 25;
    numbers.resources = true;
    numbers.endpoints = {{"POST /v1/accounts", 30},
                         {"POST /v1/billing/meter_events", 1000},
                         {"POST /v2/billing/meter_events", 1000},
                         {"POST /v2/billing/meter_event_stream", 10'000}};
    return numbers;
}

LimitNumbers SandboxLimits() {
    LimitNumbers numbers;
    numbers.global = 25;
    numbers.endpoint = 25;
    numbers.resources = true;
    return numbers;
}

void RateLimiter::Use(LimitNumbers numbers) {
    numbers_ = std::move(numbers);
    buckets_.clear();
}

std::vector<RateLimiter::Claim> RateLimiter::ClaimsOf(const LimitedRequest& request) const {
    std::vector<Claim> claims;
    auto add = [&](const std::string& subject, double limit, Duration window, std::string_view reason) {
        if (limit > 0) claims.push_back({request.account + " " + subject, limit, window, reason});
    };
    auto special = numbers_.endpoints.find(request.endpoint);
    double rate = special == numbers_.endpoints.end() ? numbers_.endpoint : special->second;
    if (rate > 0 && request.endpoint.ends_with("/search")) rate = std::min<double>(rate, kSearchesASecond);
    // An endpoint with a rate above the account's is counted for itself.
    if (rate <= numbers_.global || rate == 0) add("", numbers_.global, seconds(1), kGlobalRate);
    add(request.endpoint, rate, seconds(1), kEndpointRate);
    if (!numbers_.resources) return claims;
    if (IsBelow(request.endpoint, "POST /v1/payment_intents/{}"))
        add(request.object + " update", kIntentUpdatesAnHour, hours(1), kResource);
    if (request.changes_quantity && IsBelow(request.endpoint, "POST /v1/subscription"))
        add(request.object + " quantity", kQuantityUpdatesAnHour, hours(1), kResource);
    if (request.endpoint == "POST /v1/invoices" && !request.subscription.empty()) {
        add(request.subscription + " minute", kInvoicesAMinute, minutes(1), kResource);
        add(request.subscription + " day", kInvoicesADay, hours(24), kResource);
    }
    return claims;
}

RateLimiter::Bucket& RateLimiter::Refill(const Claim& claim) {
    auto now = clock_.Now();
    auto& bucket = buckets_.try_emplace(claim.key, Bucket{claim.limit, now}).first->second;
    auto part = static_cast<double>((now - bucket.last).count()) /
                static_cast<double>(clock_.Stretch(claim.window).count());
    bucket.tokens = std::min(claim.limit, bucket.tokens + part * claim.limit);
    bucket.last = now;
    return bucket;
}

int RateLimiter::Running(const std::string& key) const {
    auto found = running_.find(key);
    return found == running_.end() ? 0 : found->second;
}

std::optional<std::string_view> RateLimiter::Admit(const LimitedRequest& request) {
    const auto& account = request.account;
    if (numbers_.global_concurrency > 0 && Running(account) >= numbers_.global_concurrency)
        return kGlobalConcurrency;
    if (numbers_.endpoint_concurrency > 0 &&
        Running(account + " " + request.endpoint) >= numbers_.endpoint_concurrency)
        return kEndpointConcurrency;
    auto claims = ClaimsOf(request);
    for (const auto& claim : claims) {
        if (Refill(claim).tokens < 1 - 1e-9) return claim.reason;
    }
    for (const auto& claim : claims) Refill(claim).tokens -= 1;
    return std::nullopt;
}

void RateLimiter::Begin(const LimitedRequest& request) {
    ++running_[request.account];
    ++running_[request.account + " " + request.endpoint];
}

void RateLimiter::End(const LimitedRequest& request) {
    for (const auto& key : {request.account, request.account + " " + request.endpoint}) {
        auto found = running_.find(key);
        if (--found->second == 0) running_.erase(found);
    }
}

}  // namespace citadel::stripe_sim

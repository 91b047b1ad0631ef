// Stripe's limits by count: per account, per endpoint (method and path template), per object, and how
// many requests run at once. Token buckets that hold one window's worth. Windows are as long as on the
// wall: an accelerated clock is slowed down to that, a fixed one refills nothing until it is moved.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"

namespace citadel::stripe_sim {

// 0: no limit. Rates are requests per second.
struct LimitNumbers {
    int global = 0;
    int endpoint = 0;
    std::map<std::string, int> endpoints;  // by "POST /v1/invoices/{}/pay", in place of `endpoint`
    int global_concurrency = 0;
    int endpoint_concurrency = 0;
    bool resources = false;  // the hourly and daily limits on single objects
};

LimitNumbers LiveLimits();
LimitNumbers SandboxLimits();

// One request as the limits see it. `object` is what the path names, if it names one.
struct LimitedRequest {
    std::string account;
    std::string endpoint;
    std::string object;
    std::string subscription;       // the parameter of that name
    bool changes_quantity = false;  // a parameter sets a quantity
};

class RateLimiter {
  public:
    explicit RateLimiter(const Clock& clock) : clock_(clock) {}

    // Begins anew with full buckets.
    void Use(LimitNumbers numbers);
    const LimitNumbers& numbers() const { return numbers_; }

    // Why the request is refused, as Stripe-Rate-Limited-Reason names it; nullopt: it may run.
    std::optional<std::string_view> Admit(const LimitedRequest& request);
    // Around the run of an admitted request.
    void Begin(const LimitedRequest& request);
    void End(const LimitedRequest& request);
    std::size_t running() const { return running_.size(); }

  private:
    struct Bucket {
        double tokens;
        Time last{};
    };
    struct Claim {
        std::string key;
        double limit;
        Duration window;
        std::string_view reason;
    };
    std::vector<Claim> ClaimsOf(const LimitedRequest& request) const;
    Bucket& Refill(const Claim& claim);
    int Running(const std::string& key) const;

    const Clock& clock_;
    LimitNumbers numbers_;
    std::unordered_map<std::string, Bucket> buckets_;
    std::unordered_map<std::string, int> running_;
};

}  // namespace citadel::stripe_sim

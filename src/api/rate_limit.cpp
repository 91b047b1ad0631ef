#include "api/rate_limit.h"

#include <algorithm>
#include <cmath>

namespace citadel::api {

RateLimiter::Bucket& RateLimiter::Find(const std::string& name, Instant now) {
    auto found = young_.find(name);
    if (found != young_.end()) return found->second;
    Bucket bucket{static_cast<double>(limit_.burst), now};
    if (auto older = old_.find(name); older != old_.end()) {
        bucket = older->second;
        old_.erase(older);
    }
    if (young_.size() >= names_max_) {
        old_ = std::move(young_);
        young_.clear();
    }
    return young_.emplace(name, bucket).first->second;
}

RateLimiter::Verdict RateLimiter::Take(const std::string& name, Instant now) {
    using std::chrono::seconds;
    Verdict verdict;
    verdict.remaining = limit_.burst;
    if (limit_.per_second <= 0) return verdict;
    auto& bucket = Find(name, now);
    auto passed = std::max(0.0, std::chrono::duration<double>(now - bucket.at).count());
    bucket.tokens = std::min<double>(limit_.burst, bucket.tokens + passed * limit_.per_second);
    bucket.at = now;
    verdict.allowed = bucket.tokens >= 1;
    if (verdict.allowed) bucket.tokens -= 1;
    else
        verdict.retry =
            seconds(std::max(1L, std::lround(std::ceil((1 - bucket.tokens) / limit_.per_second))));
    verdict.remaining = static_cast<int>(bucket.tokens);
    verdict.reset = seconds(std::lround(std::ceil((limit_.burst - bucket.tokens) / limit_.per_second)));
    return verdict;
}

}  // namespace citadel::api

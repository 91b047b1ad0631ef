// Token buckets by name (an address, a caller): a burst, refilled at a steady rate. Memory is bounded: two
// generations of names, the older one forgotten when the newer is full.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace citadel::api {

struct RateLimit {
    double per_second = 50;  // 0: no limit
    int burst = 250;         // tokens of a full bucket
};

class RateLimiter {
  public:
    using Instant = std::chrono::steady_clock::time_point;

    RateLimiter(RateLimit limit, std::size_t names_max = 50'000) : limit_(limit), names_max_(names_max) {}

    struct Verdict {
        bool allowed = true;
        int remaining = 0;              // whole tokens that are left
        std::chrono::seconds reset{0};  // until the bucket is full again
        std::chrono::seconds retry{0};  // refused: until there is a token, at least a second
    };
    // Takes one token of `name` if there is one.
    Verdict Take(const std::string& name, Instant now);

    const RateLimit& limit() const { return limit_; }
    std::size_t names() const { return young_.size() + old_.size(); }

  private:
    struct Bucket {
        double tokens;
        Instant at;
    };
    Bucket& Find(const std::string& name, Instant now);

    RateLimit limit_;
    std::size_t names_max_;
    std::unordered_map<std::string, Bucket> young_, old_;
};

}  // namespace citadel::api

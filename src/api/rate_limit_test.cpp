#include "api/rate_limit.h"

#include <gtest/gtest.h>

namespace citadel::api {
namespace {

using namespace std::chrono_literals;

const RateLimiter::Instant kBegin{1h};

TEST(RateLimiter, GivesABurstAndThenASteadyRate) {
    RateLimiter limiter({.per_second = 2, .burst = 3});
    for (int left = 2; left >= 0; --left) {
        auto verdict = limiter.Take("a", kBegin);
        EXPECT_TRUE(verdict.allowed);
        EXPECT_EQ(verdict.remaining, left);
    }
    auto refused = limiter.Take("a", kBegin);
    EXPECT_FALSE(refused.allowed);
    EXPECT_EQ(refused.retry, 1s);
    EXPECT_EQ(refused.reset, 2s);
    EXPECT_FALSE(limiter.Take("a", kBegin + 499ms).allowed);
    EXPECT_TRUE(limiter.Take("a", kBegin + 501ms).allowed);
    EXPECT_FALSE(limiter.Take("a", kBegin + 501ms).allowed);
}

TEST(RateLimiter, OneNameDoesNotTakeFromAnother) {
    RateLimiter limiter({.per_second = 1, .burst = 1});
    EXPECT_TRUE(limiter.Take("a", kBegin).allowed);
    EXPECT_TRUE(limiter.Take("b", kBegin).allowed);
    EXPECT_FALSE(limiter.Take("a", kBegin).allowed);
}

TEST(RateLimiter, MemoryIsBoundedByNamesAndNotByCalls) {
    RateLimiter limiter({.per_second = 1, .burst = 1}, 100);
    limiter.Take("kept", kBegin);
    for (int i = 0; i < 100'000; ++i) {
        limiter.Take("name" + std::to_string(i), kBegin);
        if (i % 50 == 0) EXPECT_FALSE(limiter.Take("kept", kBegin).allowed) << i;  // in use, so not forgotten
    }
    EXPECT_LE(limiter.names(), 200U);
}

TEST(RateLimiter, ZeroIsNoLimit) {
    RateLimiter limiter({.per_second = 0, .burst = 0});
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(limiter.Take("a", kBegin).allowed);
    EXPECT_EQ(limiter.names(), 0U);
}

}  // namespace
}  // namespace citadel::api

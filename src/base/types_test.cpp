#include "base/types.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>

namespace citadel {
namespace {

// Computed once by another program: rows are stored under these, so they may never change.
TEST(BucketOf, NeverChanges) {
    const std::array<int, 11> expected = {47, 1, 14, 45, 10, 26, 0, 23, 54, 36, 10};
    for (std::size_t id = 0; id < expected.size(); ++id) {
        EXPECT_EQ(BucketOf(static_cast<std::int64_t>(id)), expected[id]) << id;
    }
    EXPECT_EQ(BucketOf(1000), 8);
    EXPECT_EQ(BucketOf(std::numeric_limits<std::int64_t>::max()), 39);
    EXPECT_EQ(BucketOf(-1), 32);
}

TEST(BucketOf, SpreadsNeighbouringMerchantsEvenly) {
    std::array<int, kBuckets> merchants{};
    for (std::int64_t id = 1; id <= 64'000; ++id) ++merchants.at(static_cast<std::size_t>(BucketOf(id)));
    auto [fewest, most] = std::ranges::minmax(merchants);
    EXPECT_GT(fewest, 850);
    EXPECT_LT(most, 1150);
}

TEST(MerchantKey, OrdersByBucketFirstSoThatBatchesLockInOneOrder) {
    EXPECT_LT((MerchantKey{1, 900}), (MerchantKey{2, 1}));
    EXPECT_LT((MerchantKey{2, 1}), (MerchantKey{2, 3}));
}

}  // namespace
}  // namespace citadel

#include "base/types.h"

namespace citadel {

std::int16_t BucketOf(std::int64_t merchant_id) {
    // SplitMix64's finaliser: neighbouring ids land in different buckets.
    auto x = static_cast<std::uint64_t>(merchant_id) + 0x9e3779b97f4a7c15ull;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return static_cast<std::int16_t>((x ^ (x >> 31)) % kBuckets);
}

}  // namespace citadel

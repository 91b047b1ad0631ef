// The few types that every folder speaks: money in minor units, and the key of a tenant.
#pragma once
#include <cstdint>
#include <string>

namespace citadel {

// An amount in the currency's minor unit (cents; whole yen; fils) with its lower-case ISO 4217 code,
// as Stripe writes it. Never a floating-point number.
struct Money {
    std::int64_t minor = 0;
    std::string currency;
    bool operator==(const Money&) const = default;
};

// The tenant. Every key of every tenant row begins with these two: `bucket` is a stable hash of the
// merchant (0..63), by which rows can be distributed over several machines without changing a query.
struct MerchantKey {
    std::int16_t bucket = 0;
    std::int64_t id = 0;
    bool operator==(const MerchantKey&) const = default;
    auto operator<=>(const MerchantKey&) const = default;
};

inline constexpr int kBuckets = 64;

// A stable hash: it may never change, rows are stored under it.
std::int16_t BucketOf(std::int64_t merchant_id);

}  // namespace citadel

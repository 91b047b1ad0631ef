#include "policy/network_limits.h"

#include <algorithm>

namespace citadel::policy {
namespace {

using std::chrono::hours;

constexpr hours kDay{24};
constexpr hours kThirtyDays{24 * 30};

constexpr NetworkLimit kLimits[] = {
    {"visa", kThirtyDays, 16, false, true, "2020-04-18",
     "Visa: 15 reattempts of one card, amount and acceptor in 30 days after the first decline"},
    {"visa", kThirtyDays, 21, false, true, "2026-04-18",
     "Visa Core Rules 2026-04-18, table 7-2: 20 reattempts in 30 days; checkout.com notices 2026"},
    {"mastercard", kDay, 10, true, false, "2022-10-14",
     "Mastercard Transaction Processing Excellence: 10 declines of one card in 24 hours"},
    {"mastercard", kThirtyDays, 35, true, true, "2022-10-14",
     "Mastercard Transaction Processing Excellence: 35 declines of one card and amount in 30 days"},
    {"*", kThirtyDays, 15, false, false, "2020-01-01",
     "No number is published for the others: this project's own assumption, below every published one"},
    {"*", kDay, 10, false, false, "2020-01-01",
     "No number is published for the others: Mastercard's, counting every attempt"},
};

bool InForce(const NetworkLimit& limit, Time now) {
    auto from = ParseTime(std::string(limit.in_force) + "T00:00:00Z");
    return from && *from <= now;
}

// A later row of the same kind takes the place of an earlier one.
bool SameKind(const NetworkLimit& one, const NetworkLimit& other) {
    return one.network == other.network && one.window == other.window &&
           one.same_amount == other.same_amount && one.declines_only == other.declines_only;
}

}  // namespace

std::span<const NetworkLimit> AllNetworkLimits() { return kLimits; }

std::vector<NetworkLimit> NetworkLimitsFor(std::string_view network, Time now) {
    bool listed = std::any_of(std::begin(kLimits), std::end(kLimits),
                              [network](const auto& limit) { return limit.network == network; });
    std::string_view wanted = listed ? network : "*";
    std::vector<NetworkLimit> binding;
    for (const auto& limit : kLimits) {
        if (limit.network != wanted || !InForce(limit, now)) continue;
        std::erase_if(binding, [&limit](const auto& earlier) { return SameKind(earlier, limit); });
        binding.push_back(limit);
    }
    return binding;
}

}  // namespace citadel::policy

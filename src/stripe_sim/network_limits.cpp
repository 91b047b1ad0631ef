#include "stripe_sim/network_limits.h"

#include <fmt/format.h>

#include <deque>
#include <unordered_map>

namespace citadel::stripe_sim {
namespace {

using std::chrono::days;

// Amex and Discover publish no number. Mastercard's "never again" (advice 03 and 21) and Visa's category
// 1 are no matter of counting: the rule retry_forbidden has them.
constexpr NetworkLimit kLimits[] = {
    {"visa", 21, days(30), true, false,
     "Visa Core Rules 2026-04-18, table 7-2: 20 reattempts in 30 days (15 until then), per card, amount and "
     "acceptor; checkout.com merchant communications 2026",
     "2026-04-18"},
    {"mastercard", 10, days(1), false, true,
     "Mastercard Transaction Processing Excellence: 10 declines in 24 hours on one card; Braintree notice, "
     "fall 2023",
     "2025-01-01"},
    {"mastercard", 35, days(30), true, true,
     "Mastercard Transaction Processing Excellence: 35 declines in 30 days on one card for one amount; "
     "Braintree notice, fall 2023",
     "2025-01-01"}};

bool Counts(const Attempt& attempt, const NetworkLimit& limit) {
    return attempt.brand == limit.network && attempt.reached_bank() && attempt.driver != Driver::kCustomer;
}

void FindBreachesOf(const NetworkLimit& limit, const std::vector<Attempt>& attempts,
                    std::vector<LimitBreach>& breaches) {
    std::unordered_map<std::string, std::deque<Time>> chains;
    for (const auto& attempt : attempts) {
        if (!Counts(attempt, limit)) continue;
        auto key = fmt::format("{} {} {} {}", attempt.account, attempt.test_clock, attempt.fingerprint,
                               limit.one_amount ? attempt.amount : 0);
        auto& chain = chains[key];
        while (!chain.empty() && chain.front() + limit.window <= attempt.time) chain.pop_front();
        bool approved = attempt.outcome == AttemptOutcome::kApproved;
        if (!approved || !limit.declines_only) chain.push_back(attempt.time);
        if (chain.size() > limit.attempts) breaches.push_back({&attempt, &limit, chain.size()});
        if (approved) chain.clear();
    }
}

}  // namespace

std::span<const NetworkLimit> NetworkLimits() { return kLimits; }

std::vector<LimitBreach> FindBreaches(const std::vector<Attempt>& attempts) {
    std::vector<LimitBreach> breaches;
    for (const auto& limit : kLimits) FindBreachesOf(limit, attempts, breaches);
    return breaches;
}

}  // namespace citadel::stripe_sim

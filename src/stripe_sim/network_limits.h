// How often a card network lets one merchant ask for the same money again: published numbers with their
// source and date, and which attempts break them.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stripe_sim/ledger.h"

namespace citadel::stripe_sim {

struct NetworkLimit {
    std::string_view network;
    std::size_t attempts;  // allowed within the window
    Duration window;
    bool one_amount;     // counted for each amount apart
    bool declines_only;  // approvals do not count
    std::string_view source;
    std::string_view as_of;  // when the number was last found so
};

std::span<const NetworkLimit> NetworkLimits();

struct LimitBreach {
    const Attempt* attempt;
    const NetworkLimit* limit;
    std::size_t count;
};

// The attempts, whoever made them, that came when a limit was used up. What a present customer does
// (kCustomer) has counters of its own at the networks and is not counted; a success ends a chain. Each test
// clock's time is counted apart.
std::vector<LimitBreach> FindBreaches(const std::vector<Attempt>& attempts);

}  // namespace citadel::stripe_sim

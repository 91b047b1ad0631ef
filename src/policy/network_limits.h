// How often a card may be tried, by the card networks' own rules: data with a source and a date in force.
// A limit counts what one merchant presented to one card (by its fingerprint) in a rolling window, whoever
// drove it. The rules are checked in the transaction that writes the intent of a charge (store/charges).
#pragma once
#include <chrono>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace citadel::policy {

struct NetworkLimit {
    std::string_view
        network;  // Stripe's brand name: visa, mastercard, …; "*": any that has no row of its own
    std::chrono::hours window;
    int attempts_max;           // within the window, the next one included
    bool declines_only;         // counts declined attempts instead of all
    bool same_amount;           // counts attempts of the same amount and currency only
    std::string_view in_force;  // a date, YYYY-MM-DD
    std::string_view source;
};

// Every row, also those that are superseded or not in force yet.
std::span<const NetworkLimit> AllNetworkLimits();
// Those that bind a card of that network at that time. Never empty: an unknown network is held to the
// strictest of all.
std::vector<NetworkLimit> NetworkLimitsFor(std::string_view network, Time now);

}  // namespace citadel::policy

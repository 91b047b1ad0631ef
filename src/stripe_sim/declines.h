// What Stripe says about a declined card: one row per decline code, as its documentation lists them.
#pragma once
#include <string_view>

namespace citadel::stripe_sim {

struct Decline {
    std::string_view code;        // decline_code
    std::string_view error_code;  // error.code and charge.failure_code
    std::string_view message;
    std::string_view network_code;  // a typical network_decline_code, or empty
    std::string_view advice;        // advice_code, or empty
    bool stripe_stops = false;      // Stripe's own retry is not executed again on the same method

    // Radar refused the card before any bank was asked.
    bool blocked() const { return code == "highest_risk_level"; }
    // The Mastercard advice that goes with `advice`, or empty.
    std::string_view network_advice() const;
};

// Never fails: a code nobody knows is declined without further word, under its own name.
Decline DeclineFor(std::string_view code);
bool IsDeclineCode(std::string_view code);

}  // namespace citadel::stripe_sim

// The verdict on a run: what the engine recovered, and every way in which it broke a promise, judged
// from the ledger of true charge attempts and never from what the engine says of itself.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

struct Violation {
    std::string rule;  // docs/stripe-sim.md has the list
    std::string detail;
};

struct Verdict {
    std::vector<Violation> violations;
    std::int64_t invoices_failed = 0;               // the first automatic charge failed
    std::int64_t invoices_recovered = 0;            // of those, paid now
    std::map<std::string, std::int64_t> recovered;  // by currency, minor units
    std::map<std::string, std::int64_t> recovered_by_driver;
    std::int64_t attempts = 0;                     // the engine's, that reached a bank
    std::int64_t duplicate_charges = 0;            // invoices with more than one successful charge
    std::int64_t charges_after_stop = 0;           // the engine's, after it had acknowledged a stop
    std::int64_t refused_after_stop = 0;           // the same, but Stripe refused: nothing was charged
    std::int64_t failed_renewals_unannounced = 0;  // no invoice.payment_failed was acknowledged
};

Verdict Judge(const World& world);

}  // namespace citadel::stripe_sim

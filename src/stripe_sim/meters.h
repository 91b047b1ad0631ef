// Usage: which events count, and what they add up to. An event that breaks a rule is either refused by
// the call (v2) or accepted and reported some seconds later as a thin event (v1 and the stream).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

// The meter that events of this name count for: the active one, else the latest deactivated; nullptr.
Meter* MeterOf(Account& account, const std::string& event_name);

// The first rule that the event breaks, apart from the uniqueness of its identifier.
std::optional<MeterFault> FindFault(const World& world, Account& account, const MeterEvent& event);

// The event of that identifier from the last 24 hours, for which Stripe promises uniqueness; or nullptr.
MeterEvent* RecentEvent(const World& world, Account& account, const std::string& identifier);

// Keeps the event; a faulty one is put down for the next error report.
const MeterEvent& AcceptEvent(World& world, Account& account, MeterEvent event);

struct MeterSummary {
    std::string id;
    std::string meter;
    Time start{};  // inclusive
    Time end{};    // exclusive
    double value = 0;
};

// What the customer used from `start` to `end`, in windows of that length, earliest first.
std::vector<MeterSummary> Summarize(const Account& account, const Meter& meter, const std::string& customer,
                                    Time start, Time end, Duration window);

}  // namespace citadel::stripe_sim

// What is done with Stripe's test clocks: made, advanced, deleted. Advancing does all work that was due in
// between, in order, each piece at its own time, between the simulator's other work; then the clock is ready.
// Refusals (backwards, too far, too many customers) are the API's business.
#pragma once
#include <string>
#include <string_view>

#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

inline constexpr std::string_view kClockKind = "billingclock";  // what Stripe's errors call it
inline constexpr int kCustomersPerClock = 3;
inline constexpr int kSubscriptionsPerCustomer = 3;

// Deleted by itself after 30 days of the simulator's own time.
TestClock& AddTestClock(World& world, Account& account, std::string name, Time frozen_time,
                        const Cause& cause);

// The furthest time it may be advanced to at once: two periods of the shortest subscription on it, or two
// years where there is none.
Time FurthestAdvance(const Account& account, const TestClock& clock);

// Begins to advance; ready when all is done.
void AdvanceTestClock(World& world, Account& account, TestClock& clock, Time target, const Cause& cause);

// Deletes its customers, which ends their subscriptions. What they leave behind stays in its last time.
void DeleteTestClock(World& world, Account& account, const TestClock& clock, const Cause& cause);

}  // namespace citadel::stripe_sim

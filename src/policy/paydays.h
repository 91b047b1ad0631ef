// When people are paid: the usual pay cycles, how common each is in a country, and how many days ago the
// last payday of a cycle was. A payday on a weekend moves to the business day before.
#pragma once
#include <array>
#include <span>
#include <string>
#include <string_view>

#include "policy/local_time.h"

namespace citadel::policy {

// A place in PayCycles().
using CycleIndex = std::size_t;
inline constexpr std::size_t kCycles = 23;

struct PayCycle {
    enum class Kind { kWeekly, kBiweekly, kTwiceAMonth, kMonthly, kFifthBusinessDay };
    Kind kind;
    int first;   // the weekday (0 is Sunday), or the day of the month; 31 means its last day
    int second;  // the other day of the month, or which of the two weeks
    std::string_view name;
    int period_days() const;
};

std::span<const PayCycle, kCycles> PayCycles();
// How common each cycle is, adding up to 1; a mixture for a country without a row of its own.
std::array<float, kCycles> PayCycleShares(std::string_view country);
// 0 on the payday itself.
int DaysSincePayday(CycleIndex cycle, LocalDays day);

}  // namespace citadel::policy

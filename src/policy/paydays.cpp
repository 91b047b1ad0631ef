#include "policy/paydays.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <vector>

namespace citadel::policy {
namespace {

using std::chrono::days;
using std::chrono::months;
using Kind = PayCycle::Kind;
using Shares = std::array<std::int8_t, kCycles>;

constexpr int kLastDay = 31;

constexpr std::array<PayCycle, kCycles> kPayCycles = {{
    {Kind::kWeekly, 1, 0, "weekly on Monday"},
    {Kind::kWeekly, 2, 0, "weekly on Tuesday"},
    {Kind::kWeekly, 3, 0, "weekly on Wednesday"},
    {Kind::kWeekly, 4, 0, "weekly on Thursday"},
    {Kind::kWeekly, 5, 0, "weekly on Friday"},
    {Kind::kBiweekly, 3, 0, "every other Wednesday"},
    {Kind::kBiweekly, 3, 1, "every other Wednesday"},
    {Kind::kBiweekly, 4, 0, "every other Thursday"},
    {Kind::kBiweekly, 4, 1, "every other Thursday"},
    {Kind::kBiweekly, 5, 0, "every other Friday"},
    {Kind::kBiweekly, 5, 1, "every other Friday"},
    {Kind::kTwiceAMonth, 1, 15, "on the 1st and 15th"},
    {Kind::kTwiceAMonth, 15, kLastDay, "on the 15th and at month end"},
    {Kind::kTwiceAMonth, 5, 20, "on the 5th and 20th"},
    {Kind::kMonthly, 1, 0, "on the 1st"},
    {Kind::kMonthly, 5, 0, "on the 5th"},
    {Kind::kMonthly, 10, 0, "on the 10th"},
    {Kind::kMonthly, 15, 0, "on the 15th"},
    {Kind::kMonthly, 20, 0, "on the 20th"},
    {Kind::kMonthly, 25, 0, "on the 25th"},
    {Kind::kMonthly, 28, 0, "on the 28th"},
    {Kind::kMonthly, kLastDay, 0, "at month end"},
    {Kind::kFifthBusinessDay, 0, 0, "on the 5th business day"},
}};

struct Market {
    std::string_view countries;  // ISO 3166, separated by blanks; empty: the rest of the world
    Shares shares;               // in the order of kPayCycles
};

// US: pay periods of the Bureau of Labor Statistics (weekly 32, biweekly 37, twice a month 20, monthly 11 %),
// Friday as the usual day. The others after what dunning vendors and payroll guides name (UK: last working
// day, 25th to 28th; SEPA: month end; Australia: fortnightly; Brazil: 5th business day and 20th; Mexico: the
// quincena; Japan: 25th; India: month end and the first days): the shares are our own estimate.
constexpr Market kMarkets[] = {
    {"US CA", {1, 1, 3, 5, 22, 1, 1, 4, 4, 14, 14, 9, 10, 1, 4, 0, 0, 1, 0, 0, 0, 5, 0}},
    {"GB IE", {0, 0, 0, 3, 12, 0, 0, 0, 0, 2, 2, 0, 1, 0, 5, 0, 1, 5, 2, 17, 20, 30, 0}},
    {"DE AT FR ES IT NL BE LU FI PT GR SI SK EE LV LT MT CY HR CH SE NO DK PL CZ HU RO BG",
     {0, 0, 0, 0, 3, 0, 0, 0, 0, 2, 2, 0, 3, 0, 12, 2, 3, 8, 2, 14, 13, 36, 0}},
    {"AU NZ", {0, 1, 4, 8, 8, 9, 9, 11, 11, 6, 6, 0, 4, 0, 3, 0, 0, 9, 0, 1, 2, 8, 0}},
    {"BR", {0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 20, 5, 0, 4, 0, 15, 0, 0, 8, 45}},
    {"JP", {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 7, 8, 60, 4, 15, 0}},
    {"IN", {0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 35, 12, 4, 0, 0, 4, 6, 35, 0}},
    {"MX CO PE AR", {0, 0, 0, 0, 25, 0, 0, 0, 0, 2, 2, 0, 55, 0, 2, 2, 0, 0, 0, 0, 0, 12, 0}},
    {"", {0, 0, 0, 3, 12, 0, 0, 2, 2, 7, 7, 5, 9, 1, 9, 3, 4, 6, 3, 9, 6, 20, 2}},
};

// Nobody's habits are known well: every cycle keeps at least this share (in hundredths, before scaling).
constexpr float kDust = 0.7f;

LocalDays BusinessDayBefore(LocalDays day) {
    std::chrono::weekday weekday(day);
    if (weekday == std::chrono::Saturday) return day - days(1);
    return weekday == std::chrono::Sunday ? day - days(2) : day;
}

LocalDays DayOfMonth(std::chrono::year_month month, int wanted) {
    std::chrono::year_month_day_last last(month / std::chrono::last);
    auto number = std::min(static_cast<unsigned>(wanted), static_cast<unsigned>(last.day()));
    return BusinessDayBefore(LocalDays(month / std::chrono::day(number)));
}

LocalDays FifthBusinessDay(std::chrono::year_month month) {
    LocalDays day(month / std::chrono::day(1));
    for (int business = 0;; day += days(1)) {
        if (BusinessDayBefore(day) == day && ++business == 5) return day;
    }
}

int SinceWeekday(int weekday, LocalDays day) {
    return static_cast<int>((std::chrono::weekday(day).c_encoding() + 7u - static_cast<unsigned>(weekday)) %
                            7u);
}

// Among the paydays of this month and its neighbours (a first of the month on a Sunday is paid in the month
// before) the last one that is not after `day`.
int SinceDayOfMonth(const PayCycle& cycle, LocalDays day) {
    std::chrono::year_month_day date(day);
    std::chrono::year_month month = date.year() / date.month();
    int since = 1000;
    for (auto of : {month - months(1), month, month + months(1)}) {
        auto count = [&](LocalDays payday) {
            if (payday <= day) since = std::min(since, static_cast<int>((day - payday).count()));
        };
        if (cycle.kind == Kind::kFifthBusinessDay) {
            count(FifthBusinessDay(of));
            continue;
        }
        count(DayOfMonth(of, cycle.first));
        if (cycle.kind == Kind::kTwiceAMonth) count(DayOfMonth(of, cycle.second));
    }
    return since;
}

int ComputeDaysSince(const PayCycle& cycle, LocalDays day) {
    if (cycle.kind == Kind::kWeekly) return SinceWeekday(cycle.first, day);
    if (cycle.kind != Kind::kBiweekly) return SinceDayOfMonth(cycle, day);
    int since = SinceWeekday(cycle.first, day);
    auto week = ((day - days(since)).time_since_epoch().count() + 7 * 1'000'000) / 7;
    return week % 2 == cycle.second ? since : since + 7;
}

// The calendar of all cycles for the years in which this program is likely to run: looking up is what most of
// a decision's time would else go to.
struct Calendar {
    LocalDays first{std::chrono::year(2015) / 1 / 1};
    LocalDays last{std::chrono::year(2045) / 1 / 1};
    std::vector<std::array<std::uint8_t, kCycles>> since;

    Calendar() {
        for (auto day = first; day < last; day += days(1)) {
            auto& row = since.emplace_back();
            for (CycleIndex i = 0; i < kCycles; ++i)
                row[i] = static_cast<std::uint8_t>(ComputeDaysSince(kPayCycles[i], day));
        }
    }
};

const Market& MarketOf(std::string_view country) {
    if (country.size() != 2) return kMarkets[std::size(kMarkets) - 1];
    auto upper = [](char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); };
    const char code[] = {upper(country[0]), upper(country[1])};
    for (const auto& market : kMarkets) {
        if (market.countries.find(std::string_view(code, 2)) != std::string_view::npos) return market;
    }
    return kMarkets[std::size(kMarkets) - 1];
}

}  // namespace

int PayCycle::period_days() const {
    switch (kind) {
        case Kind::kWeekly: return 7;
        case Kind::kBiweekly: return 14;
        case Kind::kTwiceAMonth: return 15;
        case Kind::kMonthly:
        case Kind::kFifthBusinessDay: break;
    }
    return 30;
}

std::span<const PayCycle, kCycles> PayCycles() { return kPayCycles; }

std::array<float, kCycles> PayCycleShares(std::string_view country) {
    const auto& market = MarketOf(country);
    std::array<float, kCycles> shares{};
    float sum = 0;
    for (CycleIndex i = 0; i < kCycles; ++i) {
        shares[i] = static_cast<float>(market.shares[i]) + kDust;
        sum += shares[i];
    }
    for (auto& share : shares) share /= sum;
    return shares;
}

int DaysSincePayday(CycleIndex cycle, LocalDays day) {
    static const Calendar calendar;
    if (day < calendar.first || day >= calendar.last) return ComputeDaysSince(kPayCycles[cycle], day);
    return calendar.since[static_cast<std::size_t>((day - calendar.first).count())][cycle];
}

}  // namespace citadel::policy

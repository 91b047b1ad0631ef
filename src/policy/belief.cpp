#include "policy/belief.h"

#include <algorithm>
#include <cmath>

namespace citadel::policy {
namespace {

using std::chrono::days;

// Money is there: even then a charge may fail. It is gone: even then one may go through.
constexpr float kThere = 0.92f;
constexpr float kGone = 0.05f;
constexpr float kSteady = 0.12f;
// Wages are booked in the course of the payday's morning.
constexpr float kPaydayMorning = 0.45f;
constexpr float kPaydayLater = 0.80f;
constexpr auto kBooked = std::chrono::hours(10);

// How long money lasts, as parts of the period: spending jumps on payday and runs down (retry-rules, section
// 4).
constexpr std::array<float, 4> kLasts = {0.12f, 0.32f, 0.60f, 0.90f};
constexpr std::array<float, 4> kLastsShares = {0.24f, 0.30f, 0.26f, 0.20f};
constexpr float kLastsAtLeast = 1.6f;  // days

// Days after the first failure at which money arrives, each lasting 4 or 12 days.
constexpr std::array<float, 10> kArrivesAfter = {1.5f, 3, 5, 8, 11, 14, 17, 20, 23, 26};
constexpr std::array<float, 2> kStays = {4, 12};
constexpr std::array<float, 9> kHoldEnds = {0.4f, 1, 2, 3, 5, 7, 10, 14, 20};
// Most recoveries fall two to twelve days after the decline, holds take up to fifteen; a day or two often
// does.
constexpr std::array<float, 9> kHoldShares = {.12f, .14f, .14f, .13f, .14f, .12f, .10f, .07f, .04f};
constexpr std::array<float, 9> kLimitShares = {.10f, .40f, .08f, .05f, .07f, .20f, .05f, .03f, .02f};

// Recovered later is worth less: people leave meanwhile. By a fifth in four weeks.
constexpr float kPatienceDays = 120;

// An earlier renewal is weaker evidence than today's failure: most succeed at any time of the month.
constexpr float kRenewalThere = 0.95f;
constexpr float kRenewalGone = 0.60f;

float DaysBetween(Time from, Time to) {
    return static_cast<float>(static_cast<double>((to - from).count()) / 86'400e6);
}

float LastsDays(CycleIndex cycle, std::size_t length) {
    return std::max(kLastsAtLeast, kLasts[length] * static_cast<float>(PayCycles()[cycle].period_days()));
}

// `since` days after the payday, of which money lasts so many.
float WagesChance(int since, float lasts) {
    float left = lasts - static_cast<float>(since);
    if (left >= 1) return kThere;
    return left <= 0 ? kGone : kGone + (kThere - kGone) * left;
}

// The same for every cycle, day since its payday and length: worked out once.
constexpr std::size_t kSinceMax = 40;
using ByLength = std::array<float, kLasts.size()>;
using WagesTable = std::array<std::array<ByLength, kSinceMax>, kCycles>;

const WagesTable& WagesChances() {
    static const WagesTable table = [] {
        WagesTable made{};
        for (CycleIndex cycle = 0; cycle < kCycles; ++cycle) {
            for (std::size_t since = 0; since < kSinceMax; ++since) {
                for (std::size_t length = 0; length < kLasts.size(); ++length)
                    made[cycle][since][length] =
                        WagesChance(static_cast<int>(since), LastsDays(cycle, length));
            }
        }
        return made;
    }();
    return table;
}

}  // namespace

Belief::Belief(const Suspicion& suspicion, std::string_view country, const Zone& zone, Time first_failed_at)
    : zone_(zone), first_failed_at_(first_failed_at), limit_(suspicion.limit) {
    auto shares = PayCycleShares(country);
    std::size_t story = 0;
    for (CycleIndex cycle = 0; cycle < kCycles; ++cycle) {
        for (float share : kLastsShares) weights_[story++] = suspicion.wages * shares[cycle] * share;
    }
    for (std::size_t i = 0; i < kArrivals; ++i)
        weights_[story++] = suspicion.arrival / static_cast<float>(kArrivals);
    for (float share : limit_ ? kLimitShares : kHoldShares) weights_[story++] = suspicion.hold * share;
    weights_[story++] = suspicion.steady;
    weights_[story++] = suspicion.hopeless;
}

Belief::Row Belief::ChancesAt(Time at) const {
    Row row{};
    std::size_t story = 0;
    auto day = zone_.Day(at);
    ByLength payday{};
    payday.fill(zone_.OfDay(at) >= kBooked ? kPaydayLater : kPaydayMorning);
    const auto& table = WagesChances();
    for (CycleIndex cycle = 0; cycle < kCycles; ++cycle) {
        auto since = static_cast<std::size_t>(DaysSincePayday(cycle, day));
        const auto& chances = since == 0 ? payday : table[cycle][std::min(since, kSinceMax - 1)];
        for (float chance : chances) row[story++] = chance;
    }
    float age = DaysBetween(first_failed_at_, at);
    for (float arrives : kArrivesAfter) {
        for (float stays : kStays) row[story++] = age >= arrives && age < arrives + stays ? kThere : kGone;
    }
    for (float ends : kHoldEnds) row[story++] = age >= ends ? kThere : 0.02f;
    row[story++] = kSteady;
    return row;
}

void Belief::SawFailure(Time at) {
    auto chances = ChancesAt(at);
    for (std::size_t i = 0; i < kStories; ++i) weights_[i] *= 1 - chances[i];
}

void Belief::SawPayment(Time at) {
    auto day = zone_.Day(at);
    for (CycleIndex cycle = 0; cycle < kCycles; ++cycle) {
        int since = DaysSincePayday(cycle, day);
        for (std::size_t length = 0; length < kLengths; ++length) {
            bool there = static_cast<float>(since) < LastsDays(cycle, length);
            weights_[cycle * kLengths + length] *= there ? kRenewalThere : kRenewalGone;
        }
    }
    // The other stories say nothing about that day: as much as an average day in the life of a payer.
    constexpr float average = (kRenewalThere + kRenewalGone) / 2;
    for (std::size_t i = kCycles * kLengths; i < kStories; ++i) weights_[i] *= average;
}

// What a charge on one day adds to the value of the plan: the stories in which nothing before it worked and
// it does, less what later charges would have brought anyway.
float Belief::Gain(const Row& weights, const Row& alive, const Row& chance, const Row& later, float value) {
    std::array<float, kLanes> lanes{};
    for (std::size_t i = 0; i < kStories; i += kLanes) {
        for (std::size_t j = 0; j < kLanes; ++j)
            lanes[j] += weights[i + j] * alive[i + j] * chance[i + j] * (value - later[i + j]);
    }
    float sum = 0;
    for (float lane : lanes) sum += lane;
    return sum;
}

std::vector<std::size_t> Belief::Choose(const Wishes& wishes) const {
    const auto count = wishes.days.size();
    enum class Day : char { kOpen, kChosen, kTooNear };
    std::vector<Day> plan(count, Day::kOpen);
    std::vector<Row> chances(count), later(count);
    std::vector<float> value(count);
    for (std::size_t day = 0; day < count; ++day) {
        chances[day] = ChancesAt(wishes.days[day]);
        value[day] = std::exp(-DaysBetween(first_failed_at_, wishes.days[day]) / kPatienceDays);
    }
    float total = 0;
    for (float weight : weights_) total += weight;
    for (int taken = 0; taken < wishes.charges_max; ++taken) {
        Row then{};
        for (std::size_t day = count; day-- > 0;) {
            later[day] = then;
            if (plan[day] != Day::kChosen) continue;
            for (std::size_t i = 0; i < kStories; ++i)
                then[i] = chances[day][i] * value[day] + (1 - chances[day][i]) * then[i];
        }
        Row alive;
        alive.fill(1);
        std::size_t best = count;
        float best_gain = wishes.least_gain * total;
        for (std::size_t day = 0; day < count; ++day) {
            if (plan[day] == Day::kChosen) {
                for (std::size_t i = 0; i < kStories; ++i) alive[i] *= 1 - chances[day][i];
            } else if (plan[day] == Day::kOpen) {
                float gain = Gain(weights_, alive, chances[day], later[day], value[day]);
                if (gain <= best_gain) continue;
                best = day;
                best_gain = gain;
            }
        }
        if (best == count) break;
        plan[best] = Day::kChosen;
        // Hours of slack, for days on which a charge was moved within the day.
        auto apart = days(wishes.days_apart) - std::chrono::hours(8);
        for (std::size_t day = 0; day < count; ++day) {
            bool near = std::chrono::abs(wishes.days[day] - wishes.days[best]) < apart;
            if (near && plan[day] == Day::kOpen) plan[day] = Day::kTooNear;
        }
    }
    std::vector<std::size_t> chosen;
    for (std::size_t day = 0; day < count; ++day) {
        if (plan[day] == Day::kChosen) chosen.push_back(day);
    }
    return chosen;
}

float Belief::ChanceAt(Time at) const {
    auto chances = ChancesAt(at);
    float hits = 0, total = 0;
    for (std::size_t i = 0; i < kStories; ++i) {
        hits += weights_[i] * chances[i];
        total += weights_[i];
    }
    return total > 0 ? hits / total : 0;
}

Belief::Likeliest Belief::LikeliestCycle() const {
    std::array<float, kCycles> shares{};
    float total = 0;
    for (float weight : weights_) total += weight;
    for (std::size_t i = 0; i < kCycles * kLengths; ++i) shares[i / kLengths] += weights_[i];
    auto best = std::max_element(shares.begin(), shares.end());
    return {static_cast<CycleIndex>(best - shares.begin()), total > 0 ? *best / total : 0};
}

}  // namespace citadel::policy

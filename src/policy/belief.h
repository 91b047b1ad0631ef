// What may be the matter with this card, as a weighted list of stories, and which days are worth a charge.
//
// Each story says how likely a charge goes through on a given day: money comes with one of the usual pay
// cycles and lasts for so long; or it comes once, on a day nobody can know; or a hold or limit ends after
// some days; or every try has the same small chance; or none ever has. What is known of the customer (failed
// attempts, renewals that went through) weighs them. From that follow the days that together find most of the
// money: a charge that fails teaches nothing but that it failed, so the best plan is a set of days, chosen
// one by one for what each adds.
//
// The numbers are priors after docs/policy.md, meant to be wrong by little for anybody, not right for one
// population.
#pragma once
#include <array>
#include <span>
#include <vector>

#include "policy/local_time.h"
#include "policy/paydays.h"

namespace citadel::policy {

// How much of the belief goes to which kind of story.
struct Suspicion {
    float wages = 0;    // a pay cycle
    float arrival = 0;  // money on a day that no calendar knows
    float hold = 0;     // ends by itself and stays away
    float steady = 0;   // the same chance each time
    float hopeless = 0;
    // Limits of count or amount end at midnight or with the week, holds within days or weeks.
    bool limit = false;
};

class Belief {
  public:
    // Days are counted from the local day of the first failure, 0 to 60.
    Belief(const Suspicion& suspicion, std::string_view country, const Zone& zone, Time first_failed_at);

    void SawFailure(Time at);
    // An earlier renewal went through at once: says when money is usually there.
    void SawPayment(Time at);

    struct Wishes {
        std::span<const Time> days;  // possible charges, at most one a day, rising
        int charges_max = 0;         // how many of them may be taken
        int days_apart = 1;          // at least
        float least_gain = 0;        // what an attempt must add to the chance of recovery to be worth making
    };
    // Places in `days`, rising.
    std::vector<std::size_t> Choose(const Wishes& wishes) const;

    float ChanceAt(Time at) const;
    // The pay cycle that most of the belief in wages goes to, and its share of all belief.
    struct Likeliest {
        CycleIndex cycle = 0;
        float share = 0;
    };
    Likeliest LikeliestCycle() const;

  private:
    // Stories, in this order: every cycle with each length that money may last, arrivals, holds, steady,
    // hopeless.
    static constexpr std::size_t kLengths = 4;
    static constexpr std::size_t kArrivals = 20;
    static constexpr std::size_t kHolds = 9;
    static constexpr std::size_t kStories = 128;  // a multiple of kLanes; the last few stay empty
    static constexpr std::size_t kLanes = 8;
    static_assert(kCycles * kLengths + kArrivals + kHolds + 2 <= kStories);
    using Row = std::array<float, kStories>;

    Row ChancesAt(Time at) const;
    static float Gain(const Row& weights, const Row& alive, const Row& chance, const Row& later, float value);

    Zone zone_;
    Time first_failed_at_;
    bool limit_;
    Row weights_{};
};

}  // namespace citadel::policy

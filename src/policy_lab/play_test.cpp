// The claims of docs/policy.md, on small populations and several seeds, and on people quite unlike the
// built-in ones.
#include "policy_lab/play.h"

#include <gtest/gtest.h>

#include "policy_lab/report.h"

namespace citadel::policy_lab {
namespace {

Population BuiltIn() { return ReadPopulation(PopulationData()); }

const Tally& Of(const std::vector<Tally>& tallies, std::string_view name) {
    for (const auto& tally : tallies) {
        if (tally.name == name) return tally;
    }
    ADD_FAILURE() << name << " did not play";
    return tallies.front();
}

void ExpectTheDefaultAhead(const Population& population, const Match& match) {
    auto tallies = PlayAll(AllPolicies(), population, match);
    const auto& best = Of(tallies, policy::kDefault);
    for (const auto& other : tallies) {
        EXPECT_EQ(other.forbidden, 0) << other.name;
        if (other.name == policy::kDefault) continue;
        EXPECT_GT(best.share(), other.share())
            << other.name << " on " << population.name << ", seed " << match.seed;
        if (other.name == policy::kClassic) continue;
        EXPECT_LT(best.attempts_per_recovery(), other.attempts_per_recovery())
            << other.name << " on " << population.name << ", seed " << match.seed;
    }
    EXPECT_LE(best.mails_per_invoice(), 5);
}

TEST(Play, TheDefaultRecoversMoreThanEachOtherWithFewerAttemptsThanTheEights) {
    for (std::uint64_t seed : {1, 2, 3, 4, 5}) ExpectTheDefaultAhead(BuiltIn(), {seed, 1000});
}

TEST(Play, TheDefaultIsAheadAmongPeopleWhoseMoneyIsGoneInDays) {
    auto people = BuiltIn();
    people.name = "gone in days";
    for (auto& cause : people.causes) cause.lasts = {0.05, 0.25};
    ExpectTheDefaultAhead(people, {6, 1000});
}

TEST(Play, TheDefaultIsAheadAmongPeoplePaidOnDaysThatNoCalendarKnows) {
    auto people = BuiltIn();
    people.name = "any day";
    people.history_months = 0;
    people.mastercard = 0;
    for (auto& country : people.countries) {
        for (auto& pay : country.pay) {
            pay.weekday = -1;
            pay.days.clear();
        }
    }
    ExpectTheDefaultAhead(people, {7, 2000});
}

TEST(Play, TheDefaultIsAheadWhereBanksAreCautiousAndWhereManyNeverReturn) {
    auto people = BuiltIn();
    people.name = "cautious banks";
    for (auto& cause : people.causes) {
        if (cause.cause == Cause::kFunds) cause.share /= 4;
        if (cause.cause == Cause::kHold) {
            cause.share = 50;
            cause.daily_chance = 0.12;
        }
    }
    ExpectTheDefaultAhead(people, {8, 2000});
    people = BuiltIn();
    people.name = "many gone";
    for (auto& cause : people.causes) {
        if (cause.cause == Cause::kGone) cause.share = 40;
    }
    ExpectTheDefaultAhead(people, {9, 2000});
}

TEST(Play, TheDefaultIsAheadWithoutMailHistoryOrAdvice) {
    auto people = BuiltIn();
    people.name = "retries alone";
    people.history_months = 0;
    people.mastercard = 0;
    for (auto& cause : people.causes) cause.acts_on_mail = 0;
    ExpectTheDefaultAhead(people, {10, 1500});
}

TEST(Play, TheSameSeedGivesTheSameTable) {
    Match match{3, 200};
    auto people = BuiltIn();
    EXPECT_EQ(ToJson(PlayAll(AllPolicies(), people, match), people, match),
              ToJson(PlayAll(AllPolicies(), people, match), people, match));
    Match other{4, 200};
    EXPECT_NE(Play(AllPolicies().back(), people, match).recovered, 0);
    EXPECT_NE(ToJson(PlayAll(AllPolicies(), people, match), people, match),
              ToJson(PlayAll(AllPolicies(), people, other), people, match));
}

TEST(Play, EveryPolicyMeetsTheSamePeople) {
    auto people = BuiltIn();
    Payer one(people, 42, Time{}), other(people, 42, Time{});
    EXPECT_EQ(one.failed_at(), other.failed_at());
    for (int hour = 0; hour < 24 * 30; ++hour) {
        auto at = one.failed_at() + std::chrono::hours(hour);
        EXPECT_EQ(one.Charge(at).has_value(), other.Charge(at).has_value());
    }
}

TEST(Play, WhoeverBreaksANetworksRuleIsCounted) {
    Contestant blind;
    blind.name = "blind";
    blind.decide = [](const policy::DunningState& state) {
        policy::DunningStep step;
        step.action =
            state.charges < 3 ? policy::DunningStep::Action::kCharge : policy::DunningStep::Action::kGiveUp;
        return step;
    };
    EXPECT_GT(Play(blind, BuiltIn(), {1, 300}).forbidden, 30);
}

TEST(Play, TheAblationAddsTheDefaultUpStepByStep) {
    auto tallies = PlayAll(Ablation(), BuiltIn(), {1, 1000});
    EXPECT_EQ(Of(tallies, "eight14/1").mails, 0);
    EXPECT_GT(Of(tallies, "+ paydays").share(), Of(tallies, "+ declines").share());
    EXPECT_GT(Of(tallies, "+ letters").share(), Of(tallies, "+ hour").share());
    EXPECT_GT(Of(tallies, "+ letters").share(), Of(tallies, "in 14 days").share());
    auto whole = Play(AllPolicies().back(), BuiltIn(), {1, 1000});
    EXPECT_EQ(Of(tallies, "+ letters").recovered, whole.recovered);
}

}  // namespace
}  // namespace citadel::policy_lab

#include "policy/payday.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "policy/belief.h"
#include "policy/letters.h"

namespace citadel::policy {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

constexpr days kWindow{28};
constexpr ClosedHours kNight{1, 4};         // local hours in which banks refuse more often
constexpr ClosedHours kLetterNight{21, 8};  // nobody is written to
constexpr int kChargeHour = 11;             // wages are booked, and little of them is spent yet
constexpr hours kStillDue{12};  // a charge that was due so long ago is made, an older one planned anew
constexpr hours kSlack{6};
constexpr std::size_t kPaymentsRead = 18;  // of the customer's history, the newest
// After an outage: so long after the newest attempt, by the number of attempts; then once a day for a while.
constexpr std::array<hours, 3> kLadder{hours(1), hours(3), hours(6)};
constexpr int kDailyUntil = 6;

// How a card is tried, by what its decline asks for.
struct Manner {
    std::string_view name;
    int charges_max;
    int days_apart;
    float least_gain;
    Suspicion suspicion;
};

// What one more attempt must add to the chance of recovery. Below that it mostly costs: fees, the bank's
// goodwill, the merchant's share of declines. Four times as much changes what is recovered by less than half
// a percent.
constexpr float kLeastGain = 0.02f;

// Priors, not measurements: about half of the refusals without a reason are hidden lack of money
// (retry-rules, section 2), the rest holds that end by themselves, and some of everything never comes back.
constexpr Manner kMoney = {"money", 9, 1, kLeastGain, {.62f, .13f, .07f, .06f, .12f, false}};
constexpr Manner kCreditLine = {"credit line", 9, 1, kLeastGain, {.40f, .28f, .12f, .07f, .13f, false}};
constexpr Manner kLimit = {"limit", 8, 1, kLeastGain, {.15f, .10f, .50f, .08f, .17f, true}};
constexpr Manner kNoReason = {"no reason given", 8, 2, kLeastGain, {.34f, .10f, .28f, .08f, .20f, false}};
constexpr Manner kUnknownCode = {"unknown code", 4, 3, kLeastGain, {.25f, .10f, .25f, .05f, .35f, false}};
constexpr Manner kOutage = {"outage", 9, 1, kLeastGain, {.20f, .10f, .50f, .05f, .15f, false}};

const Manner& MannerOf(const DunningState& s) {
    if (!s.decline.known) return kUnknownCode;
    switch (s.decline.action) {
        case DeclineAction::kPayday: return s.funding == "credit" ? kCreditLine : kMoney;
        case DeclineAction::kLimit: return kLimit;
        case DeclineAction::kSoon: return kOutage;
        default: return kNoReason;
    }
}

// Spread within the hour by the failure's own minute, so that a merchant's renewals do not all come at once.
Duration WithinTheHour(const DunningState& s) {
    return Duration(s.first_failed_at.time_since_epoch()) % hours(1);
}

// Whether a charge that was possible at that time was held back since: then it is missed for good, and asking
// again after the hold does not bring it back. No hold is shorter than an hour.
bool HeldSince(const DunningState& s, const Course& course, Time at) {
    for (; at < s.now; at += hours(1)) {
        if (HoldsCharge(s, course.charge_closed, at)) return true;
    }
    return HoldsCharge(s, course.charge_closed, s.now).has_value();
}

// One possible charge on each local day, at the good hour, moved within the day where something holds it
// back.
std::vector<Time> PossibleDays(const DunningState& s, const Course& course, const PaydayParts& parts,
                               Time from) {
    auto zone = ZoneOf(s);
    Duration of_day = zone.OfDay(s.first_failed_at);
    if (parts.hours) of_day = hours(ClosedFor(s, kNight).NearestOpenHour(kChargeHour)) + WithinTheHour(s);
    auto first_day = zone.Day(s.first_failed_at);
    // Days are looked at from the newest attempt on, so that asking again later gives the same plan.
    Time earliest = std::max(from, s.now - kStillDue);
    std::vector<Time> possible;
    for (auto day = zone.Day(earliest); day <= first_day + days(61); day += days(1)) {
        Time slot = zone.Utc(LocalTime(day) + of_day);
        if (slot < from && from < zone.Utc(LocalTime(day) + of_day + hours(6))) slot = from;
        Time at = FirstAllowed(s, course.charge_closed, slot);
        if (at >= course.end) break;
        bool missed = at < s.now && HeldSince(s, course, at);
        // One that is past and not missed is still due.
        if (at >= earliest && zone.Day(at) == day && !missed) possible.push_back(at);
    }
    return possible;
}

Belief BeliefOf(const DunningState& s, const Manner& manner) {
    Belief belief(manner.suspicion, s.country, ZoneOf(s), s.first_failed_at);
    auto paid = s.paid_first_try.size();
    for (std::size_t i = paid - std::min(paid, kPaymentsRead); i < paid; ++i)
        belief.SawPayment(s.paid_first_try[i]);
    Time newest = NewestAttempt(s);
    belief.SawFailure(s.first_failed_at);
    for (auto at : s.failed_at) {
        if (at != s.first_failed_at && at != newest) belief.SawFailure(at);
    }
    if (newest != s.first_failed_at) belief.SawFailure(newest);
    return belief;
}

int ChargesLeft(const DunningState& s, const Manner& manner) {
    int own = s.overrides.charges_max.value_or(manner.charges_max) - s.charges;
    return std::min(own, kAttemptsMax - AttemptsSoFar(s));
}

std::string DatesOf(const Zone& zone, std::span<const Time> possible, std::span<const std::size_t> chosen) {
    std::string dates;
    for (std::size_t place : chosen.subspan(1)) {
        std::chrono::year_month_day date(zone.Day(possible[place]));
        dates +=
            fmt::format("{}{}/{}", dates.empty() ? "" : ", ", unsigned(date.month()), unsigned(date.day()));
    }
    return dates.empty() ? "none after it" : "then " + dates;
}

// The best days, and of those the first.
void PlanByBelief(Course& course, const DunningState& s, const Manner& manner, const PaydayParts& parts,
                  Time from) {
    auto possible = PossibleDays(s, course, parts, from);
    auto belief = BeliefOf(s, manner);
    auto plan = belief.Choose({possible, ChargesLeft(s, manner), manner.days_apart, manner.least_gain});
    if (plan.empty()) {
        course.wait_rule = "payday.no_day_left";
        course.wait_reason =
            fmt::format("no day before the end on which a charge is worth making ({})", s.decline.rule);
        return;
    }
    auto zone = ZoneOf(s);
    Time at = possible[plan.front()];
    auto likeliest = belief.LikeliestCycle();
    course.charge_at = at;
    course.charge_rule = "payday.best_day";
    course.charge_reason = fmt::format(
        "{} ({}): {} local time (UTC{:+.1f} h), {:.1f} days after the failure, chance {:.0f} %, {}; "
        "likeliest wages: {} "
        "({:.0f} %); {} failed attempts and {} earlier payments considered",
        s.decline.rule, manner.name, FormatLocal(zone, at),
        static_cast<double>((zone.Local(at).time_since_epoch() - at.time_since_epoch()).count()) / 3.6e9,
        static_cast<double>((at - s.first_failed_at).count()) / 86'400e6, 100 * belief.ChanceAt(at),
        DatesOf(zone, possible, plan), PayCycles()[likeliest.cycle].name, 100 * likeliest.share,
        AttemptsSoFar(s), std::min(s.paid_first_try.size(), kPaymentsRead));
    if (plan.front() > 0) {
        course.rejected =
            fmt::format("sooner: {} with a chance of {:.0f} %", FormatLocal(zone, possible.front()),
                        100 * belief.ChanceAt(possible.front()));
    }
}

void PlanEvenly(Course& course, const DunningState& s, const Manner& manner, const PaydayParts& parts,
                Time from) {
    auto step = (course.end - s.first_failed_at) / manner.charges_max;
    auto possible = PossibleDays(s, course, parts,
                                 std::max(from, s.first_failed_at + step * (s.charges + 1) - hours(12)));
    if (possible.empty() || ChargesLeft(s, manner) <= 0) return;
    course.charge_at = possible.front();
    course.charge_rule = "payday.evenly";
    course.charge_reason =
        fmt::format("{}: charge {} of {}", s.decline.rule, s.charges + 1, manner.charges_max);
}

// An outage passes within hours: charge again soon, whatever day it is.
bool PlanLadder(Course& course, const DunningState& s) {
    if (s.decline.action != DeclineAction::kSoon || AttemptsSoFar(s) >= kDailyUntil) return false;
    auto tried = static_cast<std::size_t>(std::max(AttemptsSoFar(s) - 1, 0));
    auto wait = tried < kLadder.size() ? kLadder[tried] : hours(24);
    course.charge_at = NewestAttempt(s) + wait;
    course.charge_rule = "payday.after_outage";
    course.charge_reason =
        fmt::format("{}: {} hours after attempt {}", s.decline.rule, wait.count(), tried + 1);
    return true;
}

void PlanCharge(Course& course, const DunningState& s, const PaydayParts& parts) {
    const auto& manner = MannerOf(s);
    // Each new card deserves its one attempt; the total is bounded by the attempts on the invoice.
    if (auto refusal = RefusesCharges(s, s.new_method ? kAttemptsMax : manner.charges_max)) {
        course.wait_rule = "payday.wait_for_customer";
        course.wait_reason = refusal->reason;
        course.rejected = fmt::format("a charge: {} ({})", refusal->reason, refusal->rule);
        return;
    }
    if (s.new_method) {
        course.charge_at = s.now;
        course.charge_rule = "payday.new_method";
        course.charge_reason = fmt::format(
            "a new or refreshed card came in; what the old one said ({}) is over", s.decline.rule);
        return;
    }
    if (PlanLadder(course, s)) return;
    Duration rest = kSameCardRest;
    // Hours of slack, so that a charge which was late within its day does not cost another day.
    if (s.charges > 0) rest = std::max(rest, Duration(days(manner.days_apart) - kSlack));
    Time from = std::max(NewestAttempt(s) + rest, s.budget_free_at.value_or(s.first_failed_at));
    if (AdvisedRest(s) >= kSameCardRest) from = std::max(from, NewestAttempt(s) + AdvisedRest(s));
    bool dated = s.decline.money_expected && AdvisedRest(s).count() > 0;
    auto possible = dated ? PossibleDays(s, course, parts, from) : std::vector<Time>();
    if (!possible.empty() && parts.paydays) {
        course.charge_at = possible.front();
        course.charge_rule = "payday.issuers_date";
        course.charge_reason = fmt::format("the issuer expects money {} hours after the attempt ({})",
                                           AdvisedRest(s).count(), s.decline.rule);
        return;
    }
    if (parts.paydays) PlanByBelief(course, s, manner, parts, from);
    else PlanEvenly(course, s, manner, parts, from);
}

}  // namespace

Course PaydayCourse(const DunningState& s, const PaydayParts& parts) {
    Course course;
    course.end = EndOf(s, kWindow);
    course.end_rule = "payday.window_over";
    course.end_reason = fmt::format("{} attempts failed, {} letters were written, and the window is over",
                                    AttemptsSoFar(s), s.letters);
    if (parts.hours) course.charge_closed = kNight;
    course.letter_closed = kLetterNight;
    course.wait_rule = "payday.wait";
    course.wait_reason = "the next charge is not due yet";
    if (s.now >= course.end || s.mode == RetryMode::kObserve) return course;
    PlanCharge(course, s, parts);
    if (course.charge_at && course.wait_rule == "payday.wait") course.wait_reason = course.charge_reason;
    PlanLetters(course, s);
    return course;
}

DunningStep DecidePayday(const DunningState& s, const PaydayParts& parts) {
    return Follow(s, PaydayCourse(s, parts));
}

}  // namespace citadel::policy

#include "policy/fixed_days.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace citadel::policy {
namespace {

using std::chrono::days;
using std::chrono::hours;

constexpr days kGrace{7};  // after the last try or letter, before giving up

struct Calendar {
    std::string_view name;
    std::string_view prefix;             // of its rules
    std::span<const hours> waits;        // after the first failure, and after each failed try
    std::span<const int> letters_after;  // so many failed tries; 0: when the failure arrives
    int charges_max() const { return static_cast<int>(waits.size()); }
};

constexpr hours operator""_d(unsigned long long count) { return hours(24 * count); }

constexpr std::array<hours, 3> kClassicWaits{3_d, 5_d, 7_d};
constexpr std::array<int, 4> kClassicLetters{0, 1, 2, 3};
constexpr std::array<hours, 8> kEight14Waits{1_d, 1_d, 2_d, 2_d, 2_d, 2_d, 2_d, 2_d};
constexpr std::array<hours, 8> kEight28Waits{hours(84), hours(84), hours(84), hours(84),
                                             hours(84), hours(84), hours(84), hours(84)};
constexpr std::array<int, 4> kEightLetters{0, 2, 4, 8};

constexpr std::array<Calendar, 3> kCalendars = {{
    {"classic/1", "classic", kClassicWaits, kClassicLetters},
    {"eight14/1", "eight14", kEight14Waits, kEightLetters},
    {"eight28/1", "eight28", kEight28Waits, kEightLetters},
}};

std::string Rule(const Calendar& calendar, std::string_view what) {
    return fmt::format("{}.{}", calendar.prefix, what);
}

// The n-th step counted from the first failure; 0 is the failure itself.
Time StepAt(const Calendar& calendar, const DunningState& s, int step) {
    Time at = s.first_failed_at;
    for (int i = 0; i < step; ++i) at += calendar.waits[static_cast<std::size_t>(i)];
    return at;
}

// The letter that goes with a step that was reached at `since`, unless it has been written since.
void AddLetter(Course& course, const Calendar& calendar, const DunningState& s, int step, Time since,
               std::string reason) {
    auto due = std::count_if(calendar.letters_after.begin(), calendar.letters_after.end(),
                             [step](int after) { return after <= step; });
    bool written = s.last_letter_at && *s.last_letter_at >= since;
    if (s.letters >= due || written) return;
    course.letter_at = since;
    course.letter_rule = Rule(calendar, "letter");
    course.letter_reason = std::move(reason);
    bool last = due == static_cast<std::ptrdiff_t>(calendar.letters_after.size());
    course.letter = s.needs_customer ? Letter::kActionRequired
                    : last           ? Letter::kFinalNotice
                                     : Letter::kPaymentFailed;
}

void SetEnd(Course& course, const Calendar& calendar, const DunningState& s, Time own_end,
            std::string reason) {
    // The calendar's own end, or the merchant's window and the deadline before it.
    Duration window = own_end > s.first_failed_at ? own_end - s.first_failed_at : Duration(1);
    course.end = EndOf(s, window);
    course.end_rule = Rule(calendar, "sequence_ended");
    course.end_reason = course.end < own_end ? "the window is over" : std::move(reason);
}

// The card may not be charged: letters on the same days, then the end.
Course Ask(const Calendar& calendar, const DunningState& s, const Refusal& refusal) {
    Course course;
    int last = calendar.charges_max();
    int step = 0;
    while (step < last && s.now >= StepAt(calendar, s, step + 1)) ++step;
    SetEnd(course, calendar, s, StepAt(calendar, s, last) + kGrace,
           "the customer did not act and the grace is over");
    AddLetter(course, calendar, s, step, StepAt(calendar, s, step), refusal.reason);
    for (int next = step + 1; next <= last && !course.letter_at; ++next)
        AddLetter(course, calendar, s, next, StepAt(calendar, s, next), refusal.reason);
    if (step < last) course.following_letter_at = StepAt(calendar, s, step + 1);
    course.wait_rule = Rule(calendar, "wait_for_customer");
    course.wait_reason = refusal.reason;
    course.rejected = fmt::format("a charge: {}", refusal.reason);
    return course;
}

// Charges are over, or one of them is next.
Course Charge(const Calendar& calendar, const DunningState& s, bool may_charge) {
    Course course;
    int done = std::clamp(s.charges, 0, calendar.charges_max());
    int most = std::min(s.overrides.charges_max.value_or(calendar.charges_max()), calendar.charges_max());
    Time newest = done == 0 ? s.first_failed_at : s.last_charge_at.value_or(NewestAttempt(s));
    bool more = may_charge && done < most;
    Time end = newest + kGrace;
    if (may_charge && s.new_method) {
        course.charge_at = s.now;
        course.charge_rule = Rule(calendar, "new_method");
        course.charge_reason = "a new or refreshed card came in";
        end = std::max(FirstAllowed(s, {}, s.now), newest) + kGrace;
    } else if (more) {
        auto wait = calendar.waits[static_cast<std::size_t>(done)];
        course.charge_at = newest + wait;
        course.charge_rule = Rule(calendar, "step");
        course.charge_reason = fmt::format("attempt {} failed {} hours ago or more", done + 1, wait.count());
        // Held back or late, what follows moves along.
        end = FirstAllowed(s, {}, std::max(*course.charge_at, s.now)) + kGrace;
        for (int i = done + 1; i < most; ++i) end += calendar.waits[static_cast<std::size_t>(i)];
    }
    SetEnd(course, calendar, s, end, fmt::format("{} tries failed and the grace is over", done + 1));
    // A new card or the merchant's own hand may add charges; they add no letters after the final notice.
    AddLetter(course, calendar, s, done, newest, fmt::format("attempt {} failed", done + 1));
    course.wait_rule = Rule(calendar, "wait");
    course.wait_reason = more ? "the next attempt is not due yet" : "grace after the final notice";
    return course;
}

}  // namespace

Course FixedCourse(std::string_view policy, const DunningState& s) {
    const auto* calendar = &kCalendars[0];
    for (const auto& each : kCalendars) {
        if (each.name == policy) calendar = &each;
    }
    auto refusal = RefusesCharges(s, calendar->charges_max());
    bool spent = refusal && (refusal->rule == "limits.charges_max" || refusal->rule == "limits.attempts_max");
    // With all its charges made the sequence ends as one that charges; with none allowed it only asks.
    if (refusal && !(spent && s.charges > 0)) return Ask(*calendar, s, *refusal);
    return Charge(*calendar, s, !refusal);
}

}  // namespace citadel::policy

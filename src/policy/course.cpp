#include "policy/course.h"

#include <fmt/format.h>

#include <algorithm>

namespace citadel::policy {
namespace {

using Action = DunningStep::Action;

struct Agenda {
    std::optional<Time> charge_at;  // now: due
    std::optional<Time> letter_at;
    std::optional<Hold> hold;  // what moved the charge away from its wish
};

// The wishes after the limits: never in the past, nothing at or after the end.
Agenda Settle(const DunningState& s, const Course& course) {
    Agenda agenda;
    if (s.mode == RetryMode::kObserve) return agenda;
    if (course.charge_at) {
        Time wish = std::max(*course.charge_at, s.now);
        Time at = FirstAllowed(s, course.charge_closed, wish);
        if (at < course.end && !HoldsCharge(s, course.charge_closed, at)) agenda.charge_at = at;
        if (at > wish) agenda.hold = HoldsCharge(s, course.charge_closed, wish);
    }
    if (course.letter_at && s.has_address && s.letters < kLettersMax) {
        auto closed = ClosedFor(s, course.letter_closed);
        Time at = closed.NextOpen(ZoneOf(s), std::max(*course.letter_at, s.now));
        if (at < course.end) agenda.letter_at = at;
    }
    return agenda;
}

DunningStep Step(Action action, std::string rule, std::string reason, const Course& course) {
    DunningStep step;
    step.action = action;
    step.rule = std::move(rule);
    step.reason = std::move(reason);
    step.rejected = course.rejected;
    step.ends_at = course.end;
    return step;
}

DunningStep Write(const DunningState& s, const Course& course, const Agenda& agenda) {
    auto step = Step(Action::kWrite, course.letter_rule, course.letter_reason, course);
    step.letter = course.letter;
    step.letter_number = s.letters + 1;
    step.next_charge_at = agenda.charge_at;
    step.next_at = std::min(course.end, agenda.charge_at.value_or(course.end));
    if (course.following_letter_at && *course.following_letter_at > s.now)
        step.next_at = std::min(*step.next_at, *course.following_letter_at);
    return step;
}

DunningStep Wait(const Course& course, const Agenda& agenda) {
    bool held = agenda.hold && agenda.charge_at;
    auto step = Step(Action::kWait, held ? agenda.hold->rule : course.wait_rule,
                     held ? agenda.hold->reason : course.wait_reason, course);
    step.next_at =
        std::min({course.end, agenda.charge_at.value_or(course.end), agenda.letter_at.value_or(course.end)});
    step.next_charge_at = agenda.charge_at;
    return step;
}

}  // namespace

DunningStep Follow(const DunningState& s, Course course) {
    if (s.now >= course.end) return Step(Action::kGiveUp, course.end_rule, course.end_reason, course);
    if (s.mode == RetryMode::kObserve) {
        auto step = Step(Action::kWait, "observe", "this merchant only watches", course);
        step.next_at = course.end;
        return step;
    }
    auto agenda = Settle(s, course);
    if (agenda.charge_at && *agenda.charge_at <= s.now)
        return Step(Action::kCharge, course.charge_rule, course.charge_reason, course);
    if (agenda.letter_at && *agenda.letter_at <= s.now) return Write(s, course, agenda);
    return Wait(course, agenda);
}

Outlook Look(const DunningState& s, const Course& course) {
    Outlook outlook;
    if (s.now >= course.end) {
        outlook.give_up = true;
        outlook.why = fmt::format("{}: {}", course.end_rule, course.end_reason);
        return outlook;
    }
    auto agenda = Settle(s, course);
    outlook.charge_at = agenda.charge_at;
    outlook.letter_at = agenda.letter_at;
    if (agenda.charge_at && agenda.hold) {
        outlook.why = fmt::format("{}: {}", agenda.hold->rule, agenda.hold->reason);
    } else if (agenda.charge_at) {
        outlook.why = fmt::format("{}: {}", course.charge_rule, course.charge_reason);
    } else {
        outlook.why = fmt::format("{}: {}", course.wait_rule, course.wait_reason);
    }
    return outlook;
}

}  // namespace citadel::policy

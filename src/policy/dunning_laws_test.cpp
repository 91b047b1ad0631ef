// What holds for every policy and every state, also for states that no engine should ever come to.
// RC_PARAMS="max_success=20000" tries many more.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <string>

#include "policy/dunning.h"
#include "policy/limits.h"

namespace citadel::policy {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using Action = DunningStep::Action;

const Time kFailedAt = *ParseTime("2026-01-28T03:17:00Z");

int AnyOf(int from, int to) { return *rc::gen::inRange(from, to); }
bool Coin() { return *rc::gen::arbitrary<bool>(); }
// From ten days before the failure to two months after it.
Time AnyTime() { return kFailedAt + minutes(AnyOf(-10 * 1440, 60 * 1440)); }
std::optional<Time> MaybeTime() { return Coin() ? std::optional(AnyTime()) : std::nullopt; }
std::optional<int> MaybeOf(int from, int to) {
    return AnyOf(0, 4) == 0 ? std::optional(AnyOf(from, to)) : std::nullopt;
}

Decline AnyDecline() {
    Decline decline;
    decline.code = *rc::gen::element<std::string>(
        "insufficient_funds", "card_velocity_exceeded", "generic_decline", "do_not_honor", "lost_card",
        "expired_card", "do_not_try_again", "authentication_required", "processing_error", "invalid_amount",
        "stop_payment_order", "fraudulent", "never_heard_of", "");
    decline.advice = *rc::gen::element<std::string>("", "", "try_again_later", "do_not_try_again");
    decline.network_advice = *rc::gen::element<std::string>("", "", "", "02", "03", "21", "24", "25", "26",
                                                            "27", "28", "29", "30", "77");
    decline.network_code = *rc::gen::element<std::string>("", "", "51", "05", "91", "43", "R1");
    return decline;
}

// Half of the states are such as an engine comes to, the other half whatever the dice say.
DunningState AnyState() {
    DunningState s;
    s.first_failed_at = kFailedAt;
    s.now = Coin() ? kFailedAt + minutes(AnyOf(0, 35 * 1440)) : AnyTime();
    s.decline_codes = AnyDecline();
    s.decline = ReadDecline(s.decline_codes);
    bool sane = Coin();
    s.charges = AnyOf(0, sane ? 9 : 18);
    s.attempts = sane ? s.charges + 1 + AnyOf(0, 3) : AnyOf(0, 20);
    s.letters = AnyOf(0, sane ? 6 : 9);
    if (sane && s.now > kFailedAt) {
        auto before = [&] {
            return kFailedAt + minutes(AnyOf(0, static_cast<int>((s.now - kFailedAt) / minutes(1)) + 1));
        };
        if (s.charges > 0) s.last_charge_at = before();
        if (s.letters > 0) s.last_letter_at = before();
        if (s.attempts > 1) s.last_attempt_at = before();
        for (int i = AnyOf(0, 4); i > 0; --i) s.failed_at.push_back(before());
    } else {
        s.last_charge_at = MaybeTime();
        s.last_letter_at = MaybeTime();
        s.last_attempt_at = MaybeTime();
    }
    s.needs_customer = AnyOf(0, 5) == 0;
    s.new_method = AnyOf(0, 4) == 0;
    s.has_address = AnyOf(0, 5) > 0;
    s.mode = *rc::gen::element(RetryMode::kObserve, RetryMode::kWeave, RetryMode::kWeave, RetryMode::kOwn);
    s.stripe_next_attempt_at = MaybeTime();
    s.stripe_attempted_at = MaybeTime();
    if (AnyOf(0, 4) == 0) s.budget_free_at = AnyTime();
    if (AnyOf(0, 4) == 0) s.deadline = AnyTime();
    s.country = *rc::gen::element<std::string>("", "US", "de", "GB", "BR", "JP", "XX", "AU", "nonsense");
    s.utc_offset_minutes = MaybeOf(-1000, 1000);
    s.funding = *rc::gen::element<std::string>("", "debit", "credit", "prepaid");
    for (int i = AnyOf(0, 8); i > 0; --i) s.paid_first_try.push_back(kFailedAt - days(30 * i + AnyOf(-2, 3)));
    s.overrides.charges_max = MaybeOf(-1, 20);
    s.overrides.window_days = MaybeOf(0, 80);
    if (AnyOf(0, 4) == 0) {
        s.overrides.quiet_from_hour = AnyOf(0, 24);
        s.overrides.quiet_until_hour = AnyOf(0, 24);
    }
    return s;
}

// What the engine makes of a step, every charge failing. Returns false at the end.
bool Advance(DunningState& s, const DunningStep& step, bool letters_arrive = true) {
    switch (step.action) {
        case Action::kGiveUp: return false;
        case Action::kCharge:
            ++s.charges;
            ++s.attempts;
            s.last_charge_at = s.last_attempt_at = s.now;
            s.failed_at.push_back(s.now);
            s.new_method = false;
            return true;
        case Action::kWrite:
            if (letters_arrive) {
                ++s.letters;
                s.last_letter_at = s.now;
            } else {
                s.now = *step.next_at;
            }
            return true;
        case Action::kWait: s.now = *step.next_at; return true;
    }
    return false;
}

std::string Tell(const std::optional<Time>& at) { return at ? FormatTime(*at) : "-"; }

// For the log of a law that is broken: the state's times and numbers.
std::string Tell(const DunningState& s) {
    return fmt::format(
        "now {} first {} charges {} attempts {} letters {} last charge {} attempt {} letter {} stripe last "
        "{} next {} "
        "budget {} deadline {} decline {} ({}, {} h) customer {} new {} mode {} offset {} quiet {}-{} window "
        "{} max {}",
        FormatTime(s.now), FormatTime(s.first_failed_at), s.charges, s.attempts, s.letters,
        Tell(s.last_charge_at), Tell(s.last_attempt_at), Tell(s.last_letter_at), Tell(s.stripe_attempted_at),
        Tell(s.stripe_next_attempt_at), Tell(s.budget_free_at), Tell(s.deadline), s.decline.rule,
        NameOf(s.decline.action), s.decline.not_before.count(), s.needs_customer, s.new_method,
        static_cast<int>(s.mode), s.utc_offset_minutes.value_or(-9999),
        s.overrides.quiet_from_hour.value_or(-1), s.overrides.quiet_until_hour.value_or(-1),
        s.overrides.window_days.value_or(-1), s.overrides.charges_max.value_or(-1));
}

void ForEachPolicy(const std::function<void(std::string_view)>& check) {
    for (auto name : PolicyNames()) check(name);
}

RC_GTEST_PROP(DunningLaws, NothingIsPlannedInThePastAndEverythingIsExplained, ()) {
    auto state = AnyState();
    ForEachPolicy([&](std::string_view policy) {
        auto step = Decide(policy, state);
        RC_ASSERT(!step.rule.empty());
        RC_ASSERT(!step.reason.empty());
        bool later = step.action == Action::kWait || step.action == Action::kWrite;
        RC_ASSERT(step.next_at.has_value() == later);
        if (step.next_at) RC_ASSERT(*step.next_at > state.now);
        if (step.next_charge_at) RC_ASSERT(*step.next_charge_at > state.now);
        RC_ASSERT(step.ends_at.has_value());
        if (later) RC_ASSERT(*step.next_at <= *step.ends_at);
    });
}

// The rules themselves, written down a second time.
void AssertMayCharge(const DunningState& s) {
    RC_ASSERT(s.mode != RetryMode::kObserve);
    RC_ASSERT(!s.deadline || s.now < *s.deadline);
    RC_ASSERT(!s.budget_free_at || s.now >= *s.budget_free_at);
    RC_ASSERT(s.attempts < 15 && s.charges < 14);
    if (s.overrides.charges_max) RC_ASSERT(s.charges < *s.overrides.charges_max);
    if (s.overrides.window_days)
        RC_ASSERT(s.now < s.first_failed_at + days(std::clamp(*s.overrides.window_days, 1, 60)));
    if (s.mode == RetryMode::kWeave) {
        if (s.stripe_attempted_at) RC_ASSERT(s.now >= *s.stripe_attempted_at + hours(6));
        if (s.stripe_next_attempt_at) {
            auto distance = s.now - *s.stripe_next_attempt_at;
            RC_ASSERT(distance >= hours(6) || distance <= -hours(6));
        }
    }
    auto zone = ZoneOf(s);
    auto hour = zone.OfDay(s.now) / hours(1);
    if (s.overrides.quiet_from_hour && s.overrides.quiet_until_hour) {
        auto from = *s.overrides.quiet_from_hour, until = *s.overrides.quiet_until_hour;
        bool open = from <= until ? hour < from || hour >= until : hour < from && hour >= until;
        RC_ASSERT(open);
    }
    if (s.new_method) return;
    RC_ASSERT(s.decline.retry_same_card && !s.needs_customer);
    RC_ASSERT(s.decline.family != DeclineFamily::kAuthentication);
    auto rest = s.decline.family == DeclineFamily::kTechnical ? hours(3) : hours(18);
    if (s.last_charge_at) RC_ASSERT(s.now >= *s.last_charge_at + rest);
    for (auto at : {s.last_charge_at, s.last_attempt_at, std::optional(s.first_failed_at)}) {
        if (at && s.decline.not_before.count() > 0) RC_ASSERT(s.now >= *at + s.decline.not_before);
    }
}

RC_GTEST_PROP(DunningLaws, NoChargeThatAnyRuleForbids, ()) {
    auto state = AnyState();
    ForEachPolicy([&](std::string_view policy) {
        if (Decide(policy, state).action != Action::kCharge) return;
        RC_LOG() << policy << " " << Tell(state) << "\n";
        AssertMayCharge(state);
    });
}

RC_GTEST_PROP(DunningLaws, TheDefaultSleepsAtNightAndUnknownCodesAreTriedLess, ()) {
    auto state = AnyState();
    auto step = Decide(kDefault, state);
    auto hour = ZoneOf(state).OfDay(state.now) / hours(1);
    bool own_hours = !state.overrides.quiet_from_hour;
    if (step.action == Action::kCharge && !state.new_method) {
        if (own_hours) RC_ASSERT(hour < 1 || hour >= 4);
        if (!state.decline.known && !state.overrides.charges_max) RC_ASSERT(state.charges < 4);
        if (state.decline.known && !state.overrides.charges_max) RC_ASSERT(state.charges < 9);
    }
    if (step.action == Action::kWrite && own_hours) RC_ASSERT(hour >= 8 && hour < 21);
}

RC_GTEST_PROP(DunningLaws, LettersCountUpByOneAndNeedAnAddress, ()) {
    auto state = AnyState();
    ForEachPolicy([&](std::string_view policy) {
        auto step = Decide(policy, state);
        RC_ASSERT((step.action == Action::kWrite) == (step.letter != Letter::kNone));
        if (step.action != Action::kWrite) return;
        RC_ASSERT(state.has_address && state.mode != RetryMode::kObserve);
        RC_ASSERT(step.letter_number == state.letters + 1);
        RC_ASSERT(step.letter_number <= 5);
        if (state.needs_customer) RC_ASSERT(step.letter == Letter::kActionRequired);
    });
}

RC_GTEST_PROP(DunningLaws, TheSameStateGivesTheSameStep, ()) {
    auto state = AnyState();
    ForEachPolicy([&](std::string_view policy) {
        auto one = Decide(policy, state), other = Decide(policy, DunningState(state));
        RC_ASSERT(one.action == other.action && one.rule == other.rule && one.reason == other.reason);
        RC_ASSERT(one.next_at == other.next_at && one.next_charge_at == other.next_charge_at);
        RC_ASSERT(one.rejected == other.rejected && one.ends_at == other.ends_at);
    });
}

RC_GTEST_PROP(DunningLaws, EveryRecoveryEndsAndIsBoundedOnTheWay, ()) {
    auto start = AnyState();
    bool letters_arrive = Coin();
    ForEachPolicy([&](std::string_view policy) {
        auto state = start;
        int steps = 0, charges = 0;
        for (auto step = Decide(policy, state); Advance(state, step, letters_arrive);
             step = Decide(policy, state)) {
            if (step.action == Action::kCharge) ++charges;
            RC_ASSERT(++steps < 200);
            // A card may be tried again and again with other answers.
            if (step.action == Action::kCharge && steps % 3 == 0)
                state.decline = ReadDecline(start.decline_codes);
        }
        RC_ASSERT(charges <= 15);
        RC_ASSERT(state.letters <= std::max(start.letters, 5));
        RC_ASSERT(state.now <= std::max(start.now, kFailedAt + days(60)));
    });
}

RC_GTEST_PROP(DunningLaws, WhatIsAnnouncedIsWhatIsDone, ()) {
    auto start = AnyState();
    ForEachPolicy([&](std::string_view policy) {
        auto ahead = LookAhead(policy, start);
        auto state = start;
        std::optional<Time> charge_at, letter_at;
        bool gave_up_at_once = false;
        for (int steps = 0; steps < 200 && !charge_at; ++steps) {
            auto step = Decide(policy, state);
            if (step.action == Action::kGiveUp) {
                gave_up_at_once = steps == 0;
                break;
            }
            if (step.action == Action::kCharge) charge_at = state.now;
            if (step.action == Action::kWrite && !letter_at) letter_at = state.now;
            Advance(state, step);
        }
        RC_LOG() << policy << " " << Tell(start) << " announced " << Tell(ahead.charge_at) << ", "
                 << Tell(ahead.letter_at) << " done " << Tell(charge_at) << ", " << Tell(letter_at) << "\n";
        RC_ASSERT(ahead.give_up == gave_up_at_once);
        RC_ASSERT(ahead.charge_at == charge_at);
        // A letter after the charge is written only if that fails, and then perhaps at another time.
        if (!charge_at || (ahead.letter_at && *ahead.letter_at < *charge_at))
            RC_ASSERT(ahead.letter_at == letter_at);
        RC_ASSERT(!ahead.why.empty());
    });
}

RC_GTEST_PROP(DunningLaws, ThePlanStandsUntilSomethingHappens, ()) {
    auto state = AnyState();
    auto before = LookAhead(kDefault, state);
    if (!before.charge_at || *before.charge_at <= state.now) return;
    auto span = static_cast<int>((*before.charge_at - state.now) / minutes(1));
    state.now += minutes(AnyOf(0, span + 1));
    RC_LOG() << Tell(state) << " planned " << Tell(before.charge_at) << " then "
             << Tell(LookAhead(kDefault, state).charge_at) << "\n";
    RC_ASSERT(LookAhead(kDefault, state).charge_at == before.charge_at);
}

}  // namespace
}  // namespace citadel::policy

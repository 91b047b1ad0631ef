// What a policy would like to do next, before the limits that bind all policies (limits.h) have been applied.
// Follow() makes it the next single step, Look() the next charge and letter: one road for every policy.
#pragma once
#include <optional>
#include <string>

#include "policy/dunning.h"
#include "policy/limits.h"

namespace citadel::policy {

struct Course {
    Time end{};  // the recovery gives up then
    std::string end_rule;
    std::string end_reason;

    std::optional<Time> charge_at;  // a time in the past means: it is due
    std::string charge_rule;
    std::string charge_reason;
    ClosedHours charge_closed;  // the policy's own; a merchant's quiet hours replace them

    std::optional<Time> letter_at;
    Letter letter = Letter::kPaymentFailed;
    std::string letter_rule;
    std::string letter_reason;
    std::optional<Time> following_letter_at;  // the one after it, when it is known already
    ClosedHours letter_closed;

    std::string wait_rule;  // while neither is due
    std::string wait_reason;
    std::string rejected;
};

DunningStep Follow(const DunningState& state, Course course);
Outlook Look(const DunningState& state, const Course& course);

}  // namespace citadel::policy

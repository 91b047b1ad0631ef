// The merchant asks for a charge at once. His wish goes before every plan of the policy, but not before
// what is forbidden: a card that may not be tried again, a bank that wants the payer, a used-up limit of a
// network, an attempt of Stripe's within hours, a merchant who only watches.
#pragma once
#include "policy/dunning.h"

namespace citadel::policy {

// kCharge; kWait until the distance that is wanted; kGiveUp: it cannot be charged at all, the policy goes on.
DunningStep CollectNow(const DunningState& state);

// When a charge that is due has to wait for a budget or for distance from Stripe's own attempts (weave);
// nullopt: it need not.
std::optional<DunningStep> KeepDistance(const DunningState& state);

}  // namespace citadel::policy

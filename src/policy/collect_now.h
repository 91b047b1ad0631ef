// The merchant asks for a charge at once. His wish goes before every plan of a policy, but not before what
// binds them all (limits.h): a card that may not be tried again, a bank that wants the payer, a used-up
// budget of a network, an attempt of Stripe's within hours, a merchant who only watches.
#pragma once
#include "policy/dunning.h"

namespace citadel::policy {

// kCharge; kWait until what holds it back has passed; kGiveUp: it cannot be charged at all, and the
// recovery's own policy goes on.
DunningStep CollectNow(const DunningState& state);

}  // namespace citadel::policy

// What an event means to us: pure, total over all events, with the reason in words. The table is
// contract section 5.
#pragma once
#include "store/events.h"
#include "stripe/event.h"

namespace citadel::inbox {

store::Intake Triage(const stripe::Event& event);
// The same for an open invoice that Stripe lists and no event told of.
store::Intake TriageListed(const stripe::Invoice& invoice, const std::string& account, Time now);

// Idempotency keys of our own charges begin so; an event caused by one of them names it.
inline constexpr std::string_view kOwnChargePrefix = "cit_";

}  // namespace citadel::inbox

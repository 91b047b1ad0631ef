// What a call says about a subscription: its items, its trial and how it is collected. Each function
// changes the subscription it is given, which may be a copy, and throws ApiError before anything that
// cannot be undone.
#pragma once
#include <optional>

#include "stripe_sim/api.h"

namespace citadel::stripe_sim {

// metadata, description, payment method and settings, collection, trial_settings, cancellation_details.
void ApplyTerms(ApiCall& call, Subscription& subscription);
// items[…]: new ones without an id; those with one are changed, or go with deleted=true.
void ApplyItems(ApiCall& call, Subscription& subscription);
// trial_end or trial_period_days; "now" is the present time.
std::optional<Time> ReadTrialEnd(const ApiCall& call);
// pause_collection[behavior] and [resumes_at]; empty: not paused any more.
void ApplyPause(ApiCall& call, Subscription& subscription);

}  // namespace citadel::stripe_sim

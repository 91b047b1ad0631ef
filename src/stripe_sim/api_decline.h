// The answer to a call whose payment failed: 402, with the intent that failed and its method.
#pragma once
#include "stripe_sim/api.h"
#include "stripe_sim/api_error.h"
#include "stripe_sim/charges.h"

namespace citadel::stripe_sim {

ApiError DeclineOf(const ApiCall& call, const Invoice& invoice, const PaymentMethod& method,
                   const PayResult& result);

}  // namespace citadel::stripe_sim

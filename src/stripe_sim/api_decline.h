// The answer to a call whose card was refused: 402, with the payment that failed, if one was tried.
#pragma once
#include "stripe_sim/api.h"
#include "stripe_sim/api_error.h"
#include "stripe_sim/charges.h"

namespace citadel::stripe_sim {

// No payment was tried: the card could not be saved.
ApiError CardRefused(const ApiCall& call, const PaymentMethod& method, const std::string& decline_code);
ApiError DeclineOf(const ApiCall& call, const PaymentIntent& intent, const PaymentMethod& method,
                   const PayResult& result);
// Of an invoice's own intent. Where the payer has to act, the code says so in the invoice's name.
ApiError DeclineOf(const ApiCall& call, const Invoice& invoice, const PaymentMethod& method,
                   const PayResult& result);

}  // namespace citadel::stripe_sim

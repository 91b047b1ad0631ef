// Payment methods as parameters of calls: by id, by a test card's name, or entered on the spot.
#pragma once
#include <string>
#include <string_view>

#include "stripe_sim/api.h"
#include "stripe_sim/api_error.h"

namespace citadel::stripe_sim {

// By id; a test card's name makes a fresh card of nobody. 404 otherwise.
PaymentMethod& FindMethod(ApiCall& call, const std::string& id, std::string_view param);
// From type, card[…] and billing_details[…] in `params` (payment_method_data, or the call itself).
PaymentMethod& EnterMethod(ApiCall& call, const Params& params);
// The customer's own, or one that is attached to him now: 402 if its bank objects, 400 if another's.
PaymentMethod& OwnMethod(ApiCall& call, const Customer& customer, const std::string& id,
                         std::string_view param);
// 402 card_error with the card in it.
ApiError CardRefused(const ApiCall& call, const PaymentMethod& method, const std::string& decline_code);
// 400 for a method that was used without a customer or detached.
void RefuseSpent(const PaymentMethod& method);

// The names EnterMethod() takes, for a route's list; those of a hash are prefixed by it.
inline constexpr std::string_view kMethodParameters =
    "type card[number] card[token] card[exp_month] card[exp_year] card[cvc] billing_details metadata "
    "allow_redisplay";

}  // namespace citadel::stripe_sim

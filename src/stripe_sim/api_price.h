// What a call says a price is: its own parameters, a price_data among others, or the id of a price.
#pragma once
#include "stripe_sim/api.h"

namespace citadel::stripe_sim {

// currency, unit_amount, recurring, tax_behavior and metadata; its product is the caller's business.
Price ReadPrice(const Params& params);

// The price named by `price`, or made as `price_data` says; refused unless it is active and of the
// wanted kind. nullptr when neither is given.
const Price* PriceGiven(ApiCall& call, const Params& params, bool recurring);

}  // namespace citadel::stripe_sim

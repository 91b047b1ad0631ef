// Values that several calls take in the same form.
#pragma once
#include <string>

#include "stripe_sim/api.h"

namespace citadel::stripe_sim {

// A payment method of this customer by id; a test card's name makes a fresh one, as Stripe does.
PaymentMethod& MethodGiven(ApiCall& call, const std::string& customer, const std::string& id,
                           std::string_view param);

// "usd", also from "USD"; refused unless three letters.
std::string ReadCurrency(const Params& params, std::string_view name);

// At least `least`; absent: `otherwise`.
std::int64_t ReadAtLeast(const Params& params, std::string_view name, std::int64_t least,
                         std::int64_t otherwise);

// unit_amount, or unit_amount_decimal as far as it is whole: fractions of a cent are not kept here.
std::optional<std::int64_t> ReadUnitAmount(const Params& params);

}  // namespace citadel::stripe_sim

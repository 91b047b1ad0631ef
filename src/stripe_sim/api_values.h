// Values that several calls take in the same form.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

#include "stripe_sim/api.h"

namespace citadel::stripe_sim {

// A payment method of this customer by id; a test card's name makes a fresh one, as Stripe does.
PaymentMethod& MethodGiven(ApiCall& call, const std::string& customer, const std::string& id,
                           std::string_view param);

// "usd", also from "USD"; refused unless three letters.
std::string ReadCurrency(const Params& params, std::string_view name);

// Whether a list shows what is this customer's: what lives on a test clock only if the call names that clock,
// or whose objects it wants, by one of these parameters.
bool IsListed(const ApiCall& call, const std::string& customer,
              std::initializer_list<std::string_view> owners);

// At least `least`; absent: `otherwise`.
std::int64_t ReadAtLeast(const Params& params, std::string_view name, std::int64_t least,
                         std::int64_t otherwise);

// unit_amount, or unit_amount_decimal as far as it is whole: fractions of a cent are not kept here.
std::optional<std::int64_t> ReadUnitAmount(const Params& params);

}  // namespace citadel::stripe_sim

// Reading the parameters that many resources take alike: metadata, addresses, shipping, billing
// details. Each changes only what the call names; an empty value unsets.
#pragma once
#include <optional>
#include <string>

#include "stripe_sim/fields.h"
#include "stripe_sim/metadata.h"
#include "stripe_sim/params.h"

namespace citadel::stripe_sim {

void ReadText(const Params& params, std::string_view name, std::string& text);
// metadata[key]=value sets, metadata[key]= removes, metadata= clears.
void ReadMetadata(const Params& params, Metadata& metadata);
// A hash that replaces the whole address, as Stripe does; `name`= unsets it.
void ReadAddress(const Params& params, const std::string& name, std::optional<Address>& address);
void ReadShipping(const Params& params, const std::string& name, std::optional<Shipping>& shipping);
void ReadBillingDetails(const Params& params, const std::string& name, BillingDetails& details);

}  // namespace citadel::stripe_sim

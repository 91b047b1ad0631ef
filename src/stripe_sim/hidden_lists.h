// Lists that Stripe shows inside an object only when they are expanded: a charge's refunds, a customer's
// subscriptions, sources and tax ids. The first ten, as Stripe's own.
#pragma once
#include <boost/json/object.hpp>

#include <string_view>

#include "stripe_sim/render.h"

namespace citadel::stripe_sim {

// Adds the list `name` to `object` if that is such a list of it; else does nothing.
void AddHiddenList(const View& view, json::object& object, std::string_view name);

}  // namespace citadel::stripe_sim

// The event types that Stripe knows, whether the simulator ever makes one or not: what an endpoint may
// ask for. Versions before "basil" know fewer.
#pragma once
#include <string>

#include "stripe_sim/shapes.h"

namespace citadel::stripe_sim {

bool IsEventType(const std::string& type, Shape shape);

}  // namespace citadel::stripe_sim

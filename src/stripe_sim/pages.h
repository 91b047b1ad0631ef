// The pages a customer sees: the hosted invoice with its pay button, and the billing portal, which
// leads to the customer's open invoices. Plain HTML, no script.
#pragma once
#include "http/message.h"
#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

// GET and POST /i/{account}/{invoice}; GET /p/session/{account}/{session}.
http::Reply ServePage(World& world, const http::Request& request);

}  // namespace citadel::stripe_sim

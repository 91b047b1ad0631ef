// The pages a customer sees: the hosted invoice with its pay button, the billing portal, where a new card
// is saved, and the bank's page on which an intent is authenticated. Plain HTML, no script.
#pragma once
#include "http/message.h"
#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

// GET and POST of /i/{account}/{invoice}, /p/session/{account}/{session}, /authenticate/{account}/{intent}.
http::Reply ServePage(World& world, const http::Request& request);

}  // namespace citadel::stripe_sim

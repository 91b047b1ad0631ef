// The JSON body of a v2 call as parameters with bracketed names, so that v1 and v2 are read and checked
// by the same code. v2 takes texts where v1 has numbers; anything else is refused.
#pragma once
#include <string>

#include "stripe_sim/params.h"

namespace citadel::stripe_sim {

// Throws ApiError for what is no JSON object of texts, objects and arrays.
Params ReadJsonParams(const std::string& body);

}  // namespace citadel::stripe_sim

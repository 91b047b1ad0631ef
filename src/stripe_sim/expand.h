// expand[]=path: an id in the answer is replaced by its object, over several levels; lists are entered
// with "data". Invoices of the new shape gain their `payments` and `confirmation_secret` this way, and
// the lists of hidden_lists.h appear. Ids of other accounts' objects stay what they are: not found.
#pragma once
#include <string>
#include <vector>

#include "stripe_sim/render.h"

namespace citadel::stripe_sim {

// Throws ApiError for a path that leads to nothing expandable or is deeper than four levels.
void Expand(const View& view, json::object& answer, const std::vector<std::string>& paths);

}  // namespace citadel::stripe_sim

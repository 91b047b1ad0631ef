// How a customer begins and ends. His cards are in cards.h, what he owes in invoicing.h and billing.h.
#pragma once
#include <string>

#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

// In the account's currency; no event.
Customer& AddCustomer(World& world, Account& account, std::string name, std::string email);

// His subscriptions end and his cards are nobody's any more; what was paid stays. Tells customer.deleted.
void DeleteCustomer(World& world, Account& account, Customer& customer, const Cause& cause);

}  // namespace citadel::stripe_sim

// Subscription and customer follow their invoices: active, past due, unpaid, incomplete.
#pragma once
#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

// After something happened to `invoice`: past due while an invoice that was tried, or is overdue, is
// open; a first payment makes an incomplete subscription active, and its void ends it.
void RefreshStanding(World& world, Account& account, const Invoice& invoice, const Cause& cause);

// Tells customer.subscription.updated, unless its creation has not even been told.
void TellStatus(World& world, Account& account, Subscription& subscription, std::string status,
                const Cause& cause);

}  // namespace citadel::stripe_sim

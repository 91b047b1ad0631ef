// Before anything is done for an invoice, Stripe is asked how it stands now. What is learned goes into
// the settlement; an invoice that has ended ends the recovery.
#pragma once
#include <optional>

#include "recovery/tools.h"

namespace citadel::recovery {

// Writes down what the live invoice tells.
void Learn(store::Settlement& settlement, const stripe::LiveInvoice& live);
// The same facts, for the rest of this run.
void Refresh(store::Work& work, const stripe::LiveInvoice& live, Time now);

// Paid, void, uncollectible or no longer open: the settlement that ends the recovery; nullopt while open.
std::optional<store::Settlement> EndIfOver(store::Settlement settlement, const store::Work& work,
                                           const stripe::Invoice& invoice);

// The invoice could not be read: out of reach ends an open recovery, all else is put off.
store::Settlement SettleUnread(store::Settlement settlement, const store::Work& work, const Clock& clock,
                               const stripe::Failure& failure);

}  // namespace citadel::recovery

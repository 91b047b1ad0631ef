// From what a customer owes to an invoice that can be paid: drafts, their lines, finalisation. When
// an invoice advances by itself and how it is collected is in billing.h.
#pragma once
#include <string>

#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

// An empty draft for the customer; of `made` whatever the caller has filled in stays. No event.
Invoice& AddDraft(World& world, Account& account, const Customer& customer, Invoice made);
// The draft of a subscription for its present period: a line for each item, without charge during a
// trial, and what was pending since `usage_start`. Tells invoice.created.
Invoice& DraftPeriod(World& world, Account& account, const Subscription& subscription,
                     std::string billing_reason, Time usage_start, const Cause& cause);

// What the invoice of such a period would be, pending items included; on no shelf, and nothing is taken for
// it.
Invoice PreviewPeriod(const Account& account, const Subscription& subscription, std::string billing_reason,
                      Time usage_start);

InvoiceItem& AddInvoiceItem(World& world, Account& account, InvoiceItem made, const Cause& cause);
// Puts the customer's pending items on the draft: those of its currency that belong to no
// subscription or to the draft's own. Returns how many.
std::size_t TakePendingItems(World& world, Account& account, Invoice& invoice);
// Puts one item, pending or new, on the draft.
void PutOnInvoice(World& world, Account& account, InvoiceItem& item, Invoice& invoice);
// The item's line on its draft, anew after a change of the item.
void RefreshLine(Account& account, const InvoiceItem& item);
// Takes the item off the customer's pending ones, or off its draft.
void TakeBack(Account& account, InvoiceItem& item);

// Removes the draft; its items wait for another invoice.
void Discard(Account& account, const Invoice& invoice);

// What is to be paid: of a draft, if it were finalised now.
std::int64_t AmountDue(const Account& account, const Invoice& invoice);
// Numbers the draft and opens it, for what the customer's balance does not cover; a credit goes to that
// balance. Where nothing is to be paid it is paid at once.
void Finalise(World& world, Account& account, Invoice& invoice, const Cause& cause);

}  // namespace citadel::stripe_sim

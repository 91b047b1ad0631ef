// One attempt to collect a payment intent with one card, and everything that follows from its outcome:
// charge, intent and, where the intent is an invoice's, invoice, subscription and customer move
// together, the ledger records it, and the events tell it in Stripe's order. When to attempt is for
// billing.h and intents.h to say.
#pragma once
#include <string>

#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

// What becomes of an attempt for which the bank wants the payer, who is not there.
enum class WhenAsked {
    kAsTheBankSays,  // a decline with authentication_required, or requires_action without one
    kRequireAction,
    kDecline,
};

struct PayOrder {
    PaymentMethod* method = nullptr;
    bool on_session = false;  // the payer is there and authenticates when asked
    WhenAsked when_asked = WhenAsked::kAsTheBankSays;
    Cause cause;
};

struct PayResult {
    AttemptOutcome outcome = AttemptOutcome::kApproved;
    std::string decline_code;
    std::string charge;  // empty when no bank was asked
};

// The bank will ask for the payer before it says more.
bool WantsPayer(const BankStance& bank);

// The bank's word for this card now; a scripted answer is used up. Empty: approved. `confirmed`: the
// payer authenticates.
std::string AskBank(PaymentMethod& method, Time now, bool confirmed);

// The intent must not have succeeded. The result is also in the ledger.
PayResult ChargeIntent(World& world, Account& account, PaymentIntent& intent, const PayOrder& order);

// The invoice must be open or uncollectible: charges its intent.
PayResult CollectPayment(World& world, Account& account, Invoice& invoice, const PayOrder& order);

// Stripe's order: the invoice's own method, the subscription's, the customer's default. May be nullptr.
PaymentMethod* MethodFor(Account& account, const Invoice& invoice);

// An automatic attempt found no card at all: a failure without a charge.
void FailWithoutMethod(World& world, Account& account, Invoice& invoice, const Cause& cause);

// Marks the invoice paid (`amount_paid` as given by the caller) and tells so; true money or out of band.
void MarkPaid(World& world, Account& account, Invoice& invoice, Driver driver, const Cause& cause);

// For the ledger: a row about this invoice with everything but the outcome.
Attempt DescribeAttempt(const World& world, const Account& account, const Invoice& invoice,
                        const PaymentMethod* method, const Cause& cause);

}  // namespace citadel::stripe_sim

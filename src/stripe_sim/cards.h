// Payment methods: Stripe's test cards by name, fresh good cards for people who enter a new one, and
// attaching them. How a bank will answer for a card is decided here and asked in charges.h.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

struct NewCard {
    Card card;
    BankStance bank;
};

// "pm_card_visa", "pm_card_visa_chargeDeclinedInsufficientFunds", with and without "_visa_", and the
// same as a token ("tok_visa"); nullopt for a name Stripe does not have.
std::optional<NewCard> TestCard(std::string_view name);
// The same by one of Stripe's published test numbers.
std::optional<NewCard> CardByNumber(std::string_view number);
// A card that works. `random` picks brand and number, so a person's own generator makes the same card.
NewCard GoodCard(Random& random, const std::string& country);

// A payment method of nobody yet.
PaymentMethod& AddMethod(World& world, Account& account, NewCard card);
// What the bank says to keeping this card, as a decline code; empty: it has no objection. Of Stripe's
// declining test cards only one can be attached, chargeCustomerFail.
std::string RefusalToAttach(const PaymentMethod& method);
// The method becomes the customer's; tells so (payment_method.attached).
void AttachMethod(World& world, Account& account, PaymentMethod& method, const std::string& customer,
                  const Cause& cause);
// It belongs to nobody and cannot be used again; whoever had it as default has none
// (payment_method.detached).
void DetachMethod(World& world, Account& account, PaymentMethod& method, const Cause& cause);

// A person enters a card: made, in the customer's name, and attached in one.
PaymentMethod& AttachCard(World& world, Account& account, const std::string& customer, NewCard card,
                          const Cause& cause = {});
// Sets the customer's default and tells so (customer.updated).
void MakeDefault(World& world, Account& account, Customer& customer, const std::string& method,
                 const Cause& cause = {});
// The card network's updater gives the same payment method new data: the bank approves again.
void RefreshCard(World& world, Account& account, PaymentMethod& method);

}  // namespace citadel::stripe_sim

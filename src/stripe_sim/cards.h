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

// "pm_card_visa", "pm_card_visa_chargeDeclinedInsufficientFunds", also in the older spelling without
// "_visa_"; nullopt for a name Stripe does not have.
std::optional<NewCard> TestCard(std::string_view name);
// A card that works. `random` picks brand and number, so a person's own generator makes the same card.
NewCard GoodCard(Random& random, const std::string& country);

// Attaches the card to the customer and tells so (payment_method.attached).
PaymentMethod& AttachCard(World& world, Account& account, const std::string& customer, NewCard card,
                          const Cause& cause = {});
// Sets the customer's default and tells so (customer.updated).
void MakeDefault(World& world, Account& account, Customer& customer, const std::string& method,
                 const Cause& cause = {});
// The card network's updater gives the same payment method new data: the bank approves again.
void RefreshCard(World& world, Account& account, PaymentMethod& method);

}  // namespace citadel::stripe_sim

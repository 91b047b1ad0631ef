// What a person does on the pages that Stripe shows: pays an invoice, enters a new card. A person who
// is there also authenticates when his bank asks.
#pragma once
#include <optional>
#include <string>

#include "stripe_sim/cards.h"
#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

// A test number with or without spaces, or a test card's name; nullopt: Stripe has no such card.
std::optional<NewCard> ReadTypedCard(std::string_view text);

// The card becomes the customer's and his default, also of those of his subscriptions that had one of
// their own.
PaymentMethod& EnterNewCard(World& world, Account& account, Customer& customer, NewCard card,
                            const Cause& cause);

// Pays with the card given. Without one the person decides: he confirms the card he has where the bank
// only asked for that, else enters a good new one. False when that failed or the invoice cannot be paid
// any more.
bool PayOnHostedPage(World& world, Account& account, Invoice& invoice, std::optional<NewCard> typed = {});

}  // namespace citadel::stripe_sim

// Which card a charge of an invoice will really take, what it has been told on this invoice before, and what
// the card networks count for it.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <variant>
#include <vector>

#include "policy/decline.h"
#include "recovery/tools.h"

namespace citadel::recovery {

// The card as the networks count it.
store::Card CardOf(const stripe::PaymentMethod& method);
// The limits that bind it now.
std::vector<store::BudgetLimit> LimitsOf(const store::Card& card, Time now);

// What the bank said to this card's newest attempt on this invoice; nullptr: it was never tried.
const store::BookedAttempt* NewestAttemptOf(const store::Card& card, const store::Work& work);
// Declined on this invoice in a way that only another card can mend: lost, stolen, fraud, "do not try again".
bool IsDead(const store::Card& card, const store::Work& work);

// Stripe's own order decides (LiveInvoice::method). A customer who brought a card without making it the
// default meant it for this: his newest card takes the place of one that was tried. nullopt: no card, or
// none but dead ones.
boost::asio::awaitable<std::variant<std::optional<store::Card>, stripe::Failure>> ChooseCard(
    const Tools& tools, const store::Work& work, const stripe::LiveInvoice& live);

}  // namespace citadel::recovery

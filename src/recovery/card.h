// Which card a charge of an invoice will really take, and what the card networks count for it.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <variant>
#include <vector>

#include "recovery/tools.h"

namespace citadel::recovery {

// Whether the card that would be charged is another than the one that was declined last.
bool IsAnotherCard(const stripe::LiveInvoice& live);

// Stripe's own order decides (LiveInvoice::method). A customer who brought a card without making it the
// default meant it for this: his newest card takes the place of one that was declined. nullopt: no card.
boost::asio::awaitable<std::variant<std::optional<store::Card>, stripe::Failure>> ChooseCard(
    const Tools& tools, const store::Work& work, const stripe::LiveInvoice& live);

// The card as the networks count it.
store::Card CardOf(const stripe::PaymentMethod& method);
// The limits that bind it now.
std::vector<store::BudgetLimit> LimitsOf(const store::Card& card, Time now);

}  // namespace citadel::recovery

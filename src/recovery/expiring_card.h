// notify_action_required without a recovery: Stripe has told of a renewal to come. If the card that it will
// be charged to ends before, the customer is asked for another one, once a card and expiry. Nothing is
// charged and nothing is opened.
#pragma once
#include <boost/asio/awaitable.hpp>

#include "recovery/tools.h"
#include "stripe/live_subscription.h"

namespace citadel::recovery {

boost::asio::awaitable<store::Settlement> WarnOfExpiringCard(const Tools& tools, store::Work work);

// A card can be used through the last day of its month.
bool EndsBefore(const stripe::PaymentMethod& card, Time renewal);

}  // namespace citadel::recovery

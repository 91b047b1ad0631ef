// A customer's own page at Stripe: a billing-portal session, which is made for one click and lives for
// minutes.
#pragma once
#include <string>

#include "stripe/client.h"

namespace citadel::stripe {

// Opens where the customer enters another card. Returns the address of the page.
boost::asio::awaitable<Outcome<std::string>> CreatePortalSession(Client client, std::string customer,
                                                                 std::string locale,
                                                                 std::string idempotency_key);

}  // namespace citadel::stripe

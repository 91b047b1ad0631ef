// Stripe's own retries and the customer's tries on an invoice, read from its charges and booked, so that
// decisions and budgets know of them.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <vector>

#include "recovery/tools.h"

namespace citadel::recovery {

// Asks Stripe only when the invoice shows a charge that is not booked yet, and takes the newest attempt's
// time into `work`. A failure: the charges could not be read.
boost::asio::awaitable<std::optional<stripe::Failure>> BookAttemptsOfOthers(const Tools& tools,
                                                                            store::Work& work,
                                                                            const stripe::LiveInvoice& live);

store::SeenCharge SeenOf(const stripe::Charge& charge);

}  // namespace citadel::recovery

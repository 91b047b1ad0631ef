// notify_action_required of a recovery: the bank wants the payer. Never a charge: one letter with the link
// where the payer confirms, and a dunning_retry that follows up on the sequence's days.
#pragma once
#include <boost/asio/awaitable.hpp>

#include "recovery/tools.h"

namespace citadel::recovery {

boost::asio::awaitable<store::Settlement> AskCustomer(const Tools& tools, store::Work work);

}  // namespace citadel::recovery

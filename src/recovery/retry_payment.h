// dunning_retry: the task that drives one recovery. Each run reads the live invoice, settles what an
// earlier run left in doubt, lets the policy decide, and does the one thing it says: charge, write or
// wait. Returns what is to be committed; the worker commits it.
#pragma once
#include <boost/asio/awaitable.hpp>

#include "recovery/tools.h"

namespace citadel::recovery {

boost::asio::awaitable<store::Settlement> RetryPayment(const Tools& tools, store::Work work);

}  // namespace citadel::recovery

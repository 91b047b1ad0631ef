// One charge: its card and the budget it takes, the intent, the call under its key, and what its outcome
// means. An outcome that never came is asked about again under the same key, and after that looked up.
#pragma once
#include <boost/asio/awaitable.hpp>

#include "policy/dunning.h"
#include "recovery/tools.h"

namespace citadel::recovery {

// What the policy says without charging: write, wait or give up.
boost::asio::awaitable<store::Settlement> Act(const Tools& tools, store::Work work,
                                              store::Settlement settlement, policy::DunningStep step);

// The policy wants a charge now.
boost::asio::awaitable<store::Settlement> ChargeNow(const Tools& tools, store::Work work,
                                                    store::Settlement settlement, policy::DunningStep step,
                                                    stripe::LiveInvoice live);

// A slot whose outcome an earlier run never learned.
boost::asio::awaitable<store::Settlement> ResolveSlot(const Tools& tools, store::Work work,
                                                      store::Settlement settlement, stripe::LiveInvoice live);

// The same task again, at that time.
store::Settlement Continue(store::Settlement settlement, std::optional<Time> at, std::string result);

}  // namespace citadel::recovery

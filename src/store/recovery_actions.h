// What a merchant does to a recovery by hand. A stop counts like any stop signal: after its commit no charge
// and no mail of that invoice can be committed.
#pragma once
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "base/types.h"
#include "postgres/pool.h"

namespace citadel::store {

enum class ActionVerdict {
    kDone,
    kNoSuchRecovery,
    kClosed,          // it has ended (a stop: otherwise than by being stopped)
    kCustomerNeeded,  // the bank wants the payer: no blind charge
    kObserveOnly,     // the merchant only watches
    kNotConnected,
    kNetworkLimit,  // a limit of the card's network is used up (recoveries.budget_free_at)
};

// Closes an open recovery as stopped, takes its waiting tasks, books it. One that is stopped already stays
// so.
boost::asio::awaitable<ActionVerdict> StopByMerchant(postgres::Pool& pool, MerchantKey merchant,
                                                     std::int64_t recovery_id, Time now);

// Asks for a charge at once: recoveries.collect_now_at, and its dunning_retry is due now. The policy and the
// networks' limits still decide when the task runs.
boost::asio::awaitable<ActionVerdict> CollectNow(postgres::Pool& pool, MerchantKey merchant,
                                                 std::int64_t recovery_id, Time now);

}  // namespace citadel::store

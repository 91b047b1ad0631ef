// Opens charge slots: the intent is committed before Stripe is called, and only while the lease is ours,
// the recovery is open, the account is connected and no earlier slot is unsettled. A stop signal that
// committed first therefore wins; one that commits later finds the intent there.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <vector>

#include "postgres/pool.h"
#include "store/work.h"

namespace citadel::store {

struct ChargeIntent {
    Task task;
    std::int64_t recovery_id = 0;
    Money amount;
    std::string payment_method;  // empty: the one Stripe would take
};

// One slot each, in order; nullopt: refused, nothing may be sent.
boost::asio::awaitable<std::vector<std::optional<ChargeSlot>>> OpenCharges(postgres::Pool& pool,
                                                                           std::vector<ChargeIntent> batch,
                                                                           Time now);

}  // namespace citadel::store

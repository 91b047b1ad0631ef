// Attempts that others made on an invoice we recover: Stripe's own retries and the customer's. They are
// booked when Stripe shows their charges, so that every budget counts them.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "postgres/pool.h"
#include "store/work.h"

namespace citadel::store {

struct SeenCharge {
    std::string charge_id;
    Time created{};
    Money amount;
    std::string fingerprint;
    std::string network;
    AttemptOutcome outcome = AttemptOutcome::kNotCharged;
    DeclineFacts decline;
};

// Each charge once, however often it is seen. A charge of ours whose name Stripe had not told is known by
// its time. The first `stripe_attempts` of the others were Stripe's (it counts its own), the rest the
// customer's. `newest` is remembered as the newest charge that is booked.
boost::asio::awaitable<void> BookCharges(postgres::Pool& pool, MerchantKey merchant, std::int64_t recovery_id,
                                         std::int64_t stripe_attempts, std::vector<SeenCharge> charges,
                                         std::string newest);

// Every attempt on the invoice whose outcome is known and that reached a bank, oldest first.
boost::asio::awaitable<std::vector<BookedAttempt>> ListAttempts(postgres::Pool& pool, MerchantKey merchant,
                                                                std::int64_t recovery_id);

}  // namespace citadel::store

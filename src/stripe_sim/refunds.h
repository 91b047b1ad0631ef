// Money that goes back to the payer because the merchant says so. Refunds succeed at once; whether a
// charge may still be refunded is for the caller to check.
#pragma once
#include <cstdint>
#include <string>

#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

struct RefundOrder {
    std::int64_t amount = 0;
    std::string reason;
    Metadata metadata;
};

Refund& RefundCharge(World& world, Account& account, Charge& charge, RefundOrder order, const Cause& cause);

}  // namespace citadel::stripe_sim

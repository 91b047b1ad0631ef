#include "stripe_sim/refunds.h"

namespace citadel::stripe_sim {

Refund& RefundCharge(World& world, Account& account, Charge& charge, RefundOrder order, const Cause& cause) {
    Refund refund;
    refund.id = world.NewId("re_3");
    refund.charge = charge.id;
    refund.payment_intent = charge.payment_intent;
    refund.currency = charge.currency;
    refund.reason = std::move(order.reason);
    refund.metadata = std::move(order.metadata);
    refund.amount = order.amount;
    refund.created = world.clock.Now();
    json::object previous;
    previous["amount_refunded"] = charge.amount_refunded;
    charge.amount_refunded += refund.amount;
    if (charge.amount_refunded == charge.amount) previous["refunded"] = false;
    auto& added = account.refunds.Add(std::move(refund));
    world.Emit(account, "refund.created", Keep(added), cause);
    world.Emit(account, "charge.refunded", Keep(charge), cause, std::move(previous));
    return added;
}

}  // namespace citadel::stripe_sim

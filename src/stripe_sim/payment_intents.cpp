#include "stripe_sim/cards.h"
#include "stripe_sim/intents.h"
#include "stripe_sim/refunds.h"

namespace citadel::stripe_sim {
namespace {

using std::chrono::days;

// A card kept for later belongs to its customer; one that was only paid with cannot be used twice.
void SettleOwner(World& world, Account& account, const PaymentIntent& intent, const Cause& cause) {
    auto& method = *account.payment_methods.Find(intent.payment_method);
    if (!method.customer.empty()) return;
    bool keep = !intent.setup_future_usage.empty() && account.customers.Find(intent.customer);
    if (keep) AttachMethod(world, account, method, intent.customer, cause);
    else method.spent = true;
}

void ExpireUncaptured(World& world, Account& account, const std::string& id) {
    auto& intent = *account.payment_intents.Find(id);
    if (intent.status != "requires_capture") return;
    auto& charge = *account.charges.Find(intent.latest_charge);
    charge.amount_refunded = charge.amount;
    world.Emit(account, "charge.expired", Keep(charge));
    CancelIntent(world, account, intent, "automatic", {});
}

void AfterSuccess(World& world, Account& account, const PaymentIntent& intent, const Cause& cause) {
    SettleOwner(world, account, intent, cause);
    if (intent.status != "requires_capture") return;
    world.agenda.At(world.clock.Now() + days(7),
                    [&world, &account, id = intent.id] { ExpireUncaptured(world, account, id); });
}

}  // namespace

PaymentIntent& OpenIntent(World& world, Account& account, PaymentIntent intent, const Cause& cause) {
    intent.created = world.clock.Now();
    auto& added = account.payment_intents.Add(std::move(intent));
    world.Emit(account, "payment_intent.created", Keep(added), cause);
    return added;
}

PayResult ConfirmIntent(World& world, Account& account, PaymentIntent& intent, const Confirmation& order) {
    if (intent.payment_method != order.method->id) intent.confirmed_by_payer = false;
    PayOrder pay;
    pay.method = order.method;
    pay.when_asked = order.off_session ? WhenAsked::kDecline : WhenAsked::kRequireAction;
    pay.cause = order.cause;
    auto result = ChargeIntent(world, account, intent, pay);
    if (result.outcome == AttemptOutcome::kApproved) AfterSuccess(world, account, intent, order.cause);
    return result;
}

void CaptureIntent(World& world, Account& account, PaymentIntent& intent, std::int64_t amount,
                   const Cause& cause) {
    auto& charge = *account.charges.Find(intent.latest_charge);
    charge.captured = true;
    charge.amount_captured = amount;
    charge.amount_refunded = charge.amount - amount;
    intent.status = "succeeded";
    intent.amount_received = amount;
    intent.amount_capturable = 0;
    world.Emit(account, "charge.captured", Keep(charge), cause);
    world.Emit(account, "payment_intent.succeeded", Keep(intent), cause);
}

void CancelIntent(World& world, Account& account, PaymentIntent& intent, std::string reason,
                  const Cause& cause) {
    auto* charge = account.charges.Find(intent.latest_charge);
    bool held = intent.status == "requires_capture" && charge->amount_refunded == 0;
    intent.status = "canceled";
    intent.amount_capturable = 0;
    intent.canceled_at = world.clock.Now();
    intent.cancellation_reason = std::move(reason);
    if (held) RefundCharge(world, account, *charge, {charge->amount, "", {}}, cause);
    world.Emit(account, "payment_intent.canceled", Keep(intent), cause);
}

void Authenticate(World& world, Account& account, PaymentIntent& intent, bool confirms) {
    Cause cause;
    cause.driver = Driver::kCustomer;
    if (!confirms) {
        intent.status = "requires_payment_method";
        intent.last_error = PaymentFailure{"", "", intent.payment_method};
        intent.payment_method.clear();
        world.Emit(account, "payment_intent.payment_failed", Keep(intent), cause);
        return;
    }
    intent.confirmed_by_payer = true;
    if (intent.confirmation_method == "manual") {
        intent.status = "requires_confirmation";
        return;
    }
    PayOrder pay;
    pay.method = account.payment_methods.Find(intent.payment_method);
    pay.cause = cause;
    auto result = ChargeIntent(world, account, intent, pay);
    if (result.outcome == AttemptOutcome::kApproved) AfterSuccess(world, account, intent, cause);
}

}  // namespace citadel::stripe_sim

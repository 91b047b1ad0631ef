#include "stripe_sim/cards.h"
#include "stripe_sim/intents.h"

namespace citadel::stripe_sim {
namespace {

void Succeed(World& world, Account& account, SetupIntent& intent, PaymentMethod& method, const Cause& cause) {
    intent.status = "succeeded";
    intent.payment_method = method.id;
    intent.last_error.reset();
    world.Emit(account, "setup_intent.succeeded", Keep(intent), cause);
    if (!intent.customer.empty() && method.customer.empty())
        AttachMethod(world, account, method, intent.customer, cause);
}

void Fail(World& world, Account& account, SetupIntent& intent, const PaymentMethod& method,
          const std::string& decline_code, const Cause& cause) {
    intent.status = "requires_payment_method";
    intent.payment_method.clear();
    intent.last_error = PaymentFailure{decline_code, "", method.id, true};
    world.Emit(account, "setup_intent.setup_failed", Keep(intent), cause);
}

}  // namespace

SetupIntent& OpenSetup(World& world, Account& account, SetupIntent intent, const Cause& cause) {
    intent.id = world.NewId("seti_1");
    intent.created = world.clock.Now();
    auto& added = account.setup_intents.Add(std::move(intent));
    world.Emit(account, "setup_intent.created", Keep(added), cause);
    return added;
}

std::string ConfirmSetup(World& world, Account& account, SetupIntent& intent, const Confirmation& order) {
    auto& method = *order.method;
    auto refusal = RefusalToAttach(method);
    if (!refusal.empty()) {
        Fail(world, account, intent, method, refusal, order.cause);
    } else if (method.bank.asks.empty()) {
        Succeed(world, account, intent, method, order.cause);
    } else {
        intent.status = "requires_action";
        intent.payment_method = method.id;
        intent.last_error.reset();
        world.Emit(account, "setup_intent.requires_action", Keep(intent), order.cause);
    }
    return refusal;
}

void CancelSetup(World& world, Account& account, SetupIntent& intent, std::string reason,
                 const Cause& cause) {
    intent.status = "canceled";
    intent.cancellation_reason = std::move(reason);
    world.Emit(account, "setup_intent.canceled", Keep(intent), cause);
}

void Authenticate(World& world, Account& account, SetupIntent& intent, bool confirms) {
    Cause cause;
    cause.driver = Driver::kCustomer;
    auto& method = *account.payment_methods.Find(intent.payment_method);
    if (!confirms) return Fail(world, account, intent, method, "", cause);
    if (!method.bank.asks_always) method.bank.asks.clear();
    Succeed(world, account, intent, method, cause);
}

}  // namespace citadel::stripe_sim

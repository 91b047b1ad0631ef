#include "stripe_sim/customers.h"

#include <fmt/format.h>

#include "stripe_sim/cards.h"
#include "stripe_sim/settlement.h"
#include "stripe_sim/subscriptions.h"

namespace citadel::stripe_sim {

Customer& AddCustomer(World& world, Account& account, std::string name, std::string email) {
    Customer customer;
    customer.id = world.NewId("cus_", 14);
    customer.name = std::move(name);
    customer.email = std::move(email);
    customer.currency = account.currency;
    customer.invoice_prefix = fmt::format("{:07X}", world.random.Below(0x10000000));
    customer.created = world.Now();
    return account.customers.Add(std::move(customer));
}

void DeleteCustomer(World& world, Account& account, Customer& customer, const Cause& cause) {
    for (auto& subscription : account.subscriptions.all()) {
        if (subscription.customer != customer.id || HasEnded(subscription)) continue;
        CancelSubscription(world, account, subscription, {"cancellation_requested", "", ""}, cause);
    }
    auto last = Keep(customer);
    for (auto& method : account.payment_methods.all()) {
        if (method.customer == customer.id) DetachMethod(world, account, method, cause);
    }
    customer.deleted = true;
    world.Emit(account, "customer.deleted", last, cause);
}

}  // namespace citadel::stripe_sim

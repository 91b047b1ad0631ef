#include "stripe_sim/page_actions.h"

#include "stripe_sim/change.h"
#include "stripe_sim/charges.h"
#include "stripe_sim/payers.h"

namespace citadel::stripe_sim {
namespace {

// The person's own generator, so that what one does never depends on the others.
NewCard OwnGoodCard(World& world, const Customer& customer, const PaymentMethod* old) {
    auto payer = world.payers.find(customer.id);
    Random& random = payer == world.payers.end() ? world.random : payer->second->random;
    return GoodCard(random, old ? old->card.country : "US");
}

bool IsOver(const Subscription& subscription) {
    return subscription.status == "canceled" || subscription.status == "incomplete_expired";
}

}  // namespace

std::optional<NewCard> ReadTypedCard(std::string_view text) {
    if (auto named = TestCard(text)) return named;
    std::string number;
    for (char c : text) {
        if (c != ' ' && c != '-') number += c;
    }
    return CardByNumber(number);
}

PaymentMethod& EnterNewCard(World& world, Account& account, Customer& customer, NewCard card,
                            const Cause& cause) {
    auto& method = AttachCard(world, account, customer.id, std::move(card), cause);
    MakeDefault(world, account, customer, method.id, cause);
    for (auto& subscription : account.subscriptions.all()) {
        bool pinned = subscription.customer == customer.id && !subscription.default_payment_method.empty();
        if (!pinned || IsOver(subscription)) continue;
        Change change(world, account, subscription);
        subscription.default_payment_method = method.id;
        change.Tell("customer.subscription.updated", cause);
    }
    return method;
}

bool PayOnHostedPage(World& world, Account& account, Invoice& invoice, std::optional<NewCard> typed) {
    if (invoice.status != "open" && invoice.status != "uncollectible") return false;
    PayOrder order;
    order.method = MethodFor(account, invoice);
    order.on_session = true;
    order.cause.driver = Driver::kCustomer;
    bool confirms = !typed && order.method && WantsPayer(order.method->bank);
    if (!confirms) {
        auto& customer = *account.customers.Find(invoice.customer);
        auto card = typed ? std::move(*typed) : OwnGoodCard(world, customer, order.method);
        order.method = &EnterNewCard(world, account, customer, std::move(card), order.cause);
    }
    return CollectPayment(world, account, invoice, order).outcome == AttemptOutcome::kApproved;
}

}  // namespace citadel::stripe_sim

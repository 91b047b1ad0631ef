#include "stripe_sim/clock_scope.h"

namespace citadel::stripe_sim {
namespace {

// Whose it is, for all that says so itself; empty for anything else.
std::string CustomerIn(const Account& account, const std::string& id) {
    std::string customer;
    auto found = [&](const auto& shelf) {
        const auto* object = shelf.Find(id);
        if (object) customer = object->customer;
        return object != nullptr;
    };
    found(account.subscriptions) || found(account.invoices) || found(account.invoice_items) ||
        found(account.payment_intents) || found(account.setup_intents) || found(account.charges) ||
        found(account.payment_methods) || found(account.portal_sessions);
    return customer;
}

// A refund and a dispute are their charge's.
std::string ChargeBehind(const Account& account, const std::string& id) {
    if (const auto* refund = account.refunds.Find(id)) return refund->charge;
    if (const auto* dispute = account.disputes.Find(id)) return dispute->charge;
    return id;
}

}  // namespace

std::string ClockOfCustomer(const Account& account, const std::string& customer) {
    const auto* found = account.customers.Find(customer);
    return found ? found->test_clock : std::string();
}

std::string ClockOf(const Account& account, const std::string& id) {
    if (account.timelines.empty()) return {};
    if (account.timelines.contains(id)) return id;
    if (account.customers.Find(id)) return ClockOfCustomer(account, id);
    return ClockOfCustomer(account, CustomerIn(account, ChargeBehind(account, id)));
}

InTimeOf::InTimeOf(World& world, Account& account, const std::string& clock)
    : world_(world), before_(world.timeline) {
    auto found = account.timelines.find(clock);
    world_.timeline = found == account.timelines.end() ? nullptr : &found->second;
}

}  // namespace citadel::stripe_sim

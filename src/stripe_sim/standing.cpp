#include "stripe_sim/standing.h"

#include <algorithm>

#include "stripe_sim/render.h"

namespace citadel::stripe_sim {
namespace {

bool OwesStill(const World& world, const Account& account, const std::string& subscription) {
    auto found = account.invoices_of.find(subscription);
    if (found == account.invoices_of.end()) return false;
    return std::ranges::any_of(found->second, [&](const auto& id) {
        const auto& invoice = *account.invoices.Find(id);
        bool overdue = invoice.due_date && *invoice.due_date <= world.Now();
        return invoice.status == "open" && (invoice.attempted || overdue);
    });
}

void SetDelinquent(World& world, Account& account, Customer& customer, bool delinquent, const Cause& cause) {
    if (customer.delinquent == delinquent) return;
    json::object previous;
    previous["delinquent"] = customer.delinquent;
    customer.delinquent = delinquent;
    world.Emit(account, "customer.updated", Keep(customer), cause, std::move(previous));
}

void KeepMethod(World& world, Account& account, Subscription& subscription, const Invoice& invoice,
                const Cause& cause) {
    bool fresh = invoice.status == "paid" && !invoice.charge.empty() &&
                 subscription.default_payment_method != invoice.last_method;
    if (!subscription.saves_method || !fresh) return;
    json::object previous;
    previous["default_payment_method"] = TextOrNull(subscription.default_payment_method);
    subscription.default_payment_method = invoice.last_method;
    if (!subscription.announced) return;
    world.Emit(account, "customer.subscription.updated", Keep(subscription), cause, std::move(previous));
}

// A subscription whose first payment has not come yet.
std::string BeginningAfter(const Invoice& invoice) {
    if (invoice.billing_reason == "subscription_create" && invoice.status == "paid") return "active";
    if (invoice.billing_reason == "subscription_create" && invoice.status == "void")
        return "incomplete_expired";
    return "incomplete";
}

}  // namespace

void RefreshStanding(World& world, Account& account, const Invoice& invoice, const Cause& cause) {
    auto* subscription = account.subscriptions.Find(invoice.subscription);
    auto* customer = account.customers.Find(invoice.customer);
    if (!subscription || !customer) return;
    KeepMethod(world, account, *subscription, invoice, cause);
    const auto& now = subscription->status;
    if (now == "incomplete") return TellStatus(world, account, *subscription, BeginningAfter(invoice), cause);
    if (now != "active" && now != "past_due" && now != "unpaid") return;
    bool in_good_standing = now == "active" && !customer->delinquent;
    if (in_good_standing && invoice.status != "open") return;
    bool owes = OwesStill(world, account, subscription->id);
    std::string status = owes ? "past_due" : "active";
    if (owes && now == "unpaid") status = "unpaid";
    SetDelinquent(world, account, *customer, owes, cause);
    TellStatus(world, account, *subscription, std::move(status), cause);
}

void TellStatus(World& world, Account& account, Subscription& subscription, std::string status,
                const Cause& cause) {
    if (subscription.status == status) return;
    json::object previous;
    previous["status"] = subscription.status;
    subscription.status = std::move(status);
    if (!subscription.announced) return;
    world.Emit(account, "customer.subscription.updated", Keep(subscription), cause, std::move(previous));
}

}  // namespace citadel::stripe_sim

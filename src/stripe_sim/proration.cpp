#include "stripe_sim/proration.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "stripe_sim/billing.h"
#include "stripe_sim/catalog.h"
#include "stripe_sim/invoicing.h"

namespace citadel::stripe_sim {
namespace {

double ShareLeft(const World& world, const Subscription& subscription) {
    auto whole = subscription.period_end - subscription.period_start;
    auto left = subscription.period_end - world.Now();
    if (whole.count() <= 0) return 0;
    return std::clamp(static_cast<double>(left.count()) / static_cast<double>(whole.count()), 0.0, 1.0);
}

// `sign` -1: a credit.
void AddProration(World& world, Account& account, const Subscription& subscription,
                  const SubscriptionItem& item, int sign, const Cause& cause) {
    auto exact = static_cast<double>(item.price->amount * item.quantity) * ShareLeft(world, subscription);
    InvoiceItem made;
    made.customer = subscription.customer;
    made.subscription = subscription.id;
    made.subscription_item = item.id;
    made.description =
        fmt::format("{} time on {} × {} after {}", sign < 0 ? "Unused" : "Remaining", item.quantity,
                    ProductName(account, *item.price), FormatTime(world.Now()).substr(0, 10));
    made.price = item.price;
    made.quantity = item.quantity;
    made.amount = sign * std::llround(exact);
    made.proration = true;
    made.discountable = false;
    made.period_start = world.Now();
    made.period_end = subscription.period_end;
    AddInvoiceItem(world, account, std::move(made), cause);
}

const SubscriptionItem* Same(const std::vector<SubscriptionItem>& items, const SubscriptionItem& wanted) {
    auto found = std::ranges::find_if(items, [&](const auto& item) {
        return item.id == wanted.id && item.price == wanted.price && item.quantity == wanted.quantity;
    });
    return found == items.end() ? nullptr : &*found;
}

}  // namespace

void Prorate(World& world, Account& account, const Subscription& subscription,
             const std::vector<SubscriptionItem>& before, const Cause& cause) {
    for (const auto& item : before) {
        if (!Same(subscription.items, item)) AddProration(world, account, subscription, item, -1, cause);
    }
    for (const auto& item : subscription.items) {
        if (!Same(before, item)) AddProration(world, account, subscription, item, 1, cause);
    }
}

void InvoicePending(World& world, Account& account, Subscription& subscription, const Cause& cause) {
    Invoice invoice;
    invoice.billing_reason = "subscription_update";
    invoice.collection_method = subscription.collection_method;
    invoice.days_until_due = subscription.days_until_due;
    invoice.subscription = subscription.id;
    invoice.subscription_metadata = subscription.metadata;
    invoice.period_start = invoice.period_end = world.Now();
    auto& draft =
        AddDraft(world, account, *account.customers.Find(subscription.customer), std::move(invoice));
    if (TakePendingItems(world, account, draft) == 0) return Discard(account, draft);
    subscription.latest_invoice = draft.id;
    world.Emit(account, "invoice.created", Keep(draft), cause);
    Finalise(world, account, draft, cause);
    if (draft.status == "open") Collect(world, account, draft, cause);
}

}  // namespace citadel::stripe_sim

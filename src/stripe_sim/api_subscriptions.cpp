// /v1/subscriptions and /v1/subscription_items.
#include <fmt/format.h>

#include <algorithm>

#include "stripe_sim/api_list.h"
#include "stripe_sim/settlement.h"

namespace citadel::stripe_sim {
namespace {

Subscription& SubscriptionIn(ApiCall& call) {
    return FindOr404(call.account.subscriptions, "subscription", call.captures.at(0));
}

json::object GetSubscription(ApiCall& call) { return Render(call.view, SubscriptionIn(call)); }

bool HasPrice(const Subscription& subscription, const std::string& price) {
    return std::ranges::any_of(subscription.items, [&](const auto& item) { return item.price->id == price; });
}

json::object ListSubscriptions(ApiCall& call) {
    auto status = call.params.TextOr("status"), customer = call.params.TextOr("customer");
    auto price = call.params.TextOr("price");
    auto keep = [&](const Subscription& subscription) {
        if (!customer.empty() && subscription.customer != customer) return false;
        if (!price.empty() && !HasPrice(subscription, price)) return false;
        if (!call.params.InRange("created", subscription.created)) return false;
        if (status.empty()) return subscription.status != "canceled";
        if (status == "ended") return subscription.status == "canceled";
        return status == "all" || subscription.status == status;
    };
    return ListOf(call, "/v1/subscriptions", call.account.subscriptions.all(), keep);
}

json::object DeleteSubscription(ApiCall& call) {
    auto& subscription = SubscriptionIn(call);
    if (subscription.status == "canceled") throw NoSuch("subscription", subscription.id, "id");
    Cancellation why{"cancellation_requested", call.params.TextOr("cancellation_details[comment]"),
                     call.params.TextOr("cancellation_details[feedback]")};
    CancelSubscription(call.world, call.account, subscription, std::move(why), call.cause);
    return Render(call.view, subscription);
}

constexpr ApiRoute kRoutes[] = {
    {"GET", "/v1/subscriptions", "limit starting_after ending_before status customer price created",
     ListSubscriptions},
    {"GET", "/v1/subscriptions/{}", "", GetSubscription},
    {"DELETE", "/v1/subscriptions/{}", "cancellation_details invoice_now prorate", DeleteSubscription}};

}  // namespace

std::span<const ApiRoute> SubscriptionRoutes() { return kRoutes; }

}  // namespace citadel::stripe_sim

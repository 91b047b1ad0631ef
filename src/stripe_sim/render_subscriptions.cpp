// Subscription and its items.
#include "stripe_sim/clock_scope.h"
#include "stripe_sim/render.h"

namespace citadel::stripe_sim {
namespace {

void AddCancellation(const Subscription& subscription, json::object& object) {
    object["cancel_at"] = TimeOrNull(subscription.cancel_at);
    object["cancel_at_period_end"] = subscription.cancel_at_period_end;
    object["canceled_at"] = TimeOrNull(subscription.canceled_at);
    object["ended_at"] = TimeOrNull(subscription.ended_at);
    auto& details = object["cancellation_details"].as_object();
    details["reason"] = TextOrNull(subscription.cancel_reason);
    details["comment"] = TextOrNull(subscription.cancel_comment);
    details["feedback"] = TextOrNull(subscription.cancel_feedback);
}

void AddTrial(const Subscription& subscription, json::object& object) {
    object["trial_start"] = TimeOrNull(subscription.trial_start);
    object["trial_end"] = TimeOrNull(subscription.trial_end);
    auto& settings = object["trial_settings"].as_object();
    settings["end_behavior"].as_object()["missing_payment_method"] = subscription.missing_payment_method;
}

void AddCollection(const Subscription& subscription, json::object& object) {
    object["collection_method"] = subscription.collection_method;
    object["days_until_due"] = nullptr;
    if (subscription.days_until_due) object["days_until_due"] = *subscription.days_until_due;
    object["default_payment_method"] = TextOrNull(subscription.default_payment_method);
    if (subscription.saves_method)
        object["payment_settings"].as_object()["save_default_payment_method"] = "on_subscription";
    object["pause_collection"] = nullptr;
    if (subscription.pause_behavior.empty()) return;
    json::object pause;
    pause["behavior"] = subscription.pause_behavior;
    pause["resumes_at"] = TimeOrNull(subscription.pause_resumes_at);
    object["pause_collection"] = std::move(pause);
}

}  // namespace

json::object RenderItem(const View& view, const Subscription& subscription, const SubscriptionItem& item) {
    auto object = BlankObject(ObjectKind::kSubscriptionItem, view.shape);
    object["id"] = item.id;
    object["created"] = ToUnixSeconds(item.created);
    object["metadata"] = RenderMetadata(item.metadata);
    object["plan"] = RenderPlan(view, *item.price);
    object["price"] = Render(view, *item.price);
    object["quantity"] = item.quantity;
    object["subscription"] = subscription.id;
    if (view.shape == Shape::kBasil) {
        object["current_period_start"] = ToUnixSeconds(subscription.period_start);
        object["current_period_end"] = ToUnixSeconds(subscription.period_end);
    }
    return object;
}

json::object Render(const View& view, const Subscription& subscription) {
    auto object = BlankObject(ObjectKind::kSubscription, view.shape);
    object["id"] = subscription.id;
    object["billing_cycle_anchor"] = ToUnixSeconds(subscription.anchor);
    object["created"] = ToUnixSeconds(subscription.created);
    object["currency"] = subscription.items.front().price->currency;
    object["customer"] = subscription.customer;
    object["description"] = TextOrNull(subscription.description);
    object["latest_invoice"] = TextOrNull(subscription.latest_invoice);
    object["metadata"] = RenderMetadata(subscription.metadata);
    object["start_date"] = ToUnixSeconds(subscription.created);
    object["status"] = subscription.status;
    object["test_clock"] = TextOrNull(ClockOfCustomer(view.account, subscription.customer));
    AddCancellation(subscription, object);
    AddTrial(subscription, object);
    AddCollection(subscription, object);
    if (view.shape == Shape::kBeforeBasil) {
        object["current_period_start"] = ToUnixSeconds(subscription.period_start);
        object["current_period_end"] = ToUnixSeconds(subscription.period_end);
    }
    json::array items;
    for (const auto& item : subscription.items) items.emplace_back(RenderItem(view, subscription, item));
    object["items"] =
        RenderList(std::move(items), false, "/v1/subscription_items?subscription=" + subscription.id);
    return object;
}

}  // namespace citadel::stripe_sim

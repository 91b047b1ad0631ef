#include "stripe_sim/api_subscription_terms.h"

#include <fmt/format.h>

#include <algorithm>

#include "stripe_sim/api_list.h"
#include "stripe_sim/api_price.h"
#include "stripe_sim/api_values.h"

namespace citadel::stripe_sim {
namespace {

constexpr std::size_t kItemsMax = 20;

const Price& RecurringPrice(ApiCall& call, const Params& row) {
    const auto* price = PriceGiven(call, row, true);
    if (!price) row.Required("price");
    return *price;
}

SubscriptionItem NewItem(ApiCall& call, const Params& row) {
    SubscriptionItem item;
    item.price = &RecurringPrice(call, row);
    item.quantity = ReadAtLeast(row, "quantity", 0, 1);
    ApplyMetadata(item.metadata, row.Members("metadata"));
    return item;
}

void ChangeItem(ApiCall& call, const Params& row, Subscription& subscription) {
    auto id = row.TextOr("id");
    auto item = std::ranges::find(subscription.items, id, &SubscriptionItem::id);
    if (item == subscription.items.end()) throw NoSuch("subscription_item", id, row.FullName("id"));
    if (row.Flag("deleted").value_or(false)) {
        subscription.items.erase(item);
        return;
    }
    if (const auto* price = PriceGiven(call, row, true)) item->price = price;
    item->quantity = ReadAtLeast(row, "quantity", 0, item->quantity);
    ApplyMetadata(item->metadata, row.Members("metadata"));
}

void RequireOneKind(const Subscription& subscription) {
    const auto& first = *subscription.items.front().price;
    for (std::size_t i = 1; i < subscription.items.size(); ++i) {
        const auto& price = *subscription.items[i].price;
        if (price.currency != first.currency) {
            throw InvalidRequest(400, "",
                                 fmt::format("The price specified only supports `{}`. This doesn't match the "
                                             "expected currency: `{}`.",
                                             price.currency, first.currency),
                                 "items");
        }
        bool alike = price.recurring->interval == first.recurring->interval &&
                     price.recurring->count == first.recurring->count;
        if (alike) continue;
        throw InvalidRequest(400, "",
                             "All prices on a subscription must have the same `recurring.interval` and "
                             "`recurring.interval_count`. If you meant to update an existing subscription "
                             "item instead of creating a new one, make sure to include the subscription item "
                             "ID in your request.",
                             "items");
    }
}

void ApplyCollection(const Params& params, Subscription& subscription) {
    if (auto method = params.OneOf("collection_method", {kCharge, kSend}))
        subscription.collection_method = *method;
    if (auto days = params.Number("days_until_due")) {
        subscription.days_until_due = static_cast<int>(ReadAtLeast(params, "days_until_due", 0, *days));
    }
    bool sends = subscription.collection_method == kSend;
    if (!sends && params.Number("days_until_due")) {
        throw BadParameter("", "You can only set `days_until_due` if `collection_method` is `send_invoice`.",
                           "days_until_due");
    }
    if (!sends) subscription.days_until_due.reset();
    if (sends && !subscription.days_until_due) {
        throw BadParameter("parameter_missing",
                           "If `collection_method` is set to `send_invoice`, you must pass `days_until_due`.",
                           "days_until_due");
    }
}

}  // namespace

void ApplyTerms(ApiCall& call, Subscription& subscription) {
    const auto& params = call.params;
    ApplyCollection(params, subscription);
    if (auto behavior = params.OneOf("trial_settings[end_behavior][missing_payment_method]",
                                     {"cancel", "create_invoice", "pause"}))
        subscription.missing_payment_method = *behavior;
    if (auto saves =
            params.OneOf("payment_settings[save_default_payment_method]", {"off", "on_subscription"}))
        subscription.saves_method = *saves == "on_subscription";
    if (auto feedback = params.OneOf("cancellation_details[feedback]",
                                     {"customer_service", "low_quality", "missing_features", "other",
                                      "switched_service", "too_complex", "too_expensive", "unused"}))
        subscription.cancel_feedback = *feedback;
    subscription.cancel_comment = params.TextOr("cancellation_details[comment]", subscription.cancel_comment);
    subscription.description = params.TextOr("description", subscription.description);
    params.Flag("off_session");  // read for its type only: behind a server's call nobody authenticates
    ApplyMetadata(subscription.metadata, params.Members("metadata"));
    if (auto method = params.Text("default_payment_method")) {
        subscription.default_payment_method.clear();
        if (!method->empty()) {
            subscription.default_payment_method =
                MethodGiven(call, subscription.customer, *method, "default_payment_method").id;
        }
    }
}

void ApplyItems(ApiCall& call, Subscription& subscription) {
    for (const auto& row : call.params.Rows("items")) {
        if (row.Text("id")) {
            ChangeItem(call, row, subscription);
            continue;
        }
        auto item = NewItem(call, row);
        auto same = std::ranges::find(subscription.items, item.price, &SubscriptionItem::price);
        if (same != subscription.items.end()) {
            throw InvalidRequest(
                400, "",
                fmt::format("Cannot add multiple subscription items with the same plan: {}", item.price->id),
                "items");
        }
        subscription.items.push_back(std::move(item));
    }
    if (subscription.items.empty())
        throw BadParameter("parameter_missing", "Missing required param: items.", "items");
    if (subscription.items.size() > kItemsMax) {
        throw InvalidRequest(400, "", "A subscription can have at most 20 items.", "items");
    }
    RequireOneKind(subscription);
}

std::optional<Time> ReadTrialEnd(const ApiCall& call) {
    const auto& params = call.params;
    if (params.TextOr("trial_end") == "now") return call.world.Now();
    auto end = params.Moment("trial_end");
    if (end && *end <= call.world.Now()) {
        throw BadParameter("", "Invalid timestamp: must be an integer Unix timestamp in the future.",
                           "trial_end");
    }
    auto days = ReadAtLeast(params, "trial_period_days", 0, 0);
    if (end && days > 0) {
        throw BadParameter("parameters_exclusive",
                           "You may only specify one of these parameters: trial_end, trial_period_days.",
                           "trial_end");
    }
    if (!end && days > 0) end = call.world.Now() + std::chrono::days(days);
    return end;
}

void ApplyPause(ApiCall& call, Subscription& subscription) {
    if (call.params.Text("pause_collection")) {  // only ever empty
        subscription.pause_behavior.clear();
        subscription.pause_resumes_at.reset();
    }
    auto pause = call.params.Nested("pause_collection");
    auto resumes_at = pause.Moment("resumes_at");
    auto behavior = pause.OneOf("behavior", {"keep_as_draft", "mark_uncollectible", "void"});
    if (!behavior && !resumes_at) return;
    if (!behavior && subscription.pause_behavior.empty()) pause.Required("behavior");
    subscription.pause_behavior = behavior.value_or(subscription.pause_behavior);
    subscription.pause_resumes_at = resumes_at;
}

}  // namespace citadel::stripe_sim

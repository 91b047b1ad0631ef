// /v1/subscriptions and /v1/subscription_items.
#include <fmt/format.h>

#include <algorithm>

#include "stripe_sim/api_decline.h"
#include "stripe_sim/api_search.h"
#include "stripe_sim/api_subscription_terms.h"
#include "stripe_sim/api_values.h"
#include "stripe_sim/billing.h"
#include "stripe_sim/change.h"
#include "stripe_sim/clock_scope.h"
#include "stripe_sim/proration.h"
#include "stripe_sim/settlement.h"
#include "stripe_sim/subscriptions.h"
#include "stripe_sim/test_clocks.h"

namespace citadel::stripe_sim {
namespace {

Subscription& SubscriptionIn(ApiCall& call) {
    return FindOr404(call.account.subscriptions, "subscription", call.captures.at(0));
}

std::string ReadPaymentBehavior(const Params& params) {
    return params.OneOf("payment_behavior", {"allow_incomplete", "default_incomplete", "error_if_incomplete"})
        .value_or("allow_incomplete");
}

std::int64_t FirstAmount(const Subscription& subscription) {
    if (subscription.trial_end) return 0;
    std::int64_t total = 0;
    for (const auto& item : subscription.items) total += item.price->amount * item.quantity;
    return total;
}

void RequireMethod(const ApiCall& call, const Subscription& subscription) {
    const auto& customer = *call.account.customers.Find(subscription.customer);
    bool has = !subscription.default_payment_method.empty() || !customer.default_payment_method.empty();
    if (has || subscription.collection_method == kSend || FirstAmount(subscription) == 0) return;
    throw InvalidRequest(400, "resource_missing",
                         "This customer has no attached payment source or default payment method. Please "
                         "consider adding a default payment method. For more information, visit "
                         "https://stripe.com/docs/billing/subscriptions/payment-methods-setting.");
}

// cancel_at_period_end or cancel_at, whichever the call has.
void ApplyCancellation(ApiCall& call, Subscription& subscription) {
    auto at_end = call.params.Flag("cancel_at_period_end");
    auto at = call.params.Text("cancel_at");
    if (at_end && at && !at->empty()) {
        throw BadParameter("parameters_exclusive",
                           "You may only specify one of these parameters: cancel_at, cancel_at_period_end.",
                           "cancel_at");
    }
    std::optional<Time> time = call.params.Moment("cancel_at");
    if (at_end && *at_end) time = subscription.period_end;
    bool silent = !at_end && !at;
    if (silent || time == subscription.cancel_at) return;
    subscription.cancel_at_period_end = at_end.value_or(false);
    CancelAt(call.world, call.account, subscription, time);
}

void RequireRoom(const ApiCall& call, const std::string& customer) {
    if (ClockOfCustomer(call.account, customer).empty()) return;
    auto goes_on = [&](const Subscription& one) { return one.customer == customer && !HasEnded(one); };
    if (std::ranges::count_if(call.account.subscriptions.all(), goes_on) < kSubscriptionsPerCustomer) return;
    throw BadParameter("",
                       fmt::format("A customer with a test clock can have at most {} subscriptions.",
                                   kSubscriptionsPerCustomer),
                       "customer");
}

Subscription ReadNew(ApiCall& call) {
    Subscription made;
    made.customer =
        FindOr404(call.account.customers, "customer", call.params.Required("customer"), "customer").id;
    RequireRoom(call, made.customer);
    ApplyItems(call, made);
    ApplyTerms(call, made);
    made.trial_end = ReadTrialEnd(call);
    if (made.trial_end && *made.trial_end <= call.world.Now()) made.trial_end.reset();
    return made;
}

// The first payment failed and the call wanted all or nothing.
ApiError Undo(ApiCall& call, const Subscription& subscription) {
    auto invoice = *call.account.invoices.Find(subscription.latest_invoice);
    Abandon(call.account, subscription);
    PayResult result;
    bool asked = invoice.last_decline == "requires_action";
    result.outcome = asked ? AttemptOutcome::kRequiresAction : AttemptOutcome::kDeclined;
    result.decline_code = invoice.last_decline;
    result.charge = invoice.charge;
    return DeclineOf(call, invoice, *call.account.payment_methods.Find(invoice.last_method), result);
}

json::object CreateSubscription(ApiCall& call) {
    auto behavior = ReadPaymentBehavior(call.params);
    auto made = ReadNew(call);
    if (behavior != "default_incomplete") RequireMethod(call, made);
    bool pay = behavior != "default_incomplete";
    auto& subscription = BeginSubscription(call.world, call.account, std::move(made), pay, call.cause);
    if (behavior == "error_if_incomplete" && subscription.status == "incomplete")
        throw Undo(call, subscription);
    ApplyCancellation(call, subscription);
    Announce(call.world, call.account, subscription, call.cause);
    return Render(call.view, subscription);
}

json::object GetSubscription(ApiCall& call) { return Render(call.view, SubscriptionIn(call)); }

bool HasPrice(const Subscription& subscription, const std::string& price) {
    return std::ranges::any_of(subscription.items, [&](const auto& item) { return item.price->id == price; });
}

bool HasStatus(const Subscription& subscription, const std::string& wanted) {
    if (wanted.empty()) return subscription.status != "canceled";
    if (wanted == "ended") return HasEnded(subscription);
    return wanted == "all" || subscription.status == wanted;
}

json::object ListSubscriptions(ApiCall& call) {
    const auto& params = call.params;
    auto status = params
                      .OneOf("status", {"active", "past_due", "unpaid", "canceled", "incomplete",
                                        "incomplete_expired", "trialing", "paused", "all", "ended"})
                      .value_or("");
    auto customer = params.Text("customer"), price = params.Text("price"), plan = params.Text("plan");
    auto manner = params.OneOf("collection_method", {kCharge, kSend});
    auto keep = [&](const Subscription& subscription) {
        return IsListed(call, subscription.customer, {"customer"}) &&
               (!customer || subscription.customer == *customer) &&
               (!price || HasPrice(subscription, *price)) && (!plan || HasPrice(subscription, *plan)) &&
               (!manner || subscription.collection_method == *manner) && HasStatus(subscription, status) &&
               params.InRange("created", subscription.created) &&
               params.InRange("current_period_start", subscription.period_start) &&
               params.InRange("current_period_end", subscription.period_end);
    };
    return ListOf(call, "/v1/subscriptions", call.account.subscriptions.all(), keep);
}

json::object SearchSubscriptions(ApiCall& call) {
    return SearchIn(call, "/v1/subscriptions/search", call.account.subscriptions.all(),
                    "canceled_at created status");
}

void RequireAlive(const Subscription& subscription, const Params& params) {
    if (!HasEnded(subscription)) return;
    try {
        params.AllowOnly("metadata cancellation_details");
    } catch (const ApiError&) {
        throw InvalidRequest(
            400, "invalid_canceled_subscription_fields",
            "A canceled subscription can only update its cancellation_details and metadata.");
    }
}

// New items: what the old ones leave over is settled as the call wishes; another rhythm begins now.
void SettleNewItems(ApiCall& call, Subscription& subscription, const std::vector<SubscriptionItem>& before,
                    const std::string& proration) {
    bool running = subscription.status == "active" || subscription.status == "past_due";
    if (!running) return;
    const auto& old = *before.front().price->recurring;
    const auto& now = *subscription.items.front().price->recurring;
    bool new_rhythm = old.interval != now.interval || old.count != now.count;
    if (new_rhythm) {
        Subscription ended = subscription;
        ended.items.clear();  // the old items are credited; the new ones begin with a period of their own
        if (proration != "none") Prorate(call.world, call.account, ended, before, call.cause);
        Renew(call.world, call.account, subscription, "subscription_update", call.cause);
        return;
    }
    if (proration == "none") return;
    Prorate(call.world, call.account, subscription, before, call.cause);
    if (proration == "always_invoice") InvoicePending(call.world, call.account, subscription, call.cause);
}

void GiveIds(ApiCall& call, Subscription& subscription) {
    for (auto& item : subscription.items) {
        if (!item.id.empty()) continue;
        item.id = call.world.NewId("si_", 14);
        item.created = call.world.Now();
    }
}

// A trial that the call begins, moves or ends.
void SetTrialEnd(ApiCall& call, Subscription& subscription, Time end) {
    bool over = end <= call.world.Now();
    if (over && subscription.status != "trialing") return;
    subscription.trial_end = end;
    if (over) return;
    if (subscription.status != "trialing") {
        subscription.status = "trialing";
        subscription.trial_start = call.world.Now();
        subscription.period_start = call.world.Now();
    }
    subscription.anchor = subscription.period_end = end;
}

// What follows from the change when it has been told.
void ActOnTrial(ApiCall& call, Subscription& subscription) {
    if (subscription.status != "trialing") return;
    if (*subscription.trial_end > call.world.Now()) {
        ScheduleRenewal(call.world, call.account, subscription);
        WarnOfTrialEnd(call.world, call.account, subscription, call.cause);
    } else {
        EndTrial(call.world, call.account, subscription, "subscription_update", call.cause);
    }
}

json::object UpdateSubscription(ApiCall& call) {
    auto& subscription = SubscriptionIn(call);
    RequireAlive(subscription, call.params);
    ReadPaymentBehavior(call.params);
    auto proration = call.params.OneOf("proration_behavior", {"always_invoice", "create_prorations", "none"});
    auto anchor = call.params.OneOf("billing_cycle_anchor", {"now", "unchanged"});
    auto trial_end = ReadTrialEnd(call);
    auto next = subscription;  // nothing is changed by a call that is refused
    ApplyTerms(call, next);
    ApplyItems(call, next);
    ApplyPause(call, next);
    Change change(call.world, call.account, subscription);
    auto before = subscription.items;
    GiveIds(call, next);
    subscription = std::move(next);
    ApplyCancellation(call, subscription);
    if (trial_end) SetTrialEnd(call, subscription, *trial_end);
    change.Tell("customer.subscription.updated", call.cause);
    if (subscription.pause_resumes_at)
        ResumeCollectionAt(call.world, call.account, subscription, *subscription.pause_resumes_at);
    if (trial_end) ActOnTrial(call, subscription);
    if (!call.params.Rows("items").empty())
        SettleNewItems(call, subscription, before, proration.value_or("create_prorations"));
    if (anchor == "now") Renew(call.world, call.account, subscription, "subscription_update", call.cause);
    return Render(call.view, subscription);
}

json::object DeleteSubscription(ApiCall& call) {
    auto& subscription = SubscriptionIn(call);
    if (HasEnded(subscription)) throw NoSuch("subscription", subscription.id, "id");
    auto ended = subscription;
    ApplyTerms(call, ended);  // for cancellation_details
    if (call.params.Flag("prorate").value_or(false)) {
        auto items = std::exchange(ended.items, {});
        Prorate(call.world, call.account, ended, items, call.cause);
    }
    if (call.params.Flag("invoice_now").value_or(false))
        InvoicePending(call.world, call.account, subscription, call.cause);
    Cancellation why{"cancellation_requested", ended.cancel_comment, ended.cancel_feedback};
    CancelSubscription(call.world, call.account, subscription, std::move(why), call.cause);
    return Render(call.view, subscription);
}

json::object ResumeSubscription(ApiCall& call) {
    auto& subscription = SubscriptionIn(call);
    call.params.OneOf("billing_cycle_anchor", {"now"});
    if (subscription.status != "paused") {
        throw InvalidRequest(400, "",
                             fmt::format("Only subscriptions with status `paused` can be resumed; this one "
                                         "is `{}`.",
                                         subscription.status));
    }
    Resume(call.world, call.account, subscription, call.cause);
    return Render(call.view, subscription);
}

json::object GetItem(ApiCall& call) {
    const auto& id = call.captures.at(0);
    for (const auto& subscription : call.account.subscriptions.all()) {
        auto item = std::ranges::find(subscription.items, id, &SubscriptionItem::id);
        if (item != subscription.items.end()) return RenderItem(call.view, subscription, *item);
    }
    throw NoSuch("subscription_item", id, "item");
}

json::object ListItems(ApiCall& call) {
    const auto& subscription = FindOr404(call.account.subscriptions, "subscription",
                                         call.params.Required("subscription"), "subscription");
    auto show = [&](const SubscriptionItem& item) { return RenderItem(call.view, subscription, item); };
    auto keep = [](const SubscriptionItem&) { return true; };
    return ListOf(call, "/v1/subscription_items", subscription.items, keep, show);
}

constexpr ApiRoute kRoutes[] = {
    {"POST", "/v1/subscriptions",
     "customer items[][price] items[][price_data] items[][quantity] items[][metadata] cancel_at "
     "cancel_at_period_end collection_method days_until_due default_payment_method description metadata "
     "off_session payment_behavior payment_settings[save_default_payment_method] trial_end trial_period_days "
     "trial_settings[end_behavior][missing_payment_method]",
     CreateSubscription},
    {"GET", "/v1/subscriptions",
     "limit starting_after ending_before status customer price plan created collection_method "
     "current_period_start current_period_end test_clock",
     ListSubscriptions},
    {"GET", "/v1/subscriptions/search", "query limit page", SearchSubscriptions},
    {"GET", "/v1/subscriptions/{}", "", GetSubscription},
    {"POST", "/v1/subscriptions/{}",
     "items[][id] items[][price] items[][price_data] items[][quantity] items[][metadata] items[][deleted] "
     "billing_cycle_anchor cancel_at cancel_at_period_end cancellation_details[comment] "
     "cancellation_details[feedback] collection_method days_until_due default_payment_method description "
     "metadata off_session pause_collection payment_behavior payment_settings[save_default_payment_method] "
     "proration_behavior trial_end trial_settings[end_behavior][missing_payment_method]",
     UpdateSubscription},
    {"DELETE", "/v1/subscriptions/{}",
     "cancellation_details[comment] cancellation_details[feedback] invoice_now prorate", DeleteSubscription},
    {"POST", "/v1/subscriptions/{}/resume", "billing_cycle_anchor", ResumeSubscription},
    {"GET", "/v1/subscription_items", "limit starting_after ending_before subscription", ListItems},
    {"GET", "/v1/subscription_items/{}", "", GetItem}};

}  // namespace

std::span<const ApiRoute> SubscriptionRoutes() { return kRoutes; }

}  // namespace citadel::stripe_sim

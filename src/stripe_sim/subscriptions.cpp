#include "stripe_sim/subscriptions.h"

#include "stripe_sim/billing.h"
#include "stripe_sim/calendar.h"
#include "stripe_sim/change.h"
#include "stripe_sim/charges.h"
#include "stripe_sim/invoicing.h"
#include "stripe_sim/settlement.h"
#include "stripe_sim/standing.h"

namespace citadel::stripe_sim {
namespace {

using std::chrono::days;
using std::chrono::hours;

void BeginFirstPeriod(const World& world, Subscription& subscription) {
    subscription.period_start = world.Now();
    subscription.anchor = world.Now();
    const auto& recurring = *subscription.items.front().price->recurring;
    subscription.period_end = PeriodEnd(recurring, subscription.anchor, subscription.period_start);
    if (!subscription.trial_end) return;
    subscription.trial_start = world.Now();
    subscription.anchor = subscription.period_end = *subscription.trial_end;
}

std::string FirstStatus(const Subscription& subscription) {
    if (subscription.trial_end) return "trialing";
    return subscription.collection_method == kSend ? "active" : "incomplete";
}

bool HasMethod(const Account& account, const Subscription& subscription) {
    if (!subscription.default_payment_method.empty()) return true;
    return !account.customers.Find(subscription.customer)->default_payment_method.empty();
}

// Stripe waits 23 hours for the first payment.
void ExpireLater(World& world, Account& account, const Subscription& subscription) {
    world.At(world.Now() + hours(23), [&world, &account, id = subscription.id] {
        auto& due = *account.subscriptions.Find(id);
        auto* invoice = account.invoices.Find(due.latest_invoice);
        if (due.status == "incomplete" && invoice) VoidInvoice(world, account, *invoice, {});
    });
}

void Pause(World& world, Account& account, Subscription& subscription, const Cause& cause) {
    TellStatus(world, account, subscription, "paused", cause);
    world.Emit(account, "customer.subscription.paused", Keep(subscription), cause);
}

}  // namespace

Subscription& BeginSubscription(World& world, Account& account, Subscription made, bool pay,
                                const Cause& cause) {
    made.id = world.NewId("sub_1");
    made.created = world.Now();
    for (auto& item : made.items) {
        item.id = world.NewId("si_", 14);
        item.created = world.Now();
    }
    BeginFirstPeriod(world, made);
    made.status = FirstStatus(made);
    made.announced = false;
    auto& subscription = account.subscriptions.Add(std::move(made));
    auto& invoice = DraftPeriod(world, account, subscription, "subscription_create", world.Now(), cause);
    subscription.latest_invoice = invoice.id;
    if (subscription.collection_method == kSend && invoice.total > 0) {
        AdvanceLater(world, account, invoice);
        return subscription;
    }
    Finalise(world, account, invoice, cause);
    if (pay && invoice.status == "open") Collect(world, account, invoice, cause);
    return subscription;
}

void Announce(World& world, Account& account, Subscription& subscription, const Cause& cause) {
    subscription.announced = true;
    world.Emit(account, "customer.subscription.created", Keep(subscription), cause);
    ScheduleRenewal(world, account, subscription);
    if (subscription.status == "incomplete") ExpireLater(world, account, subscription);
    WarnOfTrialEnd(world, account, subscription, cause);
}

void Abandon(Account& account, const Subscription& subscription) {
    auto& invoice = *account.invoices.Find(subscription.latest_invoice);
    auto* intent = account.payment_intents.Find(invoice.payment_intent);
    auto* charge = account.charges.Find(invoice.charge);
    if (intent) intent->invoice.clear();
    if (charge) charge->invoice.clear();
    Discard(account, invoice);
    account.subscriptions.Remove(subscription.id);
}

void EndTrial(World& world, Account& account, Subscription& subscription, std::string billing_reason,
              const Cause& cause) {
    bool stops = subscription.missing_payment_method != "create_invoice" &&
                 subscription.collection_method == kCharge && !HasMethod(account, subscription);
    if (stops && subscription.missing_payment_method == "pause")
        return Pause(world, account, subscription, cause);
    if (stops) return CancelSubscription(world, account, subscription, {}, cause);
    TellStatus(world, account, subscription, "active", cause);
    Renew(world, account, subscription, std::move(billing_reason), cause);
}

void Resume(World& world, Account& account, Subscription& subscription, const Cause& cause) {
    TellStatus(world, account, subscription, "active", cause);
    world.Emit(account, "customer.subscription.resumed", Keep(subscription), cause);
    subscription.period_end = world.Now();
    subscription.anchor = world.Now();
    Renew(world, account, subscription, "subscription_update", cause);
}

void WarnOfTrialEnd(World& world, Account& account, const Subscription& subscription, const Cause& cause) {
    if (subscription.status != "trialing") return;
    auto end = *subscription.trial_end;
    if (end - days(3) <= world.Now()) {
        world.Emit(account, "customer.subscription.trial_will_end", Keep(subscription), cause);
        return;
    }
    world.At(end - days(3), [&world, &account, id = subscription.id, end] {
        const auto* due = account.subscriptions.Find(id);
        bool still = due && due->status == "trialing" && due->trial_end == end;
        if (still) world.Emit(account, "customer.subscription.trial_will_end", Keep(*due));
    });
}

bool HasEnded(const Subscription& subscription) {
    return subscription.status == "canceled" || subscription.status == "incomplete_expired";
}

void CancelAt(World& world, Account& account, Subscription& subscription, std::optional<Time> at) {
    subscription.cancel_at = at;
    subscription.canceled_at.reset();
    subscription.cancel_reason.clear();
    if (!at) return;
    subscription.canceled_at = world.Now();
    subscription.cancel_reason = "cancellation_requested";
    world.At(*at, [&world, &account, id = subscription.id, at = *at] {
        auto* due = account.subscriptions.Find(id);
        if (!due || due->ended_at || due->cancel_at != at) return;
        Cancellation why{due->cancel_reason, due->cancel_comment, due->cancel_feedback};
        CancelSubscription(world, account, *due, std::move(why), {});
    });
}

void ResumeCollectionAt(World& world, Account& account, const Subscription& subscription, Time at) {
    world.At(at, [&world, &account, id = subscription.id, at] {
        auto* due = account.subscriptions.Find(id);
        if (!due || due->ended_at || due->pause_resumes_at != at) return;
        Change change(world, account, *due);
        due->pause_behavior.clear();
        due->pause_resumes_at.reset();
        change.Tell("customer.subscription.updated");
    });
}

}  // namespace citadel::stripe_sim

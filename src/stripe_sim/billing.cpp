#include "stripe_sim/billing.h"

#include <algorithm>

#include "stripe_sim/calendar.h"
#include "stripe_sim/catalog.h"
#include "stripe_sim/charges.h"
#include "stripe_sim/declines.h"
#include "stripe_sim/invoicing.h"
#include "stripe_sim/render.h"
#include "stripe_sim/settlement.h"
#include "stripe_sim/standing.h"
#include "stripe_sim/subscriptions.h"
#include "stripe_sim/upcoming.h"

namespace citadel::stripe_sim {
namespace {

using std::chrono::days;
using std::chrono::hours;

void ReachPeriodEnd(World& world, Account& account, Subscription& subscription) {
    // A cancellation of this moment has its own place on the agenda.
    if (subscription.cancel_at && *subscription.cancel_at <= subscription.period_end) return;
    if (subscription.status == "trialing") EndTrial(world, account, subscription);
    else Renew(world, account, subscription);
}

bool GoesOn(const Subscription& subscription) {
    const auto& status = subscription.status;
    return status == "active" || status == "past_due" || status == "unpaid" || status == "trialing";
}

void BeginPeriod(const World& world, Subscription& subscription) {
    bool early = world.Now() < subscription.period_end;
    subscription.period_start = early ? world.Now() : subscription.period_end;
    if (early) subscription.anchor = world.Now();
    const auto& recurring = *subscription.items.front().price->recurring;
    subscription.period_end = PeriodEnd(recurring, subscription.anchor, subscription.period_start);
    if (subscription.renewals_left > 0) --subscription.renewals_left;
}

void TellPeriod(World& world, Account& account, Subscription& subscription, const std::string& invoice,
                const Cause& cause) {
    json::object previous;
    previous["latest_invoice"] = TextOrNull(subscription.latest_invoice);
    subscription.latest_invoice = invoice;
    world.Emit(account, "customer.subscription.updated", Keep(subscription), cause, std::move(previous));
}

void EndOwnRetries(World& world, Account& account, Invoice& invoice) {
    auto* subscription = account.subscriptions.Find(invoice.subscription);
    if (subscription && subscription->status == "incomplete") return;
    switch (account.final_action) {
        case FinalAction::kNone: return;
        case FinalAction::kCancel:
            if (subscription)
                CancelSubscription(world, account, *subscription, {"payment_failed", "", ""}, {});
            return;
        case FinalAction::kUnpaid:
            if (subscription) TellStatus(world, account, *subscription, "unpaid", {});
            return;
        case FinalAction::kUncollectible:
            MarkUncollectible(world, account, invoice, "max_payment_attempts", {});
            return;
    }
}

// Stripe does not execute its retry on a method whose decline was final; the schedule moves all the same.
bool WouldBeInVain(const Invoice& invoice, const PaymentMethod& method) {
    return method.id == invoice.last_method && DeclineFor(invoice.last_decline).stripe_stops;
}

void ScheduleOwnRetry(World& world, Account& account, const Invoice& invoice);

void AttemptAutomatically(World& world, Account& account, Invoice& invoice, const Cause& cause) {
    json::object previous;
    previous["attempt_count"] = invoice.attempt_count;
    previous["next_payment_attempt"] = TimeOrNull(invoice.next_payment_attempt);
    ++invoice.attempt_count;
    invoice.next_payment_attempt = NextOwnAttempt(account, invoice, invoice.attempt_count);
    auto* method = MethodFor(account, invoice);
    if (!method) {
        FailWithoutMethod(world, account, invoice, cause);
    } else if (!WouldBeInVain(invoice, *method)) {
        PayOrder order;
        order.method = method;
        order.cause = cause;
        if (CollectPayment(world, account, invoice, order).outcome == AttemptOutcome::kApproved) return;
    }
    world.Emit(account, "invoice.updated", Keep(invoice), cause, std::move(previous));
    if (invoice.next_payment_attempt) ScheduleOwnRetry(world, account, invoice);
    else EndOwnRetries(world, account, invoice);
}

void ScheduleOwnRetry(World& world, Account& account, const Invoice& invoice) {
    auto at = *invoice.next_payment_attempt;
    world.At(at, [&world, &account, id = invoice.id, at] {
        auto& due = *account.invoices.Find(id);
        if (due.status == "open" && due.next_payment_attempt == at)
            AttemptAutomatically(world, account, due, {});
    });
}

}  // namespace

Subscription& StartSubscription(World& world, Account& account, const Customer& customer,
                                const SubscriptionTerms& terms) {
    Subscription subscription;
    subscription.id = world.NewId("sub_1");
    subscription.customer = customer.id;
    subscription.created = world.Now();
    subscription.anchor = terms.first_renewal;
    subscription.period_start = std::min(world.Now(), terms.first_renewal - days(30));
    subscription.period_end = terms.first_renewal;
    subscription.renewals_left = terms.renewals;
    SubscriptionItem item;
    item.id = world.NewId("si_", 14);
    item.price = &MonthlyPrice(world, account, terms.amount, terms.currency);
    item.created = subscription.created;
    subscription.items.push_back(std::move(item));
    auto& added = account.subscriptions.Add(std::move(subscription));
    ScheduleRenewal(world, account, added);
    return added;
}

void ScheduleRenewal(World& world, Account& account, const Subscription& subscription) {
    if (subscription.renewals_left == 0) return;
    TellUpcomingLater(world, account, subscription);
    auto at = subscription.period_end;
    world.At(at, [&world, &account, id = subscription.id, at] {
        auto* due = account.subscriptions.Find(id);
        if (due && GoesOn(*due) && due->period_end == at && due->renewals_left != 0)
            ReachPeriodEnd(world, account, *due);
    });
}

Invoice& Renew(World& world, Account& account, Subscription& subscription, std::string billing_reason,
               const Cause& cause) {
    auto usage_start = subscription.period_start;
    BeginPeriod(world, subscription);
    auto& invoice = DraftPeriod(world, account, subscription, std::move(billing_reason), usage_start, cause);
    TellPeriod(world, account, subscription, invoice.id, cause);
    ScheduleRenewal(world, account, subscription);
    // Stripe leaves the invoices of an unpaid subscription as drafts.
    if (subscription.status == "unpaid" || subscription.pause_behavior == "keep_as_draft") {
        invoice.auto_advance = false;
        return invoice;
    }
    Finalise(world, account, invoice, cause);
    if (invoice.status != "open") return invoice;
    if (subscription.pause_behavior == "void") {
        VoidInvoice(world, account, invoice, cause);
    } else if (subscription.pause_behavior == "mark_uncollectible") {
        MarkUncollectible(world, account, invoice, "subscription_paused", cause);
    } else {
        Collect(world, account, invoice, cause);
        invoice.first_attempt_failed = invoice.attempted && !invoice.paid_at;
    }
    return invoice;
}

void AdvanceLater(World& world, Account& account, Invoice& invoice) {
    auto at = world.Now() + hours(1);
    invoice.finalizes_at = at;
    if (invoice.collection_method == kCharge) invoice.next_payment_attempt = at;
    world.At(at, [&world, &account, id = invoice.id, at] {
        auto* due = account.invoices.Find(id);
        if (!due || due->status != "draft" || due->finalizes_at != at) return;
        Finalise(world, account, *due, {});
        if (due->status == "open") Collect(world, account, *due, {});
    });
}

void CollectLater(World& world, Account& account, Invoice& invoice) {
    invoice.next_payment_attempt = world.Now() + hours(1);
    ScheduleOwnRetry(world, account, invoice);
}

void Collect(World& world, Account& account, Invoice& invoice, const Cause& cause) {
    Cause own = cause;
    own.driver = Driver::kStripe;
    if (invoice.collection_method == kSend) SendInvoice(world, account, invoice, own);
    else AttemptAutomatically(world, account, invoice, own);
}

void SendInvoice(World& world, Account& account, Invoice& invoice, const Cause& cause) {
    world.Emit(account, "invoice.sent", Keep(invoice), cause);
    if (!invoice.due_date) return;
    world.At(*invoice.due_date, [&world, &account, id = invoice.id] {
        auto& due = *account.invoices.Find(id);
        bool overdue = due.status == "open" && due.due_date && *due.due_date <= world.Now();
        if (!overdue) return;
        world.Emit(account, "invoice.overdue", Keep(due));
        RefreshStanding(world, account, due, {});
    });
}

void SwitchAutoAdvance(World& world, Account& account, Invoice& invoice, bool on) {
    bool open = invoice.status == "open", draft = invoice.status == "draft";
    if (invoice.auto_advance == on || (!open && !draft)) return;
    invoice.auto_advance = on;
    invoice.finalizes_at.reset();
    invoice.next_payment_attempt.reset();
    if (!on) return;
    if (draft) return AdvanceLater(world, account, invoice);
    bool untried = invoice.attempt_count == 0 && invoice.collection_method == kCharge;
    if (untried) return CollectLater(world, account, invoice);
    auto next = NextOwnAttempt(account, invoice, invoice.attempt_count);
    if (!next) return;
    invoice.next_payment_attempt = std::max(*next, world.Now() + hours(1));
    ScheduleOwnRetry(world, account, invoice);
}

void SetAutoAdvance(World& world, Account& account, Invoice& invoice, bool on, const Cause& cause) {
    json::object previous;
    previous["auto_advance"] = invoice.auto_advance;
    previous["next_payment_attempt"] = TimeOrNull(invoice.next_payment_attempt);
    SwitchAutoAdvance(world, account, invoice, on);
    if (previous.at("auto_advance") == json::value(invoice.auto_advance)) return;
    world.Emit(account, "invoice.updated", Keep(invoice), cause, std::move(previous));
}

std::optional<Time> NextOwnAttempt(const Account& account, const Invoice& invoice, int attempts) {
    auto index = static_cast<std::size_t>(std::max(attempts, 1) - 1);
    if (!invoice.finalized_at || index >= account.retry_schedule.size()) return std::nullopt;
    if (invoice.collection_method != kCharge) return std::nullopt;
    const auto* subscription = account.subscriptions.Find(invoice.subscription);
    if (subscription && subscription->status == "incomplete") return std::nullopt;
    return *invoice.finalized_at + days(account.retry_schedule[index]);
}

}  // namespace citadel::stripe_sim

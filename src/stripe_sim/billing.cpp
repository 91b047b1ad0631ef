#include "stripe_sim/billing.h"

#include <fmt/format.h>

#include <algorithm>

#include "stripe_sim/charges.h"
#include "stripe_sim/declines.h"
#include "stripe_sim/render.h"
#include "stripe_sim/settlement.h"

namespace citadel::stripe_sim {
namespace {

using std::chrono::days;
using std::chrono::floor;

// The same day of the next month, or its last day.
Time MonthLater(Time time) {
    auto day = floor<days>(time);
    std::chrono::year_month_day date(day);
    auto next = date + std::chrono::months(1);
    if (!next.ok()) next = next.year() / next.month() / std::chrono::last;
    return std::chrono::sys_days(next) + (time - day);
}

Price NewPrice(World& world, const Account& account, const SubscriptionTerms& terms) {
    Price price;
    price.id = world.NewId("price_1");
    price.product = world.NewId("prod_", 14);
    price.product_name = account.name + " monthly";
    price.currency = terms.currency;
    price.amount = terms.amount;
    price.created = account.created;
    return price;
}

void ScheduleRenewal(World& world, Account& account, const Subscription& subscription) {
    if (subscription.renewals_left == 0) return;
    auto at = subscription.period_end;
    world.agenda.At(at, [&world, &account, id = subscription.id, at] {
        auto& due = *account.subscriptions.Find(id);
        bool still = due.status != "canceled" && due.period_end == at && due.renewals_left != 0;
        if (still) Renew(world, account, due);
    });
}

void AdvancePeriod(World& world, Account& account, Subscription& subscription, const std::string& invoice) {
    json::object previous;
    if (!subscription.latest_invoice.empty()) previous["latest_invoice"] = subscription.latest_invoice;
    else previous["latest_invoice"] = nullptr;
    subscription.latest_invoice = invoice;
    subscription.period_start = world.Now();
    subscription.period_end = MonthLater(world.Now());
    if (subscription.renewals_left > 0) --subscription.renewals_left;
    world.Emit(account, "customer.subscription.updated", Keep(subscription), {}, std::move(previous));
    ScheduleRenewal(world, account, subscription);
}

Invoice& DraftInvoice(World& world, Account& account, const Subscription& subscription) {
    const auto& customer = *account.customers.Find(subscription.customer);
    Invoice invoice;
    invoice.id = world.NewId("in_1");
    invoice.line_id = world.NewId("il_1");
    invoice.payment_id = world.NewId("inpay_1");
    invoice.payment_intent = world.NewId("pi_3");
    invoice.customer = customer.id;
    invoice.customer_email = customer.email;
    invoice.customer_name = customer.name;
    invoice.subscription = subscription.id;
    invoice.subscription_item = subscription.item_id;
    invoice.subscription_metadata = subscription.metadata;
    invoice.price = subscription.price;
    invoice.total = subscription.price.amount;
    invoice.created = world.Now();
    invoice.last_period_start = subscription.period_start;
    invoice.period_start = world.Now();
    invoice.period_end = MonthLater(world.Now());
    auto& added = account.invoices.Add(std::move(invoice));
    world.Emit(account, "invoice.created", Keep(added));
    return added;
}

void Finalise(World& world, Account& account, Invoice& invoice) {
    auto& customer = *account.customers.Find(invoice.customer);
    invoice.number = fmt::format("{}-{:04}", customer.invoice_prefix, customer.next_invoice_sequence++);
    invoice.status = "open";
    invoice.finalized_at = world.Now();
    PaymentIntent intent;
    intent.id = invoice.payment_intent;
    intent.invoice = invoice.id;
    intent.customer = invoice.customer;
    intent.currency = invoice.price.currency;
    intent.amount = invoice.total;
    intent.created = world.Now();
    account.payment_intents.Add(std::move(intent));
    world.Emit(account, "invoice.finalized", Keep(invoice));
}

void EndOwnRetries(World& world, Account& account, Invoice& invoice) {
    auto* subscription = account.subscriptions.Find(invoice.subscription);
    switch (account.final_action) {
        case FinalAction::kNone: return;
        case FinalAction::kCancel:
            if (subscription)
                CancelSubscription(world, account, *subscription, {"payment_failed", "", ""}, {});
            return;
        case FinalAction::kUnpaid:
            if (subscription) MarkUnpaid(world, account, *subscription);
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

void AttemptAutomatically(World& world, Account& account, Invoice& invoice) {
    json::object previous;
    previous["attempt_count"] = invoice.attempt_count;
    previous["next_payment_attempt"] = TimeOrNull(invoice.next_payment_attempt);
    ++invoice.attempt_count;
    invoice.next_payment_attempt = NextOwnAttempt(account, invoice, invoice.attempt_count);
    auto* method = MethodFor(account, invoice);
    if (!method) {
        FailWithoutMethod(world, account, invoice);
    } else if (!WouldBeInVain(invoice, *method)) {
        PayOrder order;
        order.method = method;
        if (CollectPayment(world, account, invoice, order).outcome == AttemptOutcome::kApproved) return;
    }
    world.Emit(account, "invoice.updated", Keep(invoice), {}, std::move(previous));
    if (invoice.next_payment_attempt) ScheduleOwnRetry(world, account, invoice);
    else EndOwnRetries(world, account, invoice);
}

void ScheduleOwnRetry(World& world, Account& account, const Invoice& invoice) {
    auto at = *invoice.next_payment_attempt;
    world.agenda.At(at, [&world, &account, id = invoice.id, at] {
        auto& due = *account.invoices.Find(id);
        if (due.status == "open" && due.next_payment_attempt == at) AttemptAutomatically(world, account, due);
    });
}

}  // namespace

Customer& AddCustomer(World& world, Account& account, std::string name, std::string email) {
    Customer customer;
    customer.id = world.NewId("cus_", 14);
    customer.name = std::move(name);
    customer.email = std::move(email);
    customer.currency = account.currency;
    customer.invoice_prefix = fmt::format("{:07X}", world.random.Below(0x10000000));
    customer.created = world.Now();
    return account.customers.Add(std::move(customer));
}

Subscription& StartSubscription(World& world, Account& account, const Customer& customer,
                                const SubscriptionTerms& terms) {
    Subscription subscription;
    subscription.id = world.NewId("sub_1");
    subscription.item_id = world.NewId("si_", 14);
    subscription.customer = customer.id;
    subscription.price = NewPrice(world, account, terms);
    subscription.created = terms.first_renewal - days(30);
    subscription.period_start = subscription.created;
    subscription.period_end = terms.first_renewal;
    subscription.renewals_left = terms.renewals;
    auto& added = account.subscriptions.Add(std::move(subscription));
    ScheduleRenewal(world, account, added);
    return added;
}

Invoice& Renew(World& world, Account& account, Subscription& subscription) {
    auto& invoice = DraftInvoice(world, account, subscription);
    AdvancePeriod(world, account, subscription, invoice.id);
    if (subscription.status == "unpaid") {  // Stripe leaves the invoices of an unpaid subscription as drafts
        invoice.auto_advance = false;
        return invoice;
    }
    Finalise(world, account, invoice);
    AttemptAutomatically(world, account, invoice);
    invoice.first_attempt_failed = !invoice.paid_at;
    return invoice;
}

void SetAutoAdvance(World& world, Account& account, Invoice& invoice, bool on, const Cause& cause) {
    if (invoice.auto_advance == on || invoice.status != "open") return;
    json::object previous;
    previous["auto_advance"] = invoice.auto_advance;
    previous["next_payment_attempt"] = TimeOrNull(invoice.next_payment_attempt);
    invoice.auto_advance = on;
    invoice.next_payment_attempt.reset();
    auto next = NextOwnAttempt(account, invoice, invoice.attempt_count);
    if (on && next) {
        invoice.next_payment_attempt = std::max(*next, world.Now() + std::chrono::hours(1));
        ScheduleOwnRetry(world, account, invoice);
    }
    world.Emit(account, "invoice.updated", Keep(invoice), cause, std::move(previous));
}

std::optional<Time> NextOwnAttempt(const Account& account, const Invoice& invoice, int attempts) {
    auto index = static_cast<std::size_t>(std::max(attempts, 1) - 1);
    if (!invoice.finalized_at || index >= account.retry_schedule.size()) return std::nullopt;
    return *invoice.finalized_at + days(account.retry_schedule[index]);
}

}  // namespace citadel::stripe_sim

#include "stripe_sim/settlement.h"

#include "stripe_sim/charges.h"
#include "stripe_sim/standing.h"

namespace citadel::stripe_sim {
namespace {

void StopCollecting(Invoice& invoice) {
    invoice.auto_advance = false;
    invoice.finalizes_at.reset();
    invoice.next_payment_attempt.reset();
}

}  // namespace

void VoidInvoice(World& world, Account& account, Invoice& invoice, const Cause& cause) {
    StopCollecting(invoice);
    invoice.status = "void";
    invoice.voided_at = world.Now();
    account.customers.Find(invoice.customer)->balance += invoice.starting_balance - invoice.ending_balance;
    if (auto* intent = account.payment_intents.Find(invoice.payment_intent)) {
        intent->status = "canceled";
        intent->canceled_at = world.clock.Now();
        intent->cancellation_reason = "void_invoice";
        intent->last_error.reset();
        world.Emit(account, "payment_intent.canceled", Keep(*intent), cause);
    }
    world.Emit(account, "invoice.voided", Keep(invoice), cause);
    RefreshStanding(world, account, invoice, cause);
}

void MarkUncollectible(World& world, Account& account, Invoice& invoice, std::string reason,
                       const Cause& cause) {
    StopCollecting(invoice);
    invoice.status = "uncollectible";
    invoice.uncollectible_at = world.Now();
    invoice.uncollectible_reason = std::move(reason);
    world.Emit(account, "invoice.marked_uncollectible", Keep(invoice), cause);
}

void PayOutOfBand(World& world, Account& account, Invoice& invoice, const Cause& cause) {
    invoice.paid_out_of_band = true;
    MarkPaid(world, account, invoice, cause.driver, cause);
}

void CancelSubscription(World& world, Account& account, Subscription& subscription, Cancellation why,
                        const Cause& cause) {
    subscription.status = "canceled";
    if (!subscription.canceled_at) subscription.canceled_at = world.Now();
    subscription.ended_at = world.Now();
    subscription.cancel_reason = std::move(why.reason);
    subscription.cancel_comment = std::move(why.comment);
    subscription.cancel_feedback = std::move(why.feedback);
    for (const auto& id : account.invoices_of[subscription.id]) {
        auto& invoice = *account.invoices.Find(id);
        bool goes_on = invoice.auto_advance && (invoice.status == "open" || invoice.status == "draft");
        if (!goes_on) continue;
        json::object previous;
        previous["auto_advance"] = true;
        StopCollecting(invoice);
        world.Emit(account, "invoice.updated", Keep(invoice), cause, std::move(previous));
    }
    world.Emit(account, "customer.subscription.deleted", Keep(subscription), cause);
}

}  // namespace citadel::stripe_sim

#include "inbox/triage.h"

#include <fmt/format.h>

namespace citadel::inbox {
namespace {

using store::Intake;
using store::IntakeKind;
using store::StopScope;

Intake Ignore(Intake intake, std::string reason) {
    intake.kind = IntakeKind::kIgnore;
    intake.reason = std::move(reason);
    return intake;
}

Intake Stop(Intake intake, StopScope scope, std::string signal, std::string reason) {
    intake.kind = IntakeKind::kStop;
    intake.scope = scope;
    intake.signal = std::move(signal);
    intake.reason = std::move(reason);
    return intake;
}

void CopyInvoice(Intake& intake, const stripe::Invoice& invoice) {
    intake.invoice_id = invoice.id;
    intake.amount = invoice.amount_remaining;
    intake.currency = invoice.currency;
    intake.stripe_attempts = invoice.attempt_count;
    intake.stripe_next_attempt = invoice.next_payment_attempt;
    intake.customer_email = invoice.customer_email;
    intake.customer_name = invoice.customer_name;
    intake.invoice_number = invoice.number;
    intake.hosted_invoice_url = invoice.hosted_invoice_url;
}

Intake TriageFailure(Intake intake, const stripe::Invoice& invoice) {
    if (invoice.collection_method == "send_invoice")
        return Ignore(intake, "the invoice is not charged automatically");
    if (invoice.status != "open")
        return Ignore(intake, fmt::format("the invoice is {}, not open", invoice.status));
    if (invoice.amount_remaining <= 0) return Ignore(intake, "nothing remains to be paid");
    if (invoice.billing_reason == "subscription_cycle") {
        intake.kind = IntakeKind::kOpen;
        intake.reason = "a renewal failed";
        return intake;
    }
    intake.kind = IntakeKind::kOpen;
    intake.needs_switch = true;
    intake.reason = fmt::format("billing_reason {} is not a renewal", invoice.billing_reason);
    return intake;
}

Intake TriageActionRequired(Intake intake, const stripe::Invoice& invoice) {
    if (invoice.status != "open")
        return Ignore(intake, fmt::format("the invoice is {}, not open", invoice.status));
    intake.kind = IntakeKind::kAsk;
    intake.reason = "the bank wants the customer to confirm the payment";
    return intake;
}

Intake TriagePaid(Intake intake, const stripe::Invoice& invoice) {
    intake.kind = IntakeKind::kPaid;
    intake.signal = "paid";
    intake.reason = "the invoice is paid";
    // Before API version 2025-03-31 money that came in outside Stripe is not in amount_paid.
    bool outside = invoice.paid_out_of_band && invoice.amount_paid == 0;
    intake.amount = outside ? invoice.amount_due : invoice.amount_paid;
    return intake;
}

// An invoice that is not there yet. What is asked: is the card good for it?
Intake TriageUpcoming(Intake intake, const stripe::Invoice& invoice) {
    if (invoice.collection_method == "send_invoice")
        return Ignore(intake, "the coming invoice will not be charged automatically");
    if (invoice.customer.empty() || invoice.subscription.empty())
        return Ignore(intake, "the coming invoice names no customer or no subscription");
    if (invoice.amount_due <= 0) return Ignore(intake, "nothing will be due");
    if (!invoice.next_payment_attempt) return Ignore(intake, "nobody says when it will be charged");
    intake.kind = IntakeKind::kForesee;
    intake.amount = invoice.amount_due;
    intake.reason = "a renewal is near: its card is looked at";
    return intake;
}

Intake TriageInvoice(Intake intake, const stripe::Event& event) {
    CopyInvoice(intake, event.invoice);
    const auto& type = event.type;
    if (type == "invoice.payment_failed") return TriageFailure(std::move(intake), event.invoice);
    if (type == "invoice.payment_action_required")
        return TriageActionRequired(std::move(intake), event.invoice);
    if (type == "invoice.paid" || type == "invoice.payment_succeeded") {
        return TriagePaid(std::move(intake), event.invoice);
    }
    if (type == "invoice.upcoming") return TriageUpcoming(std::move(intake), event.invoice);
    if (type == "invoice.voided" || type == "invoice.deleted") {
        return Stop(std::move(intake), StopScope::kInvoice, "voided", "the invoice is void");
    }
    if (type == "invoice.marked_uncollectible") {
        return Stop(std::move(intake), StopScope::kInvoice, "uncollectible", "the invoice was given up");
    }
    return Ignore(std::move(intake), fmt::format("{} is not acted on", type));
}

Intake TriagePlatform(Intake intake, const stripe::Event& event) {
    if (!event.type.starts_with("customer.subscription.") || event.object_type != "subscription") {
        return Ignore(std::move(intake), "the platform's own event");
    }
    bool ended = event.type == "customer.subscription.deleted" || event.status == "canceled" ||
                 event.status == "unpaid" || event.status == "incomplete_expired";
    intake.kind = IntakeKind::kPlan;
    intake.price_id = event.price;
    intake.price_lookup_key = event.price_lookup_key;
    intake.plan_ended = ended;
    intake.reason = ended ? "the merchant's plan ended" : "the merchant's plan follows its subscription";
    return intake;
}

bool IsNewCard(const stripe::Event& event) {
    if (event.customer.empty()) return false;
    if (event.type == "payment_method.attached" || event.type == "payment_method.automatically_updated")
        return true;
    bool updated = event.type == "customer.updated" || event.type == "customer.subscription.updated";
    return updated && event.default_payment_method_changed;
}

}  // namespace

Intake TriageListed(const stripe::Invoice& invoice, const std::string& account, Time now) {
    Intake intake;
    // The same failure found twice is one; a later failure of the invoice is told by its own event.
    intake.event_id = "sweep_" + invoice.id;
    intake.account = account;
    intake.type = "citadel.sweep";
    intake.created = invoice.created.value_or(now);
    intake.customer_id = invoice.customer;
    intake.subscription_id = invoice.subscription;
    intake.payment_intent_id = invoice.payment_intent;
    CopyInvoice(intake, invoice);
    return TriageFailure(std::move(intake), invoice);
}

Intake Triage(const stripe::Event& event) {
    Intake intake;
    intake.event_id = event.id;
    intake.account = event.account;
    intake.type = event.type;
    intake.created = event.created;
    intake.customer_id = event.customer;
    intake.subscription_id = event.subscription;
    intake.payment_intent_id = event.payment_intent;
    intake.amount = event.amount;
    intake.currency = event.currency;
    intake.own_charge = event.request_idempotency_key.starts_with(kOwnChargePrefix);

    if (event.account.empty()) return TriagePlatform(std::move(intake), event);
    if (event.type == "account.application.deauthorized") {
        intake.kind = IntakeKind::kDisconnect;
        intake.signal = "disconnected";
        intake.reason = "the merchant took the access away";
        return intake;
    }
    if (event.object_type == "invoice") return TriageInvoice(std::move(intake), event);
    if (event.type == "customer.subscription.deleted" && !event.subscription.empty()) {
        return Stop(std::move(intake), StopScope::kSubscription, "subscription_deleted",
                    "the subscription ended");
    }
    if (event.type == "charge.refunded" && !event.payment_intent.empty()) {
        return Stop(std::move(intake), StopScope::kPayment, "refunded", "the payment was refunded");
    }
    if (event.type == "charge.dispute.created" && !event.payment_intent.empty()) {
        return Stop(std::move(intake), StopScope::kPayment, "disputed", "the payment is disputed");
    }
    if (IsNewCard(event)) {
        intake.kind = IntakeKind::kNudge;
        intake.reason = "the customer has a new or refreshed card";
        return intake;
    }
    return Ignore(std::move(intake), fmt::format("{} is not acted on", event.type));
}

}  // namespace citadel::inbox

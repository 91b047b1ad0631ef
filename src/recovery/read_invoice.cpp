#include "recovery/read_invoice.h"

namespace citadel::recovery {

using store::Settlement;

namespace {

// Who brought it back, when no event has told yet: Stripe's own attempts are counted on the invoice.
std::string CauseOf(const store::Work& work, const stripe::Invoice& invoice) {
    return invoice.attempt_count > work.recovery.stripe_attempts ? "stripe_retry" : "customer";
}

store::DeclineFacts FactsOf(const stripe::LiveInvoice& live) {
    return {live.decline_code, live.advice_code, live.network_decline_code, live.network_advice_code};
}

}  // namespace

void Learn(Settlement& settlement, const stripe::LiveInvoice& live) {
    const auto& invoice = live.invoice;
    settlement.payment_intent_id = invoice.payment_intent;
    settlement.customer_email = invoice.customer_email;
    settlement.customer_name = invoice.customer_name;
    settlement.invoice_number = invoice.number;
    settlement.hosted_invoice_url = invoice.hosted_invoice_url;
    settlement.saw_invoice = true;
    settlement.stripe_attempts = invoice.attempt_count;
    settlement.stripe_next_attempt_at = invoice.next_payment_attempt;
    if (live.has_error) settlement.decline = FactsOf(live);
}

void Refresh(store::Work& work, const stripe::LiveInvoice& live, Time now) {
    auto& recovery = work.recovery;
    const auto& invoice = live.invoice;
    // An attempt of Stripe's that no event has told of yet: it may have been this very moment.
    if (invoice.attempt_count > recovery.stripe_attempts) recovery.stripe_attempted_at = now;
    recovery.stripe_next_attempt_at = invoice.next_payment_attempt;
    if (recovery.payment_intent_id.empty()) recovery.payment_intent_id = invoice.payment_intent;
    if (recovery.budget_free_at && *recovery.budget_free_at <= now) recovery.budget_free_at.reset();
    if (!invoice.customer_email.empty()) recovery.customer_email = invoice.customer_email;
    if (!invoice.customer_name.empty()) recovery.customer_name = invoice.customer_name;
    if (!invoice.number.empty()) recovery.invoice_number = invoice.number;
    if (!invoice.hosted_invoice_url.empty()) recovery.hosted_invoice_url = invoice.hosted_invoice_url;
    recovery.customer_locale = live.customer_locale;
    recovery.customer_country = live.customer_country;
    recovery.due = Money{invoice.amount_remaining, invoice.currency};
    if (live.has_error) {
        recovery.decline_code = live.decline_code;
        recovery.advice_code = live.advice_code;
        recovery.network_decline_code = live.network_decline_code;
        recovery.network_advice_code = live.network_advice_code;
    }
}

std::optional<Settlement> EndIfOver(Settlement settlement, const store::Work& work,
                                    const stripe::Invoice& invoice) {
    if (invoice.status == "open" && invoice.amount_remaining > 0) return std::nullopt;
    if (invoice.status == "paid") {
        settlement.cause = CauseOf(work, invoice);
        settlement.recovery_end = store::RecoveryEnd::kRecovered;
        settlement.reason = "paid";
        settlement.recovered = invoice.amount_paid;
        settlement.decisions.push_back(
            {"stop", "stop.paid", "Stripe says the invoice is paid", std::nullopt});
        return Complete(std::move(settlement), "the invoice is paid");
    }
    if (invoice.status == "void") return Stop(std::move(settlement), "voided", "the invoice is void");
    if (invoice.status == "uncollectible") {
        return Stop(std::move(settlement), "uncollectible", "the invoice was given up");
    }
    return Stop(std::move(settlement), "not_collectable",
                fmt::format("the invoice is {} with {} remaining", invoice.status, invoice.amount_remaining));
}

Settlement SettleUnread(Settlement settlement, const store::Work& work, const Clock& clock,
                        const stripe::Failure& failure) {
    auto text =
        fmt::format("the invoice could not be read: {} {}", stripe::NameOf(failure.kind), failure.message);
    bool for_good =
        failure.kind == stripe::FailureKind::kNotFound || failure.kind == stripe::FailureKind::kOutOfReach;
    if (for_good && work.recovery.status != "open") {
        // There is nothing to stop any more, and what is left to be seen to stays so: asked again, but
        // seldom.
        settlement = Defer(std::move(settlement), work, clock, std::move(text));
        settlement.run_again_at = clock.Now() + clock.Stretch(std::chrono::hours(24));
        return settlement;
    }
    if (failure.kind == stripe::FailureKind::kNotFound) return Stop(std::move(settlement), "not_found", text);
    if (failure.kind == stripe::FailureKind::kOutOfReach)
        return Stop(std::move(settlement), "disconnected", text);
    return Defer(std::move(settlement), work, clock, std::move(text));
}

}  // namespace citadel::recovery

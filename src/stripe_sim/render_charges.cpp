// Charges, refunds and disputes.
#include <fmt/format.h>

#include "stripe_sim/declines.h"
#include "stripe_sim/render.h"
#include "stripe_sim/render_balance.h"

namespace citadel::stripe_sim {
namespace {

json::object RenderOutcome(const Charge& charge) {
    auto decline = DeclineFor(charge.decline_code);
    bool failed = !charge.succeeded(), blocked = decline.blocked();
    bool by_network = failed && !blocked;
    json::object outcome;
    outcome["advice_code"] = by_network ? TextOrNull(decline.advice) : nullptr;
    outcome["network_advice_code"] = by_network ? TextOrNull(decline.network_advice()) : nullptr;
    outcome["network_decline_code"] = by_network ? TextOrNull(decline.network_code) : nullptr;
    outcome["reason"] = TextOrNull(charge.decline_code);
    outcome["risk_level"] = blocked ? "highest" : "normal";
    outcome["risk_score"] = blocked ? 92 : failed ? 20 : 5;
    if (blocked) {
        outcome["network_status"] = "not_sent_to_network";
        outcome["seller_message"] = "Stripe blocked this payment as too risky.";
        outcome["type"] = "blocked";
    } else if (failed) {
        outcome["network_status"] = "declined_by_network";
        outcome["seller_message"] =
            fmt::format("The bank returned the decline code `{}`.", charge.decline_code);
        outcome["type"] = "issuer_declined";
    } else {
        outcome["network_status"] = "approved_by_network";
        outcome["seller_message"] = "Payment complete.";
        outcome["type"] = "authorized";
    }
    return outcome;
}

// Fifteen digits, the same for the same charge.
std::string NetworkTransaction(const std::string& charge) {
    return fmt::format("{:015}", std::hash<std::string>()(charge) % 1'000'000'000'000'000);
}

json::value RenderAuthentication(const Charge& charge) {
    if (!charge.authenticated) return nullptr;
    json::object secure;
    secure["authentication_flow"] = "challenge";
    secure["electronic_commerce_indicator"] = "05";
    secure["exemption_indicator"] = nullptr;
    secure["result"] = "authenticated";
    secure["result_reason"] = nullptr;
    secure["transaction_id"] = "3ds_" + charge.id.substr(3);
    secure["version"] = "2.2.0";
    return secure;
}

void FillCard(const Charge& charge, json::object& card) {
    for (auto& [name, value] : RenderCardFacts(charge.card)) card[name] = value;
    card["amount_authorized"] = nullptr;
    if (charge.succeeded()) card["amount_authorized"] = charge.amount;
    card["network"] = charge.card.brand;
    card["network_transaction_id"] = NetworkTransaction(charge.id);
    card["three_d_secure"] = RenderAuthentication(charge);
    card["overcapture"].as_object()["maximum_amount_capturable"] = charge.amount;
    if (charge.succeeded() && !charge.captured)
        card["capture_before"] = ToUnixSeconds(charge.created + std::chrono::days(7));
}

void FillBalanceTransaction(const Charge& charge, json::object& object) {
    object["balance_transaction"] = nullptr;
    if (charge.succeeded() && charge.captured)
        object["balance_transaction"] = BalanceTransactionOf(charge.id);
}

}  // namespace

json::object Render(const View& view, const Charge& charge) {
    auto object = BlankObject(ObjectKind::kCharge, view.shape);
    bool paid = charge.succeeded();
    auto decline = DeclineFor(charge.decline_code);
    object["id"] = charge.id;
    object["amount"] = charge.amount;
    object["amount_captured"] = charge.amount_captured;
    object["amount_refunded"] = charge.amount_refunded;
    FillBalanceTransaction(charge, object);
    object["captured"] = paid && charge.captured;
    object["paid"] = paid;
    object["status"] = paid ? "succeeded" : "failed";
    object["failure_code"] = paid ? json::value(nullptr) : json::value(decline.error_code);
    object["failure_message"] = paid ? json::value(nullptr) : json::value(decline.message);
    object["created"] = ToUnixSeconds(charge.created);
    object["currency"] = charge.currency;
    object["customer"] = TextOrNull(charge.customer);
    object["description"] = TextOrNull(charge.description);
    object["disputed"] = charge.disputed;
    if (!charge.fraud_report.empty()) object["fraud_details"] = {{"user_report", charge.fraud_report}};
    object["metadata"] = RenderMetadata(charge.metadata);
    object["outcome"] = RenderOutcome(charge);
    object["payment_intent"] = TextOrNull(charge.payment_intent);
    object["payment_method"] = TextOrNull(charge.payment_method);
    object["receipt_email"] = TextOrNull(charge.receipt_email);
    object["receipt_url"] = nullptr;
    object["refunded"] = paid && charge.amount_refunded == charge.amount;
    object["shipping"] = RenderShipping(charge.shipping);
    object["statement_descriptor"] = TextOrNull(charge.statement_descriptor);
    object["statement_descriptor_suffix"] = TextOrNull(charge.statement_descriptor_suffix);
    object["transfer_group"] = TextOrNull(charge.transfer_group);
    auto& billing = object["billing_details"].as_object();
    billing["address"] = RenderAddress(charge.billing.address);
    billing["email"] = TextOrNull(charge.billing.email);
    billing["name"] = TextOrNull(charge.billing.name);
    billing["phone"] = TextOrNull(charge.billing.phone);
    FillCard(charge, object["payment_method_details"].as_object()["card"].as_object());
    if (view.shape == Shape::kBeforeBasil) object["invoice"] = TextOrNull(charge.invoice);
    return object;
}

json::object Render(const View& view, const Refund& refund) {
    json::object object;
    object["id"] = refund.id;
    object["object"] = "refund";
    object["amount"] = refund.amount;
    object["balance_transaction"] = BalanceTransactionOf(refund.id);
    object["charge"] = refund.charge;
    object["created"] = ToUnixSeconds(refund.created);
    object["currency"] = refund.currency;
    object["destination_details"] = {{"card",
                                      {{"reference_status", "pending"},
                                       {"reference_type", "acquirer_reference_number"},
                                       {"type", "refund"}}},
                                     {"type", "card"}};
    object["metadata"] = RenderMetadata(refund.metadata);
    object["payment_intent"] = TextOrNull(refund.payment_intent);
    object["reason"] = TextOrNull(refund.reason);
    object["receipt_number"] = nullptr;
    object["source_transfer_reversal"] = nullptr;
    object["status"] = "succeeded";
    object["transfer_reversal"] = nullptr;
    if (view.shape == Shape::kBasil) {
        const auto* charge = view.account.charges.Find(refund.charge);
        object["customer"] = charge ? TextOrNull(charge->customer) : json::value(nullptr);
        object["customer_account"] = nullptr;
        object["payment_method"] = charge ? TextOrNull(charge->payment_method) : json::value(nullptr);
    }
    return object;
}

json::object Render(const View& view, const Dispute& dispute) {
    auto object = BlankObject(ObjectKind::kDispute, view.shape);
    object["id"] = dispute.id;
    object["amount"] = dispute.amount;
    object["charge"] = dispute.charge;
    object["created"] = ToUnixSeconds(dispute.created);
    object["currency"] = dispute.currency;
    object["is_charge_refundable"] = dispute.inquiry && dispute.status != "warning_closed";
    object["metadata"] = RenderMetadata(dispute.metadata);
    object["payment_intent"] = TextOrNull(dispute.payment_intent);
    object["reason"] = dispute.reason;
    object["status"] = dispute.status;
    auto& evidence = object["evidence"].as_object();
    for (const auto& [name, text] : dispute.evidence) evidence[name] = TextOrNull(text);
    auto due = dispute.created + std::chrono::days(10);
    auto& details = object["evidence_details"].as_object();
    details["due_by"] = ToUnixSeconds(due);
    details["has_evidence"] = !dispute.evidence.empty();
    details["past_due"] = view.world.clock.Now() > due;
    details["submission_count"] = dispute.submissions;
    if (view.shape == Shape::kBasil)
        details["submission_method"] = dispute.submissions == 0 ? "not_submitted" : "manual";
    auto& card = object["payment_method_details"].as_object()["card"].as_object();
    card["brand"] = dispute.brand;
    card["case_type"] = dispute.inquiry ? "inquiry" : "chargeback";
    if (view.shape == Shape::kBasil) card["network"] = dispute.brand;
    return object;
}

}  // namespace citadel::stripe_sim

// Payment method, payment intent, charge, refund, dispute, and the event around any of them.
#include <fmt/format.h>

#include "stripe_sim/declines.h"
#include "stripe_sim/render.h"

namespace citadel::stripe_sim {
namespace {

json::object RenderCard(const Card& card) {
    json::object object;
    object["brand"] = card.brand;
    object["country"] = card.country;
    object["exp_month"] = card.exp_month;
    object["exp_year"] = card.exp_year;
    object["fingerprint"] = card.fingerprint;
    object["funding"] = card.funding;
    object["last4"] = card.last4;
    return object;
}

void Merge(json::object& into, json::object from) {
    for (auto& [key, value] : from) into[key] = std::move(value);
}

json::object RenderFailure(const View& view, const PaymentFailure& failure) {
    auto error = RenderDecline(failure.decline_code, failure.charge);
    if (auto method = view.account.payment_methods.Find(failure.payment_method)) {
        error["payment_method"] = Render(view, *method);
    }
    return error;
}

json::object RenderOutcome(const Charge& charge) {
    auto decline = DeclineFor(charge.decline_code);
    bool blocked = charge.decline_code == "highest_risk_level";
    bool failed = !charge.succeeded();
    json::object outcome;
    outcome["advice_code"] = failed && !blocked ? TextOrNull(decline.advice) : nullptr;
    outcome["network_advice_code"] = failed && !blocked ? TextOrNull(decline.network_advice()) : nullptr;
    outcome["network_decline_code"] = failed && !blocked ? TextOrNull(decline.network_code) : nullptr;
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

struct RenderSnapshot {
    const View& view;
    template <typename T>
    json::object operator()(const Copy<T>& object) const {
        return Render(view, *object);
    }
    json::object operator()(const PaymentOf& payment) const {
        return RenderInvoicePayment(view, *payment.invoice);
    }
    json::object operator()(const Application&) const { return RenderApplication(view.world); }
};

}  // namespace

json::object Render(const View& view, const PaymentMethod& method) {
    auto object = BlankObject(ObjectKind::kPaymentMethod, view.shape);
    object["id"] = method.id;
    object["customer"] = TextOrNull(method.customer);
    object["created"] = ToUnixSeconds(method.created);
    object["metadata"] = RenderMetadata(method.metadata);
    auto& billing = object["billing_details"].as_object();
    for (auto name : {"email", "name", "phone"}) billing[name] = nullptr;
    billing["address"] = {{"city", nullptr},  {"country", method.card.country}, {"line1", nullptr},
                          {"line2", nullptr}, {"postal_code", nullptr},         {"state", nullptr}};
    if (const auto* customer = view.account.customers.Find(method.customer)) {
        billing["email"] = TextOrNull(customer->email);
        billing["name"] = TextOrNull(customer->name);
    }
    auto& card = object["card"].as_object();
    Merge(card, RenderCard(method.card));
    card["display_brand"] = method.card.brand;
    card["networks"] = {{"available", json::array{method.card.brand}}, {"preferred", nullptr}};
    return object;
}

json::object Render(const View& view, const PaymentIntent& intent) {
    auto object = BlankObject(ObjectKind::kPaymentIntent, view.shape);
    object["id"] = intent.id;
    object["amount"] = intent.amount;
    object["amount_received"] = intent.status == "succeeded" ? intent.amount : 0;
    object["canceled_at"] = TimeOrNull(intent.canceled_at);
    object["cancellation_reason"] = TextOrNull(intent.cancellation_reason);
    object["client_secret"] = intent.id + "_secret_simulated";
    object["created"] = ToUnixSeconds(intent.created);
    object["currency"] = intent.currency;
    object["customer"] = intent.customer;
    object["last_payment_error"] = nullptr;
    if (intent.last_error) object["last_payment_error"] = RenderFailure(view, *intent.last_error);
    object["latest_charge"] = TextOrNull(intent.latest_charge);
    object["next_action"] = nullptr;
    if (intent.status == "requires_action") {
        object["next_action"] = {{"type", "use_stripe_sdk"},
                                 {"use_stripe_sdk",
                                  {{"type", "three_d_secure_redirect"},
                                   {"stripe_js", view.world.HostedUrl(view.account, intent.invoice)}}}};
    }
    object["payment_method"] = TextOrNull(intent.payment_method);
    object["status"] = intent.status;
    if (view.shape == Shape::kBeforeBasil) object["invoice"] = intent.invoice;
    return object;
}

json::object Render(const View& view, const Charge& charge) {
    auto object = BlankObject(ObjectKind::kCharge, view.shape);
    bool paid = charge.succeeded();
    auto decline = DeclineFor(charge.decline_code);
    object["id"] = charge.id;
    object["amount"] = charge.amount;
    object["amount_captured"] = paid ? charge.amount : 0;
    object["amount_refunded"] = charge.amount_refunded;
    object["balance_transaction"] = nullptr;
    if (paid) object["balance_transaction"] = "txn_3" + charge.id.substr(4);
    object["captured"] = paid;
    object["paid"] = paid;
    object["status"] = paid ? "succeeded" : "failed";
    object["failure_code"] = paid ? json::value(nullptr) : json::value(decline.error_code);
    object["failure_message"] = paid ? json::value(nullptr) : json::value(decline.message);
    object["created"] = ToUnixSeconds(charge.created);
    object["currency"] = charge.currency;
    object["customer"] = charge.customer;
    object["disputed"] = charge.disputed;
    object["refunded"] = paid && charge.amount_refunded == charge.amount;
    object["payment_intent"] = charge.payment_intent;
    object["payment_method"] = charge.payment_method;
    object["outcome"] = RenderOutcome(charge);
    auto& billing = object["billing_details"].as_object();
    billing["email"] = TextOrNull(charge.email);
    billing["name"] = TextOrNull(charge.name);
    auto& card = object["payment_method_details"].as_object()["card"].as_object();
    Merge(card, RenderCard(charge.card));
    card["network"] = charge.card.brand;
    card["network_transaction_id"] =
        std::to_string(std::hash<std::string>()(charge.id) % 1'000'000'000'000'000);
    card["overcapture"].as_object()["maximum_amount_capturable"] = charge.amount;
    if (view.shape == Shape::kBeforeBasil) object["invoice"] = charge.invoice;
    return object;
}

json::object Render(const View& view, const Refund& refund) {
    json::object object;
    object["id"] = refund.id;
    object["object"] = "refund";
    object["amount"] = refund.amount;
    object["balance_transaction"] = "txn_3" + refund.id.substr(4);
    object["charge"] = refund.charge;
    object["created"] = ToUnixSeconds(refund.created);
    object["currency"] = refund.currency;
    object["metadata"] = json::object();
    object["payment_intent"] = refund.payment_intent;
    object["reason"] = TextOrNull(refund.reason);
    object["receipt_number"] = nullptr;
    object["source_transfer_reversal"] = nullptr;
    object["status"] = "succeeded";
    object["transfer_reversal"] = nullptr;
    if (view.shape == Shape::kBasil) {
        const auto* charge = view.account.charges.Find(refund.charge);
        object["customer"] = charge ? json::value(charge->customer) : json::value(nullptr);
        object["customer_account"] = nullptr;
        object["payment_method"] = charge ? json::value(charge->payment_method) : json::value(nullptr);
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
    object["payment_intent"] = dispute.payment_intent;
    object["evidence_details"].as_object()["due_by"] = ToUnixSeconds(dispute.created + std::chrono::days(10));
    auto& card = object["payment_method_details"].as_object()["card"].as_object();
    card["brand"] = dispute.brand;
    if (view.shape == Shape::kBasil) card["network"] = dispute.brand;
    return object;
}

json::object Render(const View& view, const Event& event) {
    return RenderFor(view, event, event.api_version, &view.account != view.world.platform.get());
}

json::object RenderFor(const View& view, const Event& event, std::string_view api_version,
                       bool name_account) {
    View then{view.world, view.account, ShapeOf(api_version)};
    json::object payload;
    payload["object"] = std::visit(RenderSnapshot{then}, event.object);
    if (!event.previous.empty()) payload["previous_attributes"] = event.previous;
    json::object object;
    object["id"] = event.id;
    object["object"] = "event";
    if (name_account) object["account"] = event.account;
    object["api_version"] = api_version;
    object["created"] = ToUnixSeconds(event.created);
    object["data"] = std::move(payload);
    object["livemode"] = false;
    object["pending_webhooks"] = event.pending.size();
    object["request"] = {{"id", TextOrNull(event.request_id)},
                         {"idempotency_key", TextOrNull(event.idempotency_key)}};
    object["type"] = event.type;
    return object;
}

json::object RenderDecline(const std::string& decline_code, const std::string& charge) {
    auto decline = DeclineFor(decline_code);
    std::string page(decline.error_code);
    std::ranges::replace(page, '_', '-');
    json::object error;
    if (!decline.advice.empty()) error["advice_code"] = decline.advice;
    error["charge"] = charge;
    error["code"] = decline.error_code;
    error["decline_code"] = decline.code;
    error["doc_url"] = "https://stripe.com/docs/error-codes/" + page;
    error["message"] = decline.message;
    if (!decline.network_advice().empty()) error["network_advice_code"] = decline.network_advice();
    if (!decline.network_code.empty()) error["network_decline_code"] = decline.network_code;
    error["type"] = "card_error";
    return error;
}

}  // namespace citadel::stripe_sim

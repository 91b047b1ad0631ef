// /v1/charges and /v1/refunds.
#include <fmt/format.h>

#include "stripe_sim/api_fields.h"
#include "stripe_sim/api_list.h"
#include "stripe_sim/api_search.h"
#include "stripe_sim/change.h"
#include "stripe_sim/refunds.h"

namespace citadel::stripe_sim {
namespace {

Charge& ChargeIn(ApiCall& call) { return FindOr404(call.account.charges, "charge", call.captures.at(0)); }

json::object GetCharge(ApiCall& call) { return Render(call.view, ChargeIn(call)); }

json::object ListCharges(ApiCall& call) {
    auto intent = call.params.Text("payment_intent"), customer = call.params.Text("customer");
    auto group = call.params.Text("transfer_group");
    auto keep = [&](const Charge& charge) {
        return (!intent || charge.payment_intent == *intent) && (!customer || charge.customer == *customer) &&
               (!group || charge.transfer_group == *group) && call.params.InRange("created", charge.created);
    };
    return ListOf(call, "/v1/charges", call.account.charges.all(), keep);
}

json::object UpdateCharge(ApiCall& call) {
    auto& charge = ChargeIn(call);
    Change change(call.world, call.account, charge);
    ReadText(call.params, "description", charge.description);
    ReadText(call.params, "receipt_email", charge.receipt_email);
    ReadText(call.params, "transfer_group", charge.transfer_group);
    ReadMetadata(call.params, charge.metadata);
    ReadShipping(call.params, "shipping", charge.shipping);
    if (auto report = call.params.OneOf("fraud_details[user_report]", {"safe", "fraudulent"}))
        charge.fraud_report = *report;
    change.Tell("charge.updated", call.cause);
    return Render(call.view, charge);
}

Charge& ChargeToRefund(ApiCall& call) {
    auto id = call.params.TextOr("charge");
    if (auto intent_id = call.params.TextOr("payment_intent"); !intent_id.empty()) {
        id = FindOr404(call.account.payment_intents, "payment_intent", intent_id, "payment_intent")
                 .latest_charge;
        if (id.empty()) {
            throw InvalidRequest(
                400, "",
                fmt::format("This PaymentIntent ({}) does not have a successful charge to refund.",
                            intent_id),
                "payment_intent");
        }
    }
    if (id.empty()) {
        throw BadParameter("parameter_missing",
                           "One of the following params should be provided for this request: "
                           "payment_intent or charge.",
                           "charge");
    }
    auto& charge = FindOr404(call.account.charges, "charge", id, "charge");
    if (!charge.succeeded()) {
        throw InvalidRequest(400, "", fmt::format("Charge {} cannot be refunded: it did not succeed.", id),
                             "charge");
    }
    return charge;
}

std::int64_t AmountToRefund(const ApiCall& call, const Charge& charge) {
    auto left = charge.amount - charge.amount_refunded;
    if (left == 0) {
        throw InvalidRequest(400, "charge_already_refunded",
                             fmt::format("Charge {} has already been refunded.", charge.id));
    }
    auto amount = call.params.Number("amount").value_or(left);
    if (amount < 1) {
        throw BadParameter("parameter_invalid_integer", "This value must be greater than or equal to 1.",
                           "amount");
    }
    if (amount > left) {
        throw InvalidRequest(
            400, "",
            fmt::format("Refund amount ({}) is greater than unrefunded amount on charge ({})", amount, left),
            "amount");
    }
    return amount;
}

// An inquiry has taken no money yet, so the merchant may still give it back himself.
bool IsChargedBack(const Account& account, const Charge& charge) {
    auto took_it = [&](const Dispute& dispute) {
        return dispute.charge == charge.id && !dispute.inquiry && dispute.status != "won";
    };
    return charge.disputed && std::ranges::any_of(account.disputes.all(), took_it);
}

json::object CreateRefund(ApiCall& call) {
    auto& charge = ChargeToRefund(call);
    if (IsChargedBack(call.account, charge)) {
        throw InvalidRequest(
            400, "charge_disputed",
            fmt::format("Charge {} has been charged back; cannot issue a refund.", charge.id));
    }
    RefundOrder order;
    order.amount = AmountToRefund(call, charge);
    order.reason =
        call.params.OneOf("reason", {"duplicate", "fraudulent", "requested_by_customer"}).value_or("");
    ReadMetadata(call.params, order.metadata);
    return Render(call.view, RefundCharge(call.world, call.account, charge, std::move(order), call.cause));
}

Refund& RefundIn(ApiCall& call) { return FindOr404(call.account.refunds, "refund", call.captures.at(0)); }

json::object GetRefund(ApiCall& call) { return Render(call.view, RefundIn(call)); }

// Stripe tells the one change under two names.
json::object UpdateRefund(ApiCall& call) {
    auto& refund = RefundIn(call);
    Change change(call.world, call.account, refund);
    ReadMetadata(call.params, refund.metadata);
    for (auto type : {"charge.refund.updated", "refund.updated"}) change.Tell(type, call.cause);
    return Render(call.view, refund);
}

json::object ListRefunds(ApiCall& call) {
    auto charge = call.params.Text("charge"), intent = call.params.Text("payment_intent");
    auto keep = [&](const Refund& refund) {
        return (!charge || refund.charge == *charge) && (!intent || refund.payment_intent == *intent) &&
               call.params.InRange("created", refund.created);
    };
    return ListOf(call, "/v1/refunds", call.account.refunds.all(), keep);
}

json::object SearchCharges(ApiCall& call) {
    return SearchIn(call, "/v1/charges/search", call.account.charges.all(),
                    "amount created currency customer disputed metadata refunded status");
}

constexpr ApiRoute kRoutes[] = {
    {"GET", "/v1/charges",
     "limit starting_after ending_before payment_intent customer created transfer_group", ListCharges},
    {"GET", "/v1/charges/search", "query limit page", SearchCharges},
    {"GET", "/v1/charges/{}", "", GetCharge},
    {"POST", "/v1/charges/{}",
     "description fraud_details[user_report] metadata receipt_email shipping transfer_group", UpdateCharge},
    {"POST", "/v1/refunds", "charge payment_intent amount reason metadata", CreateRefund},
    {"GET", "/v1/refunds", "limit starting_after ending_before charge payment_intent created", ListRefunds},
    {"GET", "/v1/refunds/{}", "", GetRefund},
    {"POST", "/v1/refunds/{}", "metadata", UpdateRefund}};

}  // namespace

std::span<const ApiRoute> ChargeRoutes() { return kRoutes; }

}  // namespace citadel::stripe_sim

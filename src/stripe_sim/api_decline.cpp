#include "stripe_sim/api_decline.h"

#include <fmt/format.h>

namespace citadel::stripe_sim {
namespace {

// Completes an error that says why.
ApiError Refused(const ApiCall& call, const PaymentMethod& method, json::object why) {
    ApiError made;
    made.status = 402;
    made.error = std::move(why);
    made.error["payment_method"] = Render(call.view, method);
    made.error["request_log_url"] =
        fmt::format("https://dashboard.stripe.com/{}/test/workbench/logs?object={}", call.account.id,
                    call.cause.request_id);
    return made;
}

ApiError PaymentFailed(const ApiCall& call, const PaymentIntent& intent, const PaymentMethod& method,
                       json::object why) {
    why["payment_intent"] = Render(call.view, intent);
    return Refused(call, method, std::move(why));
}

json::object InvoiceNeedsAction() {
    json::object why;
    why["code"] = "invoice_payment_intent_requires_action";
    why["doc_url"] = "https://stripe.com/docs/error-codes/invoice-payment-intent-requires-action";
    why["message"] =
        "This payment requires additional user action before it can be completed successfully. Payment can "
        "be completed using the PaymentIntent associated with the invoice.";
    why["type"] = "card_error";
    return why;
}

}  // namespace

ApiError CardRefused(const ApiCall& call, const PaymentMethod& method, const std::string& decline_code) {
    return Refused(call, method, RenderDecline(decline_code, ""));
}

ApiError DeclineOf(const ApiCall& call, const PaymentIntent& intent, const PaymentMethod& method,
                   const PayResult& result) {
    return PaymentFailed(call, intent, method, RenderDecline(result.decline_code, result.charge));
}

ApiError DeclineOf(const ApiCall& call, const Invoice& invoice, const PaymentMethod& method,
                   const PayResult& result) {
    const auto& intent = *call.account.payment_intents.Find(invoice.payment_intent);
    if (result.outcome != AttemptOutcome::kRequiresAction) return DeclineOf(call, intent, method, result);
    return PaymentFailed(call, intent, method, InvoiceNeedsAction());
}

}  // namespace citadel::stripe_sim

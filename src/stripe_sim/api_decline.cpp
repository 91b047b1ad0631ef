#include "stripe_sim/api_decline.h"

#include <fmt/format.h>

namespace citadel::stripe_sim {

ApiError DeclineOf(const ApiCall& call, const Invoice& invoice, const PaymentMethod& method,
                   const PayResult& result) {
    ApiError made;
    made.status = 402;
    if (result.outcome == AttemptOutcome::kRequiresAction) {
        made.error["code"] = "invoice_payment_intent_requires_action";
        made.error["doc_url"] = "https://stripe.com/docs/error-codes/invoice-payment-intent-requires-action";
        made.error["message"] =
            "This payment requires additional user action before it can be completed successfully. Payment "
            "can be "
            "completed using the PaymentIntent associated with the invoice.";
        made.error["type"] = "card_error";
    } else {
        made.error = RenderDecline(result.decline_code, result.charge);
    }
    made.error["payment_intent"] =
        Render(call.view, *call.account.payment_intents.Find(invoice.payment_intent));
    made.error["payment_method"] = Render(call.view, method);
    made.error["request_log_url"] =
        fmt::format("https://dashboard.stripe.com/{}/test/workbench/logs?object={}", call.account.id,
                    call.cause.request_id);
    return made;
}

}  // namespace citadel::stripe_sim

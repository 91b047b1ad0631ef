// /v1/payment_intents.
#include <fmt/format.h>

#include "stripe_sim/api_decline.h"
#include "stripe_sim/api_fields.h"
#include "stripe_sim/api_intents.h"
#include "stripe_sim/api_list.h"
#include "stripe_sim/api_search.h"
#include "stripe_sim/api_values.h"
#include "stripe_sim/change.h"
#include "stripe_sim/intents.h"

namespace citadel::stripe_sim {
namespace {

PaymentIntent& IntentIn(ApiCall& call) {
    return FindOr404(call.account.payment_intents, "payment_intent", call.captures.at(0), "intent");
}

ApiError Unexpected(const ApiCall& call, const PaymentIntent& intent, std::string message) {
    auto made = InvalidRequest(400, "payment_intent_unexpected_state", std::move(message));
    made.error["payment_intent"] = Render(call.view, intent);
    return made;
}

void RequireStatus(const ApiCall& call, const PaymentIntent& intent, std::string_view deed,
                   std::initializer_list<std::string_view> statuses) {
    if (std::ranges::find(statuses, intent.status) != statuses.end()) return;
    std::string list;
    for (auto status : statuses) list += fmt::format("{}{}", list.empty() ? "" : ", ", status);
    throw Unexpected(call, intent,
                     fmt::format("This PaymentIntent could not be {0} because it has a status of {1}. Only a "
                                 "PaymentIntent with one of the following statuses may be {0}: {2}.",
                                 deed, intent.status, list));
}

void ReadAmount(const Params& params, PaymentIntent& intent) {
    constexpr std::int64_t kMost = 99'999'999;
    auto amount = params.Number("amount");
    if (!amount) return;
    if (*amount < 1)
        throw BadParameter("parameter_invalid_integer", "This value must be greater than or equal to 1.",
                           "amount");
    if (*amount > kMost)
        throw BadParameter("amount_too_large", "Amount must be no more than $999,999.99", "amount");
    intent.amount = *amount;
}

// What may be set at creation and changed until it is paid.
void ReadTerms(const Params& params, PaymentIntent& intent) {
    ReadText(params, "description", intent.description);
    ReadText(params, "receipt_email", intent.receipt_email);
    ReadText(params, "statement_descriptor", intent.statement_descriptor);
    ReadText(params, "statement_descriptor_suffix", intent.statement_descriptor_suffix);
    ReadText(params, "transfer_group", intent.transfer_group);
    ReadMetadata(params, intent.metadata);
    ReadShipping(params, "shipping", intent.shipping);
    if (auto usage = params.OneOf("setup_future_usage", {"off_session", "on_session"}))
        intent.setup_future_usage = *usage;
    else if (params.Text("setup_future_usage")) intent.setup_future_usage.clear();
    if (auto method = params.OneOf("capture_method", {"automatic", "automatic_async", "manual"}))
        intent.capture_method = *method;
}

void ReadCustomer(ApiCall& call, PaymentIntent& intent) {
    auto id = call.params.Text("customer");
    if (!id || id->empty()) return;
    intent.customer = FindOr404(call.account.customers, "customer", *id, "customer").id;
}

void PutMethod(PaymentIntent& intent, const PaymentMethod& method) {
    if (intent.payment_method != method.id) intent.confirmed_by_payer = false;
    intent.payment_method = method.id;
    bool waiting = intent.status == "requires_payment_method" || intent.status == "requires_action";
    if (waiting) intent.status = "requires_confirmation";
}

json::object Confirm(ApiCall& call, PaymentIntent& intent) {
    auto* method = call.account.payment_methods.Find(intent.payment_method);
    if (!method) {
        throw Unexpected(
            call, intent,
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can "
            "either update the PaymentIntent with a payment method and then confirm it again, or "
            "confirm it again directly with a payment method or ConfirmationToken.");
    }
    Confirmation order;
    order.method = method;
    order.off_session = SaysOffSession(call.params);
    order.cause = call.cause;
    // With use_stripe_sdk the client's own script leads the payer, without it a redirect does.
    bool script = call.params.Flag("use_stripe_sdk").value_or(false);
    intent.return_url = script ? "" : call.params.TextOr("return_url");
    auto result = ConfirmIntent(call.world, call.account, intent, order);
    if (result.outcome == AttemptOutcome::kDeclined) throw DeclineOf(call, intent, *method, result);
    bool refused = result.outcome == AttemptOutcome::kRequiresAction &&
                   call.params.Flag("error_on_requires_action").value_or(false);
    if (!refused) return Render(call.view, intent);
    CancelIntent(call.world, call.account, intent, "", call.cause);
    throw DeclineOf(call, intent, *method, {AttemptOutcome::kDeclined, "authentication_required", ""});
}

PaymentIntent& Open(ApiCall& call, PaymentIntent intent) {
    intent.id = call.world.NewId("pi_3");
    return OpenIntent(call.world, call.account, std::move(intent), call.cause);
}

json::object CreateIntent(ApiCall& call) {
    PaymentIntent intent;
    call.params.Required("amount");
    ReadAmount(call.params, intent);
    intent.currency = ReadCurrency(call.params, "currency");
    bool confirm = call.params.Flag("confirm").value_or(false);
    if (call.params.Text("off_session") && !confirm)
        throw BadParameter("", "You can only set `off_session` when `confirm` is true.", "off_session");
    ReadTerms(call.params, intent);
    ReadCustomer(call, intent);
    if (auto manner = call.params.OneOf("confirmation_method", {"automatic", "manual"}))
        intent.confirmation_method = *manner;
    ReadMethodTypes(call.params, intent);
    if (auto* method = MethodOfIntent(call, intent.customer)) PutMethod(intent, *method);
    auto& opened = Open(call, std::move(intent));
    return confirm ? Confirm(call, opened) : Render(call.view, opened);
}

json::object GetIntent(ApiCall& call) {
    const auto& intent = IntentIn(call);
    auto secret = call.params.Text("client_secret");
    if (secret && *secret != ClientSecretOf(intent.id)) {
        throw InvalidRequest(400, "payment_intent_invalid_parameter",
                             "The client_secret provided does not match the client_secret associated with "
                             "this PaymentIntent.",
                             "client_secret");
    }
    return Render(call.view, intent);
}

json::object UpdateIntent(ApiCall& call) {
    auto& intent = IntentIn(call);
    bool open = intent.status.starts_with("requires_") && intent.status != "requires_capture";
    if (!open && (call.params.Text("amount") || call.params.Text("currency") || NamesMethod(call.params)))
        RequireStatus(call, intent, "updated",
                      {"requires_payment_method", "requires_confirmation", "requires_action"});
    ReadAmount(call.params, intent);
    if (call.params.Text("currency")) intent.currency = ReadCurrency(call.params, "currency");
    ReadTerms(call.params, intent);
    ReadCustomer(call, intent);
    if (call.params.List("payment_method_types").size() > 0) ReadMethodTypes(call.params, intent);
    if (auto* method = MethodOfIntent(call, intent.customer)) PutMethod(intent, *method);
    return Render(call.view, intent);
}

json::object ConfirmOpenIntent(ApiCall& call) {
    auto& intent = IntentIn(call);
    if (intent.status == "succeeded") {
        throw Unexpected(call, intent,
                         "You cannot confirm this PaymentIntent because it has already succeeded after being "
                         "previously confirmed.");
    }
    RequireStatus(call, intent, "confirmed",
                  {"requires_payment_method", "requires_confirmation", "requires_action"});
    ReadTerms(call.params, intent);
    if (auto* method = MethodOfIntent(call, intent.customer)) PutMethod(intent, *method);
    return Confirm(call, intent);
}

json::object Capture(ApiCall& call) {
    auto& intent = IntentIn(call);
    RequireStatus(call, intent, "captured", {"requires_capture"});
    auto amount = call.params.Number("amount_to_capture").value_or(intent.amount_capturable);
    if (amount < 1 || amount > intent.amount_capturable) {
        throw InvalidRequest(400, "amount_too_large",
                             fmt::format("The amount_to_capture ({}) must be between 1 and the capturable "
                                         "amount ({}).",
                                         amount, intent.amount_capturable),
                             "amount_to_capture");
    }
    ReadText(call.params, "statement_descriptor", intent.statement_descriptor);
    ReadText(call.params, "statement_descriptor_suffix", intent.statement_descriptor_suffix);
    ReadMetadata(call.params, intent.metadata);
    CaptureIntent(call.world, call.account, intent, amount, call.cause);
    return Render(call.view, intent);
}

json::object Cancel(ApiCall& call) {
    auto& intent = IntentIn(call);
    if (!intent.invoice.empty()) {
        throw Unexpected(
            call, intent,
            "You cannot cancel a PaymentIntent created by an invoice. Void the invoice instead.");
    }
    auto reason = call.params.OneOf("cancellation_reason",
                                    {"duplicate", "fraudulent", "requested_by_customer", "abandoned"});
    RequireStatus(call, intent, "canceled",
                  {"requires_payment_method", "requires_capture", "requires_confirmation", "requires_action",
                   "processing"});
    CancelIntent(call.world, call.account, intent, reason.value_or(""), call.cause);
    return Render(call.view, intent);
}

json::object ListIntents(ApiCall& call) {
    auto customer = call.params.Text("customer");
    auto keep = [&](const PaymentIntent& intent) {
        return (!customer || intent.customer == *customer) && call.params.InRange("created", intent.created);
    };
    return ListOf(call, "/v1/payment_intents", call.account.payment_intents.all(), keep);
}

json::object SearchIntents(ApiCall& call) {
    return SearchIn(call, "/v1/payment_intents/search", call.account.payment_intents.all(),
                    "amount created currency customer metadata status");
}

constexpr ApiRoute kRoutes[] = {
    {"POST", "/v1/payment_intents",
     "amount currency automatic_payment_methods[enabled] automatic_payment_methods[allow_redirects] "
     "capture_method confirm confirmation_method customer description error_on_requires_action metadata "
     "off_session payment_method payment_method_data payment_method_types receipt_email return_url "
     "setup_future_usage shipping statement_descriptor statement_descriptor_suffix transfer_group "
     "use_stripe_sdk",
     CreateIntent},
    {"GET", "/v1/payment_intents", "limit starting_after ending_before customer created", ListIntents},
    {"GET", "/v1/payment_intents/search", "query limit page", SearchIntents},
    {"GET", "/v1/payment_intents/{}", "client_secret", GetIntent},
    {"POST", "/v1/payment_intents/{}",
     "amount currency capture_method customer description metadata payment_method payment_method_data "
     "payment_method_types receipt_email setup_future_usage shipping statement_descriptor "
     "statement_descriptor_suffix transfer_group",
     UpdateIntent},
    {"POST", "/v1/payment_intents/{}/confirm",
     "capture_method error_on_requires_action off_session payment_method payment_method_data "
     "receipt_email return_url setup_future_usage shipping use_stripe_sdk",
     ConfirmOpenIntent},
    {"POST", "/v1/payment_intents/{}/capture",
     "amount_to_capture metadata statement_descriptor statement_descriptor_suffix", Capture},
    {"POST", "/v1/payment_intents/{}/cancel", "cancellation_reason", Cancel}};

}  // namespace

std::span<const ApiRoute> PaymentIntentRoutes() { return kRoutes; }

}  // namespace citadel::stripe_sim

// /v1/setup_intents.
#include <fmt/format.h>

#include "stripe_sim/api_fields.h"
#include "stripe_sim/api_intents.h"
#include "stripe_sim/api_list.h"
#include "stripe_sim/change.h"
#include "stripe_sim/intents.h"

namespace citadel::stripe_sim {
namespace {

SetupIntent& IntentIn(ApiCall& call) {
    return FindOr404(call.account.setup_intents, "setupintent", call.captures.at(0), "intent");
}

void RequireOpen(const ApiCall& call, const SetupIntent& intent, std::string_view deed) {
    if (intent.status.starts_with("requires_")) return;
    auto made = InvalidRequest(
        400, "setup_intent_unexpected_state",
        fmt::format("You cannot {} this SetupIntent because it has a status of {}.", deed, intent.status));
    made.error["setup_intent"] = Render(call.view, intent);
    throw made;
}

void ReadTerms(ApiCall& call, SetupIntent& intent) {
    ReadText(call.params, "description", intent.description);
    ReadMetadata(call.params, intent.metadata);
    if (auto id = call.params.Text("customer"); id && !id->empty())
        intent.customer = FindOr404(call.account.customers, "customer", *id, "customer").id;
    if (auto* method = MethodOfIntent(call, intent.customer)) {
        intent.payment_method = method->id;
        intent.status = "requires_confirmation";
    }
}

json::object Confirm(ApiCall& call, SetupIntent& intent) {
    auto* method = call.account.payment_methods.Find(intent.payment_method);
    if (!method) {
        auto made =
            InvalidRequest(400, "setup_intent_unexpected_state",
                           "You cannot confirm this SetupIntent because it's missing a payment method. "
                           "Update the SetupIntent with a payment method and then confirm it again.");
        made.error["setup_intent"] = Render(call.view, intent);
        throw made;
    }
    Confirmation order;
    order.method = method;
    order.cause = call.cause;
    // With use_stripe_sdk the client's own script leads the payer, without it a redirect does.
    bool script = call.params.Flag("use_stripe_sdk").value_or(false);
    intent.return_url = script ? "" : call.params.TextOr("return_url");
    auto refusal = ConfirmSetup(call.world, call.account, intent, order);
    if (refusal.empty()) return Render(call.view, intent);
    auto refused = CardRefused(call, *method, refusal);
    refused.error["setup_intent"] = Render(call.view, intent);
    throw refused;
}

json::object CreateSetup(ApiCall& call) {
    SetupIntent intent;
    ReadMethodTypes(call.params, intent);
    ReadTerms(call, intent);
    if (auto usage = call.params.OneOf("usage", {"off_session", "on_session"})) intent.usage = *usage;
    auto& opened = OpenSetup(call.world, call.account, std::move(intent), call.cause);
    bool confirm = call.params.Flag("confirm").value_or(false);
    return confirm ? Confirm(call, opened) : Render(call.view, opened);
}

json::object GetSetup(ApiCall& call) { return Render(call.view, IntentIn(call)); }

json::object ListSetups(ApiCall& call) {
    auto customer = call.params.Text("customer"), method = call.params.Text("payment_method");
    auto keep = [&](const SetupIntent& intent) {
        return (!customer || intent.customer == *customer) && (!method || intent.payment_method == *method) &&
               call.params.InRange("created", intent.created);
    };
    return ListOf(call, "/v1/setup_intents", call.account.setup_intents.all(), keep);
}

json::object UpdateSetup(ApiCall& call) {
    auto& intent = IntentIn(call);
    if (NamesMethod(call.params)) RequireOpen(call, intent, "update");
    ReadTerms(call, intent);
    return Render(call.view, intent);
}

json::object ConfirmOpenSetup(ApiCall& call) {
    auto& intent = IntentIn(call);
    RequireOpen(call, intent, "confirm");
    ReadTerms(call, intent);
    return Confirm(call, intent);
}

json::object Cancel(ApiCall& call) {
    auto& intent = IntentIn(call);
    RequireOpen(call, intent, "cancel");
    auto reason =
        call.params.OneOf("cancellation_reason", {"abandoned", "requested_by_customer", "duplicate"});
    CancelSetup(call.world, call.account, intent, reason.value_or(""), call.cause);
    return Render(call.view, intent);
}

constexpr ApiRoute kRoutes[] = {
    {"POST", "/v1/setup_intents",
     "automatic_payment_methods[enabled] automatic_payment_methods[allow_redirects] confirm customer "
     "description metadata payment_method payment_method_data payment_method_types return_url usage "
     "use_stripe_sdk",
     CreateSetup},
    {"GET", "/v1/setup_intents", "limit starting_after ending_before customer payment_method created",
     ListSetups},
    {"GET", "/v1/setup_intents/{}", "client_secret", GetSetup},
    {"POST", "/v1/setup_intents/{}", "customer description metadata payment_method payment_method_data",
     UpdateSetup},
    {"POST", "/v1/setup_intents/{}/confirm", "payment_method payment_method_data return_url use_stripe_sdk",
     ConfirmOpenSetup},
    {"POST", "/v1/setup_intents/{}/cancel", "cancellation_reason", Cancel}};

}  // namespace

std::span<const ApiRoute> SetupIntentRoutes() { return kRoutes; }

}  // namespace citadel::stripe_sim

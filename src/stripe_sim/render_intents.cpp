// Payment intents, setup intents, and the failures that stand in them and in error answers.
#include <fmt/format.h>

#include <algorithm>

#include "base/random.h"
#include "stripe_sim/declines.h"
#include "stripe_sim/render.h"

namespace citadel::stripe_sim {
namespace {

// Where the payer confirms: a redirect if the client said where to come back to, else by Stripe's own
// script, of which a simulator has only the name.
json::value RenderNextAction(const View& view, const std::string& intent, const std::string& return_url) {
    auto page = fmt::format("{}/authenticate/{}/{}", view.world.base_url, view.account.id, intent);
    json::object action;
    if (return_url.empty()) {
        action["type"] = "use_stripe_sdk";
        action["use_stripe_sdk"] = {{"type", "three_d_secure_redirect"}, {"stripe_js", page}};
    } else {
        action["type"] = "redirect_to_url";
        action["redirect_to_url"] = {{"return_url", return_url}, {"url", page}};
    }
    return action;
}

json::array RenderTypes(const std::vector<std::string>& types) {
    return json::array(types.begin(), types.end());
}

void FillAutomaticMethods(const std::optional<AutomaticMethods>& automatic, json::object& object) {
    object["automatic_payment_methods"] = nullptr;
    object["payment_method_configuration_details"] = nullptr;
    if (!automatic) return;
    object["automatic_payment_methods"] = {{"allow_redirects", automatic->allow_redirects},
                                           {"enabled", true}};
    object["payment_method_configuration_details"] = {{"id", "pmc_1Simulated"}, {"parent", nullptr}};
}

json::object RenderAuthenticationFailure(std::string_view code) {
    std::string page(code);
    std::ranges::replace(page, '_', '-');
    json::object error;
    error["code"] = code;
    error["doc_url"] = "https://stripe.com/docs/error-codes/" + page;
    error["message"] =
        "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new "
        "PaymentMethod to attempt to fulfill this intent again.";
    error["type"] = "invalid_request_error";
    return error;
}

json::value FailureOrNull(const View& view, const std::optional<PaymentFailure>& failure) {
    if (!failure) return nullptr;
    return RenderFailure(view, *failure);
}

}  // namespace

std::string ClientSecretOf(const std::string& intent) {
    Random random(std::hash<std::string>()(intent));
    return fmt::format("{}_secret_{:016x}{:08x}", intent, random.Next(), random.Below(0x100000000));
}

json::object RenderFailure(const View& view, const PaymentFailure& failure) {
    auto error = failure.decline_code.empty()
                     ? RenderAuthenticationFailure(failure.setup ? "setup_intent_authentication_failure"
                                                                 : "payment_intent_authentication_failure")
                     : RenderDecline(failure.decline_code, failure.charge);
    if (auto method = view.account.payment_methods.Find(failure.payment_method)) {
        error["payment_method"] = Render(view, *method);
    }
    return error;
}

json::object RenderDecline(const std::string& decline_code, const std::string& charge) {
    auto decline = DeclineFor(decline_code);
    std::string page(decline.error_code);
    std::ranges::replace(page, '_', '-');
    json::object error;
    if (!decline.advice.empty()) error["advice_code"] = decline.advice;
    if (!charge.empty()) error["charge"] = charge;
    error["code"] = decline.error_code;
    error["decline_code"] = decline.code;
    error["doc_url"] = "https://stripe.com/docs/error-codes/" + page;
    error["message"] = decline.message;
    if (!decline.network_advice().empty()) error["network_advice_code"] = decline.network_advice();
    if (!decline.network_code.empty()) error["network_decline_code"] = decline.network_code;
    error["type"] = "card_error";
    return error;
}

json::object Render(const View& view, const PaymentIntent& intent) {
    auto object = BlankObject(ObjectKind::kPaymentIntent, view.shape);
    object["id"] = intent.id;
    object["amount"] = intent.amount;
    object["amount_capturable"] = intent.amount_capturable;
    object["amount_received"] = intent.amount_received;
    FillAutomaticMethods(intent.automatic_methods, object);
    object["canceled_at"] = TimeOrNull(intent.canceled_at);
    object["cancellation_reason"] = TextOrNull(intent.cancellation_reason);
    object["capture_method"] = intent.capture_method;
    object["client_secret"] = ClientSecretOf(intent.id);
    object["confirmation_method"] = intent.confirmation_method;
    object["created"] = ToUnixSeconds(intent.created);
    object["currency"] = intent.currency;
    object["customer"] = TextOrNull(intent.customer);
    object["description"] = TextOrNull(intent.description);
    object["last_payment_error"] = FailureOrNull(view, intent.last_error);
    object["latest_charge"] = TextOrNull(intent.latest_charge);
    object["metadata"] = RenderMetadata(intent.metadata);
    object["next_action"] = nullptr;
    if (intent.status == "requires_action")
        object["next_action"] = RenderNextAction(view, intent.id, intent.return_url);
    object["payment_method"] = TextOrNull(intent.payment_method);
    object["payment_method_types"] = RenderTypes(intent.method_types);
    object["receipt_email"] = TextOrNull(intent.receipt_email);
    object["setup_future_usage"] = TextOrNull(intent.setup_future_usage);
    object["shipping"] = RenderShipping(intent.shipping);
    object["statement_descriptor"] = TextOrNull(intent.statement_descriptor);
    object["statement_descriptor_suffix"] = TextOrNull(intent.statement_descriptor_suffix);
    object["status"] = intent.status;
    object["transfer_group"] = TextOrNull(intent.transfer_group);
    if (view.shape == Shape::kBeforeBasil) object["invoice"] = TextOrNull(intent.invoice);
    return object;
}

json::object Render(const View& view, const SetupIntent& intent) {
    auto object = BlankObject(ObjectKind::kSetupIntent, view.shape);
    object["id"] = intent.id;
    FillAutomaticMethods(intent.automatic_methods, object);
    object["cancellation_reason"] = TextOrNull(intent.cancellation_reason);
    object["client_secret"] = ClientSecretOf(intent.id);
    object["created"] = ToUnixSeconds(intent.created);
    object["customer"] = TextOrNull(intent.customer);
    object["description"] = TextOrNull(intent.description);
    object["last_setup_error"] = FailureOrNull(view, intent.last_error);
    object["metadata"] = RenderMetadata(intent.metadata);
    object["next_action"] = nullptr;
    if (intent.status == "requires_action")
        object["next_action"] = RenderNextAction(view, intent.id, intent.return_url);
    object["payment_method"] = TextOrNull(intent.payment_method);
    object["payment_method_types"] = RenderTypes(intent.method_types);
    object["status"] = intent.status;
    object["usage"] = intent.usage;
    return object;
}

}  // namespace citadel::stripe_sim

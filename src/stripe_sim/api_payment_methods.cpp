// /v1/payment_methods and a customer's payment methods.
#include <fmt/format.h>

#include "stripe_sim/api_fields.h"
#include "stripe_sim/api_list.h"
#include "stripe_sim/api_methods.h"
#include "stripe_sim/cards.h"
#include "stripe_sim/change.h"

namespace citadel::stripe_sim {
namespace {

Customer& CustomerIn(ApiCall& call, const std::string& id, std::string_view param) {
    return FindOr404(call.account.customers, "customer", id, param);
}

PaymentMethod& MethodIn(ApiCall& call) {
    return FindOr404(call.account.payment_methods, "PaymentMethod", call.captures.at(0), "payment_method");
}

json::object CreateMethod(ApiCall& call) { return Render(call.view, EnterMethod(call, call.params)); }

json::object GetMethod(ApiCall& call) {
    return Render(call.view, FindMethod(call, call.captures.at(0), "payment_method"));
}

json::object ListMethods(ApiCall& call, const std::string& customer, std::string url) {
    auto type = call.params.TextOr("type", "card");
    auto keep = [&](const PaymentMethod& method) { return method.customer == customer && type == "card"; };
    return ListOf(call, std::move(url), call.account.payment_methods.all(), keep);
}

json::object ListOfCustomer(ApiCall& call) {
    const auto& customer = CustomerIn(call, call.captures.at(0), "customer");
    return ListMethods(call, customer.id, fmt::format("/v1/customers/{}/payment_methods", customer.id));
}

json::object ListByParameter(ApiCall& call) {
    auto id = call.params.Required("customer");
    return ListMethods(call, CustomerIn(call, id, "customer").id, "/v1/payment_methods");
}

json::object GetOfCustomer(ApiCall& call) {
    const auto& customer = CustomerIn(call, call.captures.at(0), "customer");
    const auto& id = call.captures.at(1);
    const auto& method = FindOr404(call.account.payment_methods, "PaymentMethod", id, "payment_method");
    if (method.customer != customer.id) throw NoSuch("PaymentMethod", id, "payment_method");
    return Render(call.view, method);
}

void ReadExpiry(const Params& params, Card& card) {
    auto month = params.Number("card[exp_month]"), year = params.Number("card[exp_year]");
    if (month && (*month < 1 || *month > 12))
        throw BadParameter("", "Your card's expiration month is invalid.", "card[exp_month]");
    if (month) card.exp_month = static_cast<int>(*month);
    if (year) card.exp_year = static_cast<int>(*year < 100 ? *year + 2000 : *year);
}

json::object UpdateMethod(ApiCall& call) {
    auto& method = MethodIn(call);
    if (method.customer.empty()) {
        throw InvalidRequest(400, "payment_method_unexpected_state",
                             "You must save this PaymentMethod to a customer before you can update it.");
    }
    Change change(call.world, call.account, method);
    ReadExpiry(call.params, method.card);
    ReadBillingDetails(call.params, "billing_details", method.billing);
    ReadMetadata(call.params, method.metadata);
    if (auto allow = call.params.OneOf("allow_redisplay", {"always", "limited", "unspecified"}))
        method.allow_redisplay = *allow;
    change.Tell("payment_method.updated", call.cause);
    return Render(call.view, method);
}

json::object Attach(ApiCall& call) {
    const auto& customer = CustomerIn(call, call.params.Required("customer"), "customer");
    return Render(call.view, OwnMethod(call, customer, call.captures.at(0), "payment_method"));
}

json::object Detach(ApiCall& call) {
    auto& method = FindMethod(call, call.captures.at(0), "payment_method");
    if (method.customer.empty()) {
        throw InvalidRequest(400, "payment_method_unexpected_state",
                             "The payment method you provided is not attached to a customer so detachment is "
                             "impossible.");
    }
    DetachMethod(call.world, call.account, method, call.cause);
    return Render(call.view, method);
}

constexpr ApiRoute kRoutes[] = {
    {"POST", "/v1/payment_methods", kMethodParameters, CreateMethod},
    {"GET", "/v1/payment_methods", "limit starting_after ending_before type customer", ListByParameter},
    {"GET", "/v1/payment_methods/{}", "", GetMethod},
    {"POST", "/v1/payment_methods/{}",
     "allow_redisplay billing_details card[exp_month] card[exp_year] metadata", UpdateMethod},
    {"POST", "/v1/payment_methods/{}/attach", "customer", Attach},
    {"POST", "/v1/payment_methods/{}/detach", "", Detach},
    {"GET", "/v1/customers/{}/payment_methods", "limit starting_after ending_before type", ListOfCustomer},
    {"GET", "/v1/customers/{}/payment_methods/{}", "", GetOfCustomer}};

}  // namespace

std::span<const ApiRoute> PaymentMethodRoutes() { return kRoutes; }

}  // namespace citadel::stripe_sim

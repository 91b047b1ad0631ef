// /v1/customers, /v1/payment_methods and the billing portal.
#include <fmt/format.h>

#include "stripe_sim/api_list.h"
#include "stripe_sim/billing.h"
#include "stripe_sim/cards.h"

namespace citadel::stripe_sim {
namespace {

Customer& CustomerIn(ApiCall& call) {
    return FindOr404(call.account.customers, "customer", call.captures.at(0));
}

PaymentMethod& MethodOf(ApiCall& call, const Customer& customer, const std::string& id,
                        std::string_view param) {
    if (auto test = TestCard(id))
        return AttachCard(call.world, call.account, customer.id, std::move(*test), call.cause);
    auto& method = FindOr404(call.account.payment_methods, "PaymentMethod", id, param);
    if (method.customer == customer.id) return method;
    throw InvalidRequest(400, "",
                         "The customer does not have a payment method with the ID " + id +
                             ". The payment method must be attached to the customer.",
                         param);
}

// Texts, metadata and the default card; `created` is silent about changes, since it is one event.
void ApplyToCustomer(ApiCall& call, Customer& customer) {
    customer.name = call.params.TextOr("name", customer.name);
    customer.email = call.params.TextOr("email", customer.email);
    ApplyMetadata(customer.metadata, call.params.Members("metadata"));
    auto locales = call.params.List("preferred_locales");
    if (!locales.empty()) customer.locale = locales.front();
}

json::object CreateCustomer(ApiCall& call) {
    auto& customer = AddCustomer(call.world, call.account, "", "");
    ApplyToCustomer(call, customer);
    call.world.Emit(call.account, "customer.created", Keep(customer), call.cause);
    auto method = call.params.TextOr("payment_method");
    auto standard = call.params.TextOr("invoice_settings[default_payment_method]");
    std::string attached;
    if (!method.empty()) attached = MethodOf(call, customer, method, "payment_method").id;
    if (standard == method && !attached.empty()) standard = attached;
    if (!standard.empty()) {
        auto& chosen = MethodOf(call, customer, standard, "invoice_settings[default_payment_method]");
        MakeDefault(call.world, call.account, customer, chosen.id, call.cause);
    }
    return Render(call.view, customer);
}

json::object GetCustomer(ApiCall& call) { return Render(call.view, CustomerIn(call)); }

json::object ListCustomers(ApiCall& call) {
    auto email = call.params.Text("email");
    auto keep = [&](const Customer& customer) {
        return (!email || customer.email == *email) && call.params.InRange("created", customer.created);
    };
    return ListOf(call, "/v1/customers", call.account.customers.all(), keep);
}

json::object UpdateCustomer(ApiCall& call) {
    auto& customer = CustomerIn(call);
    auto old_email = customer.email, old_name = customer.name;
    ApplyToCustomer(call, customer);
    json::object previous;
    if (customer.email != old_email) previous["email"] = TextOrNull(old_email);
    if (customer.name != old_name) previous["name"] = TextOrNull(old_name);
    if (!previous.empty()) {
        call.world.Emit(call.account, "customer.updated", Keep(customer), call.cause, std::move(previous));
    }
    auto standard = call.params.Text("invoice_settings[default_payment_method]");
    if (standard && standard->empty()) MakeDefault(call.world, call.account, customer, "", call.cause);
    if (standard && !standard->empty()) {
        auto& method = MethodOf(call, customer, *standard, "invoice_settings[default_payment_method]");
        MakeDefault(call.world, call.account, customer, method.id, call.cause);
    }
    return Render(call.view, customer);
}

json::object ListMethods(ApiCall& call, const std::string& customer, std::string url) {
    auto type = call.params.TextOr("type", "card");
    auto keep = [&](const PaymentMethod& method) { return method.customer == customer && type == "card"; };
    return ListOf(call, std::move(url), call.account.payment_methods.all(), keep);
}

json::object ListCustomerMethods(ApiCall& call) {
    const auto& customer = CustomerIn(call);
    return ListMethods(call, customer.id, fmt::format("/v1/customers/{}/payment_methods", customer.id));
}

json::object ListPaymentMethods(ApiCall& call) {
    auto id = call.params.Required("customer");
    FindOr404(call.account.customers, "customer", id, "customer");
    return ListMethods(call, id, "/v1/payment_methods");
}

json::object GetPaymentMethod(ApiCall& call) {
    return Render(call.view, FindOr404(call.account.payment_methods, "PaymentMethod", call.captures.at(0),
                                       "payment_method"));
}

json::object AttachPaymentMethod(ApiCall& call) {
    const auto& customer =
        FindOr404(call.account.customers, "customer", call.params.Required("customer"), "customer");
    return Render(call.view, MethodOf(call, customer, call.captures.at(0), "payment_method"));
}

json::object RenderFlow(const View& view, const std::string& type) {
    json::object flow;
    flow["after_completion"] = {
        {"hosted_confirmation", nullptr}, {"redirect", nullptr}, {"type", "portal_homepage"}};
    flow["subscription_cancel"] = nullptr;
    flow["subscription_update"] = nullptr;
    flow["subscription_update_confirm"] = nullptr;
    if (view.shape == Shape::kBasil) {
        flow["customer_update"] = nullptr;
        flow["subscription_pause"] = nullptr;
    }
    flow["type"] = type;
    return flow;
}

json::object CreatePortalSession(ApiCall& call) {
    PortalSession session;
    session.id = call.world.NewId("bps_1");
    session.customer = call.params.Required("customer");
    session.return_url = call.params.TextOr("return_url");
    session.flow = call.params.TextOr("flow_data[type]");
    session.created = call.world.Now();
    FindOr404(call.account.customers, "customer", session.customer, "customer");
    json::object object;
    object["id"] = session.id;
    object["object"] = "billing_portal.session";
    object["configuration"] = call.params.TextOr("configuration", "bpc_1Simulated");
    object["created"] = ToUnixSeconds(session.created);
    object["customer"] = session.customer;
    if (call.view.shape == Shape::kBasil) object["customer_account"] = nullptr;
    object["flow"] = nullptr;
    if (!session.flow.empty()) object["flow"] = RenderFlow(call.view, session.flow);
    object["livemode"] = false;
    object["locale"] = TextOrNull(call.params.TextOr("locale"));
    object["on_behalf_of"] = nullptr;
    object["return_url"] = TextOrNull(session.return_url);
    object["url"] = fmt::format("{}/p/session/{}/{}", call.world.base_url, call.account.id, session.id);
    call.account.portal_sessions.Add(std::move(session));
    return object;
}

constexpr std::string_view kCustomerMembers =
    "name email metadata invoice_settings preferred_locales payment_method phone description address "
    "shipping "
    "test_clock balance tax_exempt";

constexpr ApiRoute kRoutes[] = {
    {"POST", "/v1/customers", kCustomerMembers, CreateCustomer},
    {"GET", "/v1/customers", "limit starting_after ending_before email created", ListCustomers},
    {"GET", "/v1/customers/{}", "", GetCustomer},
    {"POST", "/v1/customers/{}", kCustomerMembers, UpdateCustomer},
    {"GET", "/v1/customers/{}/payment_methods", "limit starting_after ending_before type",
     ListCustomerMethods},
    {"GET", "/v1/payment_methods", "limit starting_after ending_before type customer", ListPaymentMethods},
    {"GET", "/v1/payment_methods/{}", "", GetPaymentMethod},
    {"POST", "/v1/payment_methods/{}/attach", "customer", AttachPaymentMethod},
    {"POST", "/v1/billing_portal/sessions",
     "customer return_url configuration locale flow_data on_behalf_of after_expiration",
     CreatePortalSession}};

}  // namespace

std::span<const ApiRoute> CustomerRoutes() { return kRoutes; }

}  // namespace citadel::stripe_sim

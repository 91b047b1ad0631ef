// /v1/customers and their older sources.
#include <fmt/format.h>

#include "stripe_sim/api_fields.h"
#include "stripe_sim/api_list.h"
#include "stripe_sim/api_methods.h"
#include "stripe_sim/api_search.h"
#include "stripe_sim/api_values.h"
#include "stripe_sim/cards.h"
#include "stripe_sim/change.h"
#include "stripe_sim/customers.h"
#include "stripe_sim/test_clocks.h"

namespace citadel::stripe_sim {
namespace {

Customer& CustomerIn(ApiCall& call) {
    return FindOr404(call.account.customers, "customer", call.captures.at(0));
}

void ReadInvoiceSettings(const Params& params, Customer& customer) {
    ReadText(params, "invoice_settings[footer]", customer.invoice_footer);
    constexpr std::string_view kFields = "invoice_settings[custom_fields]";
    auto rows = params.Rows(kFields);
    if (!rows.empty() || params.Text(kFields)) customer.invoice_fields.clear();
    for (const auto& row : rows)
        customer.invoice_fields.emplace_back(row.Required("name"), row.Required("value"));
}

void ReadCustomer(const Params& params, Customer& customer) {
    ReadText(params, "name", customer.name);
    ReadText(params, "email", customer.email);
    ReadText(params, "phone", customer.phone);
    ReadText(params, "description", customer.description);
    ReadText(params, "invoice_prefix", customer.invoice_prefix);
    ReadMetadata(params, customer.metadata);
    ReadAddress(params, "address", customer.address);
    ReadShipping(params, "shipping", customer.shipping);
    ReadInvoiceSettings(params, customer);
    customer.balance = params.Number("balance").value_or(customer.balance);
    if (auto next = params.Number("next_invoice_sequence"))
        customer.next_invoice_sequence = static_cast<int>(*next);
    if (auto exempt = params.OneOf("tax_exempt", {"none", "exempt", "reverse"}))
        customer.tax_exempt = *exempt;
    auto locales = params.List("preferred_locales");
    if (!locales.empty()) customer.locales = std::move(locales);
    std::erase(customer.locales, "");
}

// payment_method is attached; the default may be the same or one that the customer has.
void ReadMethods(ApiCall& call, Customer& customer) {
    constexpr std::string_view kDefault = "invoice_settings[default_payment_method]";
    auto given = call.params.TextOr("payment_method");
    auto standard = call.params.Text(kDefault);
    std::string attached;
    if (!given.empty()) attached = OwnMethod(call, customer, given, "payment_method").id;
    if (!standard) return;
    if (standard->empty()) customer.default_payment_method.clear();
    else if (*standard == given) customer.default_payment_method = attached;
    else customer.default_payment_method = MethodGiven(call, customer.id, *standard, kDefault).id;
}

// A customer whose card the bank does not let him keep is not made at all.
void RefuseBeforehand(const ApiCall& call) {
    auto test = TestCard(call.params.TextOr("payment_method"));
    if (!test || !test->bank.refuses_new_customers) return;
    PaymentMethod refused;
    refused.card = test->card;
    throw CardRefused(call, refused, test->bank.decline_code);
}

PaymentMethod& AddSource(ApiCall& call, Customer& customer, const std::string& token) {
    auto card = token.starts_with("tok_") ? TestCard(token) : std::nullopt;
    if (!card) throw NoSuch("token", token, "source");
    PaymentMethod method;
    method.id = call.world.NewId("card_1");
    method.card = std::move(card->card);
    method.bank = std::move(card->bank);
    method.created = call.world.clock.Now();
    auto refusal = RefusalToAttach(method);
    if (!refusal.empty()) throw CardRefused(call, method, refusal);
    method.customer = customer.id;
    auto& added = call.account.payment_methods.Add(std::move(method));
    call.world.Emit(call.account, "customer.source.created", SourceOf{Keep(added)}, call.cause);
    if (!customer.default_source.empty()) return added;
    Change change(call.world, call.account, customer);
    customer.default_source = added.id;
    change.Tell("customer.updated", call.cause);
    return added;
}

// A test clock has room for three.
std::string ReadTestClock(ApiCall& call) {
    auto id = call.params.TextOr("test_clock");
    if (id.empty()) return id;
    FindOr404(call.account.test_clocks, kClockKind, id, "test_clock");
    auto lives_there = [&](const Customer& one) { return one.test_clock == id && !one.deleted; };
    if (std::ranges::count_if(call.account.customers.all(), lives_there) < kCustomersPerClock) return id;
    throw BadParameter("", fmt::format("A test clock can have at most {} customers.", kCustomersPerClock),
                       "test_clock");
}

json::object CreateCustomer(ApiCall& call) {
    RefuseBeforehand(call);
    auto test_clock = ReadTestClock(call);
    auto& customer = AddCustomer(call.world, call.account, "", "");
    customer.currency.clear();
    customer.test_clock = std::move(test_clock);
    ReadCustomer(call.params, customer);
    call.world.Emit(call.account, "customer.created", Keep(customer), call.cause);
    Change change(call.world, call.account, customer);
    ReadMethods(call, customer);
    change.Tell("customer.updated", call.cause);
    if (auto token = call.params.Text("source")) AddSource(call, customer, *token);
    return Render(call.view, customer);
}

json::object GetCustomer(ApiCall& call) {
    const auto* customer = call.account.customers.Find(call.captures.at(0));
    if (!customer) throw NoSuch("customer", call.captures.at(0), "id");
    return Render(call.view, *customer);
}

json::object ListCustomers(ApiCall& call) {
    auto email = call.params.Text("email");
    auto clock = call.params.TextOr("test_clock");
    auto keep = [&](const Customer& customer) {
        return !customer.deleted && (!email || customer.email == *email) && customer.test_clock == clock &&
               call.params.InRange("created", customer.created);
    };
    return ListOf(call, "/v1/customers", call.account.customers.all(), keep);
}

json::object UpdateCustomer(ApiCall& call) {
    auto& customer = CustomerIn(call);
    Change change(call.world, call.account, customer);
    ReadCustomer(call.params, customer);
    ReadMethods(call, customer);
    if (auto source = call.params.Text("default_source")) customer.default_source = *source;
    change.Tell("customer.updated", call.cause);
    if (auto token = call.params.Text("source")) AddSource(call, customer, *token);
    return Render(call.view, customer);
}

json::object DeleteCustomer(ApiCall& call) {
    auto& customer = CustomerIn(call);
    DeleteCustomer(call.world, call.account, customer, call.cause);
    return Render(call.view, customer);
}

json::object CreateSource(ApiCall& call) {
    auto& customer = CustomerIn(call);
    return RenderSource(call.view, AddSource(call, customer, call.params.Required("source")));
}

PaymentMethod& SourceIn(ApiCall& call) {
    const auto& customer = CustomerIn(call);
    auto& method = FindOr404(call.account.payment_methods, "source", call.captures.at(1));
    if (method.customer != customer.id) throw NoSuch("source", method.id, "id");
    return method;
}

json::object GetSource(ApiCall& call) { return RenderSource(call.view, SourceIn(call)); }

json::object UpdateSource(ApiCall& call) {
    auto& method = SourceIn(call);
    auto before = RenderSource(call.view, method);
    ReadMetadata(call.params, method.metadata);
    ReadText(call.params, "name", method.billing.name);
    auto after = RenderSource(call.view, method);
    auto previous = PreviousAttributes(before, after);
    if (!previous.empty())
        call.world.Emit(call.account, "customer.source.updated", SourceOf{Keep(method)}, call.cause,
                        std::move(previous));
    return after;
}

json::object SearchCustomers(ApiCall& call) {
    return SearchIn(call, "/v1/customers/search", call.account.customers.all(),
                    "created email metadata name phone");
}

constexpr ApiRoute kRoutes[] = {
    {"POST", "/v1/customers",
     "name email phone description address balance invoice_prefix invoice_settings[default_payment_method] "
     "invoice_settings[footer] invoice_settings[custom_fields][][name] "
     "invoice_settings[custom_fields][][value] invoice_settings[custom_fields] metadata "
     "next_invoice_sequence payment_method preferred_locales shipping source tax_exempt test_clock",
     CreateCustomer},
    {"GET", "/v1/customers", "limit starting_after ending_before email created test_clock", ListCustomers},
    {"GET", "/v1/customers/search", "query limit page", SearchCustomers},
    {"GET", "/v1/customers/{}", "", GetCustomer},
    {"POST", "/v1/customers/{}",
     "name email phone description address balance default_source invoice_prefix "
     "invoice_settings[default_payment_method] invoice_settings[footer] "
     "invoice_settings[custom_fields][][name] invoice_settings[custom_fields][][value] "
     "invoice_settings[custom_fields] metadata next_invoice_sequence preferred_locales shipping source "
     "tax_exempt",
     UpdateCustomer},
    {"DELETE", "/v1/customers/{}", "", DeleteCustomer},
    {"POST", "/v1/customers/{}/sources", "source", CreateSource},
    {"GET", "/v1/customers/{}/sources/{}", "", GetSource},
    {"POST", "/v1/customers/{}/sources/{}", "metadata name", UpdateSource}};

}  // namespace

std::span<const ApiRoute> CustomerRoutes() { return kRoutes; }

}  // namespace citadel::stripe_sim

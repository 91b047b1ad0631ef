// /v1/invoice_payments. Each invoice that has been finalised with something to pay has one, kept in the
// invoice itself.
#include <vector>

#include "stripe_sim/api_list.h"
#include "stripe_sim/api_values.h"

namespace citadel::stripe_sim {
namespace {

// An invoice under the id of its payment, by which pages are turned.
struct PaymentRow {
    std::string id;
    const Invoice* invoice;
};

json::object GetInvoicePayment(ApiCall& call) {
    const auto& id = call.captures.at(0);
    for (const auto& invoice : call.account.invoices.all()) {
        if (invoice.payment_id == id && !invoice.payment_intent.empty())
            return RenderInvoicePayment(call.view, invoice);
    }
    throw NoSuch("invoice payment", id, "invoice_payment");
}

json::object ListInvoicePayments(ApiCall& call) {
    auto id = call.params.Text("invoice");
    auto status = call.params.OneOf("status", {"canceled", "open", "paid"});
    auto type = call.params.OneOf("payment[type]", {"charge", "payment_intent", "payment_record"});
    auto intent = call.params.Text("payment[payment_intent]");
    std::vector<PaymentRow> rows;
    for (const auto& invoice : call.account.invoices.all()) {
        bool wanted = IsListed(call, invoice.customer, {"invoice", "payment[payment_intent]"}) &&
                      !invoice.payment_intent.empty() && (!id || invoice.id == *id) &&
                      (!intent || invoice.payment_intent == *intent) && (!type || *type == "payment_intent");
        if (wanted) rows.push_back({invoice.payment_id, &invoice});
    }
    auto show = [&](const PaymentRow& row) { return RenderInvoicePayment(call.view, *row.invoice); };
    auto keep = [&](const PaymentRow& row) {
        return call.params.InRange("created", row.invoice->created) &&
               (!status || show(row).at("status") == json::value(*status));
    };
    return ListOf(call, "/v1/invoice_payments", rows, keep, show);
}

constexpr ApiRoute kRoutes[] = {
    {"GET", "/v1/invoice_payments/{}", "", GetInvoicePayment},
    {"GET", "/v1/invoice_payments",
     "limit starting_after ending_before created invoice status payment[type] payment[payment_intent]",
     ListInvoicePayments}};

}  // namespace

std::span<const ApiRoute> InvoicePaymentRoutes() { return kRoutes; }

}  // namespace citadel::stripe_sim

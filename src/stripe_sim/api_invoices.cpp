// /v1/invoices: drafts, changes, lists, lines and search. What is done with one (pay, void, …) is in
// api_invoice_actions.cpp.
#include <fmt/format.h>

#include <ranges>

#include "stripe_sim/api_search.h"
#include "stripe_sim/api_values.h"
#include "stripe_sim/billing.h"
#include "stripe_sim/change.h"
#include "stripe_sim/invoicing.h"

namespace citadel::stripe_sim {
namespace {

Invoice& InvoiceIn(ApiCall& call) {
    return FindOr404(call.account.invoices, "invoice", call.captures.at(0), "invoice");
}

// How it is collected, and when it is due where it is sent.
void ApplyCollection(const ApiCall& call, Invoice& invoice) {
    const auto& params = call.params;
    if (auto method = params.OneOf("collection_method", {kCharge, kSend}))
        invoice.collection_method = *method;
    auto days = params.Number("days_until_due");
    auto due = params.Moment("due_date");
    bool sends = invoice.collection_method == kSend;
    if (!sends && (days || due)) {
        throw BadParameter("",
                           "You can only set `days_until_due` or `due_date` if `collection_method` is "
                           "`send_invoice`.",
                           days ? "days_until_due" : "due_date");
    }
    if (days) {
        invoice.days_until_due = static_cast<int>(ReadAtLeast(params, "days_until_due", 0, *days));
        invoice.due_date = call.world.Now() + std::chrono::days(*invoice.days_until_due);
    }
    if (due) {
        invoice.days_until_due.reset();
        invoice.due_date = due;
    }
    if (!sends) {
        invoice.days_until_due.reset();
        invoice.due_date.reset();
    } else if (!invoice.due_date) {
        throw BadParameter(
            "parameter_missing",
            "If `collection_method` is set to `send_invoice`, you must pass either `due_date` or "
            "`days_until_due`.",
            "days_until_due");
    }
}

void ApplyToInvoice(ApiCall& call, Invoice& invoice, const std::string& customer) {
    ApplyCollection(call, invoice);
    invoice.description = call.params.TextOr("description", invoice.description);
    invoice.footer = call.params.TextOr("footer", invoice.footer);
    ApplyMetadata(invoice.metadata, call.params.Members("metadata"));
    auto method = call.params.Text("default_payment_method");
    if (!method) return;
    invoice.default_payment_method.clear();
    if (!method->empty())
        invoice.default_payment_method = MethodGiven(call, customer, *method, "default_payment_method").id;
}

// Whom the new invoice is for: the customer named, or the subscription's.
const Customer& Recipient(ApiCall& call, Invoice& made) {
    auto id = call.params.TextOr("customer");
    made.subscription = call.params.TextOr("subscription");
    if (!made.subscription.empty()) {
        const auto& subscription =
            FindOr404(call.account.subscriptions, "subscription", made.subscription, "subscription");
        made.subscription_metadata = subscription.metadata;
        if (id.empty()) id = subscription.customer;
        if (id != subscription.customer)
            throw InvalidRequest(400, "", "The subscription belongs to another customer.", "subscription");
    }
    if (id.empty()) call.params.Required("customer");
    return FindOr404(call.account.customers, "customer", id, "customer");
}

json::object CreateInvoice(ApiCall& call) {
    auto behavior = call.params.OneOf("pending_invoice_items_behavior", {"exclude", "include"});
    Invoice made;
    const auto& customer = Recipient(call, made);
    made.auto_advance = call.params.Flag("auto_advance").value_or(false);
    if (call.params.Text("currency")) made.currency = ReadCurrency(call.params, "currency");
    ApplyToInvoice(call, made, customer.id);
    auto& invoice = AddDraft(call.world, call.account, customer, std::move(made));
    if (behavior == "include" && TakePendingItems(call.world, call.account, invoice) == 0) {
        call.account.invoices.Remove(invoice.id);
        throw InvalidRequest(400, "invoice_no_customer_line_items", "Nothing to invoice for customer",
                             "customer");
    }
    if (invoice.currency.empty())
        invoice.currency = customer.currency.empty() ? call.account.currency : customer.currency;
    if (invoice.auto_advance) AdvanceLater(call.world, call.account, invoice);
    call.world.Emit(call.account, "invoice.created", Keep(invoice), call.cause);
    return Render(call.view, invoice);
}

json::object GetInvoice(ApiCall& call) { return Render(call.view, InvoiceIn(call)); }

json::object ListInvoices(ApiCall& call) {
    const auto& params = call.params;
    auto status = params.OneOf("status", {"draft", "open", "paid", "uncollectible", "void"});
    auto manner = params.OneOf("collection_method", {kCharge, kSend});
    auto customer = params.Text("customer"), subscription = params.Text("subscription");
    bool by_due = params.Text("due_date") || !params.Members("due_date").empty();
    auto keep = [&](const Invoice& invoice) {
        return IsListed(call, invoice.customer, {"customer", "subscription"}) &&
               (!status || invoice.status == *status) && (!customer || invoice.customer == *customer) &&
               (!subscription || invoice.subscription == *subscription) &&
               (!manner || invoice.collection_method == *manner) &&
               params.InRange("created", invoice.created) &&
               (!by_due || (invoice.due_date && params.InRange("due_date", *invoice.due_date)));
    };
    return ListOf(call, "/v1/invoices", call.account.invoices.all(), keep);
}

json::object SearchInvoices(ApiCall& call) {
    return SearchIn(call, "/v1/invoices/search", call.account.invoices.all(),
                    "created currency customer number receipt_number status subscription total");
}

void RequireEditable(const ApiCall& call, const Invoice& invoice) {
    auto advance = call.params.Flag("auto_advance");
    if (advance && *advance && invoice.status != "open" && invoice.status != "draft") {
        throw InvalidRequest(400, "",
                             "Finalized invoices that are paid, void or uncollectible cannot be advanced.",
                             "auto_advance");
    }
    if (invoice.status == "draft") return;
    for (auto name : {"collection_method", "days_until_due", "due_date", "description", "footer"}) {
        if (!call.params.Text(name)) continue;
        throw InvalidRequest(400, "invoice_not_editable",
                             fmt::format("Finalized invoices can't be updated in this way: {}.", name), name);
    }
}

json::object UpdateInvoice(ApiCall& call) {
    auto& invoice = InvoiceIn(call);
    RequireEditable(call, invoice);
    auto next = invoice;  // nothing is changed by a call that is refused
    ApplyToInvoice(call, next, invoice.customer);
    Change change(call.world, call.account, invoice);
    invoice = std::move(next);
    if (auto advance = call.params.Flag("auto_advance"))
        SwitchAutoAdvance(call.world, call.account, invoice, *advance);
    change.Tell("invoice.updated", call.cause);
    return Render(call.view, invoice);
}

json::object DeleteInvoice(ApiCall& call) {
    auto& invoice = InvoiceIn(call);
    if (invoice.status != "draft" || invoice.billing_reason != "manual") {
        throw InvalidRequest(
            400, "invoice_not_editable",
            "You can only delete draft invoices that are not of a subscription's making; void this one.");
    }
    call.world.Emit(call.account, "invoice.deleted", Keep(invoice), call.cause);
    Discard(call.account, invoice);
    return RenderDeleted(call.captures.at(0), "invoice");
}

json::object ListLines(ApiCall& call) {
    const auto& invoice = InvoiceIn(call);
    auto keep = [](const InvoiceLine&) { return true; };
    auto show = [&](const InvoiceLine& line) { return RenderLine(call.view, invoice, line); };
    auto lines = invoice.lines | std::views::reverse;  // lists turn what they get: these keep their order
    return ListOf(call, fmt::format("/v1/invoices/{}/lines", invoice.id), lines, keep, show);
}

constexpr ApiRoute kRoutes[] = {
    {"POST", "/v1/invoices",
     "auto_advance collection_method currency customer days_until_due default_payment_method description "
     "due_date footer metadata pending_invoice_items_behavior subscription",
     CreateInvoice},
    {"GET", "/v1/invoices",
     "limit starting_after ending_before status customer subscription created collection_method due_date",
     ListInvoices},
    {"GET", "/v1/invoices/search", "query limit page", SearchInvoices},
    {"GET", "/v1/invoices/{}", "", GetInvoice},
    {"POST", "/v1/invoices/{}",
     "auto_advance collection_method days_until_due default_payment_method description due_date footer "
     "metadata",
     UpdateInvoice},
    {"DELETE", "/v1/invoices/{}", "", DeleteInvoice},
    {"GET", "/v1/invoices/{}/lines", "limit starting_after ending_before", ListLines}};

}  // namespace

std::span<const ApiRoute> InvoiceRoutes() { return kRoutes; }

}  // namespace citadel::stripe_sim

// /v1/invoices and /v1/invoice_payments.
#include <fmt/format.h>

#include "stripe_sim/api_list.h"
#include "stripe_sim/api_values.h"
#include "stripe_sim/billing.h"
#include "stripe_sim/charges.h"
#include "stripe_sim/settlement.h"

namespace citadel::stripe_sim {
namespace {

Invoice& InvoiceIn(ApiCall& call) {
    return FindOr404(call.account.invoices, "invoice", call.captures.at(0), "invoice");
}

json::object GetInvoice(ApiCall& call) { return Render(call.view, InvoiceIn(call)); }

json::object ListInvoices(ApiCall& call) {
    auto status = call.params.Text("status"), customer = call.params.Text("customer");
    auto subscription = call.params.Text("subscription");
    auto manner = call.params.OneOf("collection_method", {kCharge, kSend});
    auto keep = [&](const Invoice& invoice) {
        return (!status || invoice.status == *status) && (!customer || invoice.customer == *customer) &&
               (!subscription || invoice.subscription == *subscription) &&
               (!manner || invoice.collection_method == *manner) &&
               call.params.InRange("created", invoice.created);
    };
    return ListOf(call, "/v1/invoices", call.account.invoices.all(), keep);
}

json::object UpdateInvoice(ApiCall& call) {
    auto& invoice = InvoiceIn(call);
    auto advance = call.params.Flag("auto_advance");
    if (advance && *advance && invoice.status != "open" && invoice.status != "draft") {
        throw InvalidRequest(400, "",
                             "Finalized invoices that are paid, void or uncollectible cannot be advanced.",
                             "auto_advance");
    }
    ApplyMetadata(invoice.metadata, call.params.Members("metadata"));
    if (auto method = call.params.Text("default_payment_method")) {
        invoice.default_payment_method.clear();
        if (!method->empty())
            invoice.default_payment_method =
                MethodGiven(call, invoice.customer, *method, "default_payment_method").id;
    }
    if (advance) SetAutoAdvance(call.world, call.account, invoice, *advance, call.cause);
    return Render(call.view, invoice);
}

// Refused calls stand in the ledger too: the engine should have known.
void RequirePayable(ApiCall& call, const Invoice& invoice) {
    if (invoice.status == "open" || invoice.status == "uncollectible") return;
    auto row = DescribeAttempt(call.world, call.account, invoice, nullptr, call.cause);
    row.outcome = AttemptOutcome::kRefused;
    call.world.ledger.Record(std::move(row));
    if (invoice.status == "paid") throw InvalidRequest(400, "", "Invoice is already paid");
    throw InvalidRequest(
        400, "", fmt::format("This invoice can no longer be paid: its status is {}.", invoice.status));
}

ApiError NoMethod() {
    auto made = InvalidRequest(400, "missing", "Cannot charge a customer that has no active card", "card");
    made.error["type"] = "card_error";
    return made;
}

ApiError Declined(const ApiCall& call, const Invoice& invoice, const PaymentMethod& method,
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

json::object PayInvoice(ApiCall& call) {
    auto& invoice = InvoiceIn(call);
    auto out_of_band = call.params.Flag("paid_out_of_band").value_or(false);
    call.params.Flag("off_session");  // read for its type only: behind a server's call nobody authenticates
    RequirePayable(call, invoice);
    if (out_of_band) {
        PayOutOfBand(call.world, call.account, invoice, call.cause);
        return Render(call.view, invoice);
    }
    PayOrder order;
    order.cause = call.cause;
    auto given = call.params.TextOr("payment_method");
    if (given.empty()) order.method = MethodFor(call.account, invoice);
    else order.method = &MethodGiven(call, invoice.customer, given, "payment_method");
    if (!order.method) throw NoMethod();
    auto result = CollectPayment(call.world, call.account, invoice, order);
    if (result.outcome != AttemptOutcome::kApproved) throw Declined(call, invoice, *order.method, result);
    return Render(call.view, invoice);
}

json::object VoidOpenInvoice(ApiCall& call) {
    auto& invoice = InvoiceIn(call);
    if (invoice.status != "open" && invoice.status != "uncollectible") {
        throw InvalidRequest(
            400, "invoice_not_editable",
            fmt::format("You can only void open or uncollectible invoices; this one is {}.", invoice.status));
    }
    VoidInvoice(call.world, call.account, invoice, call.cause);
    return Render(call.view, invoice);
}

json::object MarkInvoiceUncollectible(ApiCall& call) {
    auto& invoice = InvoiceIn(call);
    if (invoice.status != "open") {
        throw InvalidRequest(
            400, "invoice_not_editable",
            fmt::format("You can only mark open invoices as uncollectible; this one is {}.", invoice.status));
    }
    MarkUncollectible(call.world, call.account, invoice, "user_forgiven", call.cause);
    return Render(call.view, invoice);
}

json::object ListInvoicePayments(ApiCall& call) {
    auto id = call.params.Text("invoice"), status = call.params.Text("status");
    auto intent = call.params.Text("payment[payment_intent]");
    auto show = [&](const Invoice& invoice) { return RenderInvoicePayment(call.view, invoice); };
    auto keep = [&](const Invoice& invoice) {
        return !invoice.payment_intent.empty() && (!id || invoice.id == *id) &&
               (!intent || invoice.payment_intent == *intent) &&
               (!status || show(invoice).at("status") == json::value(*status));
    };
    return ListOf(call, "/v1/invoice_payments", call.account.invoices.all(), keep, show);
}

constexpr ApiRoute kRoutes[] = {
    {"GET", "/v1/invoices",
     "limit starting_after ending_before status customer subscription created collection_method",
     ListInvoices},
    {"GET", "/v1/invoices/{}", "", GetInvoice},
    {"POST", "/v1/invoices/{}", "auto_advance default_payment_method metadata", UpdateInvoice},
    {"POST", "/v1/invoices/{}/pay", "payment_method off_session paid_out_of_band forgive", PayInvoice},
    {"POST", "/v1/invoices/{}/void", "", VoidOpenInvoice},
    {"POST", "/v1/invoices/{}/mark_uncollectible", "", MarkInvoiceUncollectible},
    {"GET", "/v1/invoice_payments", "limit starting_after ending_before invoice status payment",
     ListInvoicePayments}};

}  // namespace

std::span<const ApiRoute> InvoiceRoutes() { return kRoutes; }

}  // namespace citadel::stripe_sim

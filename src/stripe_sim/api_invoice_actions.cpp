// What is done with an invoice: finalize, pay, send, void, mark_uncollectible.
#include <fmt/format.h>

#include "stripe_sim/api_decline.h"
#include "stripe_sim/api_list.h"
#include "stripe_sim/api_values.h"
#include "stripe_sim/billing.h"
#include "stripe_sim/invoicing.h"
#include "stripe_sim/settlement.h"

namespace citadel::stripe_sim {
namespace {

Invoice& InvoiceIn(ApiCall& call) {
    return FindOr404(call.account.invoices, "invoice", call.captures.at(0), "invoice");
}

ApiError NotEditable(std::string message) {
    return InvalidRequest(400, "invoice_not_editable", std::move(message));
}

json::object FinalizeInvoice(ApiCall& call) {
    auto& invoice = InvoiceIn(call);
    if (invoice.status != "draft")
        throw NotEditable("This invoice is already finalized, you can't re-finalize a non-draft invoice.");
    invoice.auto_advance = call.params.Flag("auto_advance").value_or(invoice.auto_advance);
    Finalise(call.world, call.account, invoice, call.cause);
    bool advances = invoice.status == "open" && invoice.auto_advance;
    if (advances && invoice.collection_method == kCharge) CollectLater(call.world, call.account, invoice);
    if (advances && invoice.collection_method == kSend)
        SendInvoice(call.world, call.account, invoice, call.cause);
    return Render(call.view, invoice);
}

// Refused calls stand in the ledger too: the engine should have known.
void RequirePayable(ApiCall& call, const Invoice& invoice) {
    if (invoice.status == "draft" || invoice.status == "open" || invoice.status == "uncollectible") return;
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

// The card to charge; none is needed when the money came another way or nothing is to be paid.
PaymentMethod* MethodToCharge(ApiCall& call, const Invoice& invoice) {
    auto given = call.params.TextOr("payment_method");
    if (!given.empty()) return &MethodGiven(call, invoice.customer, given, "payment_method");
    auto* method = MethodFor(call.account, invoice);
    if (!method && AmountDue(call.account, invoice) > 0) throw NoMethod();
    return method;
}

json::object PayInvoice(ApiCall& call) {
    auto& invoice = InvoiceIn(call);
    auto out_of_band = call.params.Flag("paid_out_of_band").value_or(false);
    call.params.Flag("off_session");  // read for its type only: behind a server's call nobody authenticates
    RequirePayable(call, invoice);
    PayOrder order;
    order.cause = call.cause;
    if (!out_of_band) order.method = MethodToCharge(call, invoice);
    if (invoice.status == "draft") Finalise(call.world, call.account, invoice, call.cause);
    if (invoice.status == "paid") return Render(call.view, invoice);
    if (out_of_band) {
        PayOutOfBand(call.world, call.account, invoice, call.cause);
        return Render(call.view, invoice);
    }
    auto result = CollectPayment(call.world, call.account, invoice, order);
    if (result.outcome != AttemptOutcome::kApproved) throw DeclineOf(call, invoice, *order.method, result);
    return Render(call.view, invoice);
}

json::object Send(ApiCall& call) {
    auto& invoice = InvoiceIn(call);
    if (invoice.collection_method != kSend) {
        throw InvalidRequest(
            400, "", "You can only manually send an invoice if its collection method is 'send_invoice'.");
    }
    if (invoice.status != "draft" && invoice.status != "open" && invoice.status != "uncollectible") {
        throw InvalidRequest(
            400, "", fmt::format("This invoice can no longer be sent: its status is {}.", invoice.status));
    }
    if (invoice.customer_email.empty()) {
        throw InvalidRequest(
            400, "",
            "Missing email. In order to send invoices to the customer, the customer must have a "
            "valid email.");
    }
    if (invoice.status == "draft") Finalise(call.world, call.account, invoice, call.cause);
    SendInvoice(call.world, call.account, invoice, call.cause);
    return Render(call.view, invoice);
}

json::object VoidOpenInvoice(ApiCall& call) {
    auto& invoice = InvoiceIn(call);
    if (invoice.status != "open" && invoice.status != "uncollectible") {
        throw NotEditable(
            fmt::format("You can only void open or uncollectible invoices; this one is {}.", invoice.status));
    }
    VoidInvoice(call.world, call.account, invoice, call.cause);
    return Render(call.view, invoice);
}

json::object MarkInvoiceUncollectible(ApiCall& call) {
    auto& invoice = InvoiceIn(call);
    if (invoice.status != "open") {
        throw NotEditable(
            fmt::format("You can only mark open invoices as uncollectible; this one is {}.", invoice.status));
    }
    MarkUncollectible(call.world, call.account, invoice, "user_forgiven", call.cause);
    return Render(call.view, invoice);
}

constexpr ApiRoute kRoutes[] = {
    {"POST", "/v1/invoices/{}/finalize", "auto_advance", FinalizeInvoice},
    {"POST", "/v1/invoices/{}/pay", "payment_method off_session paid_out_of_band", PayInvoice},
    {"POST", "/v1/invoices/{}/send", "", Send},
    {"POST", "/v1/invoices/{}/void", "", VoidOpenInvoice},
    {"POST", "/v1/invoices/{}/mark_uncollectible", "", MarkInvoiceUncollectible}};

}  // namespace

std::span<const ApiRoute> InvoiceActionRoutes() { return kRoutes; }

}  // namespace citadel::stripe_sim

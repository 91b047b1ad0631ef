// /v1/invoiceitems.
#include <fmt/format.h>

#include "stripe_sim/api_list.h"
#include "stripe_sim/api_price.h"
#include "stripe_sim/api_values.h"
#include "stripe_sim/catalog.h"
#include "stripe_sim/change.h"
#include "stripe_sim/invoicing.h"

namespace citadel::stripe_sim {
namespace {

InvoiceItem& ItemIn(ApiCall& call) {
    return FindOr404(call.account.invoice_items, "invoiceitem", call.captures.at(0), "invoiceitem");
}

// A price by id (`price`, since basil `pricing[price]`) or described; nullptr: an amount is given.
const Price* PriceOf(ApiCall& call) {
    auto pricing = call.params.Nested("pricing");
    if (const auto* price = PriceGiven(call, pricing, false)) return price;
    return PriceGiven(call, call.params, false);
}

void ReadAmount(ApiCall& call, InvoiceItem& item) {
    item.quantity = ReadAtLeast(call.params, "quantity", 0, item.quantity);
    if (const auto* price = PriceOf(call)) {
        item.price = price;
        item.amount = price->amount * item.quantity;
        if (item.description.empty()) item.description = ProductName(call.account, *price);
        return;
    }
    auto amount = call.params.Number("amount"), unit = ReadUnitAmount(call.params);
    if (!amount && !unit) {
        throw BadParameter("parameter_missing",
                           "You must pass one of `amount`, `unit_amount_decimal`, `price_data` or `pricing`.",
                           "amount");
    }
    auto each = unit.value_or(amount.value_or(0));
    item.amount = unit ? *unit * item.quantity : *amount;
    item.price =
        &PriceOfOnce(call.world, call.account, each, ReadCurrency(call.params, "currency"), item.description);
}

// The draft that the item is to stand on, or nothing for the next one.
void ReadPlace(ApiCall& call, InvoiceItem& item) {
    item.subscription = call.params.TextOr("subscription");
    if (!item.subscription.empty())
        FindOr404(call.account.subscriptions, "subscription", item.subscription, "subscription");
    item.invoice = call.params.TextOr("invoice");
    if (item.invoice.empty()) return;
    const auto& invoice = FindOr404(call.account.invoices, "invoice", item.invoice, "invoice");
    if (invoice.status != "draft") {
        throw InvalidRequest(400, "invoice_not_editable",
                             "This invoice is no longer editable: items can only be added to a draft.",
                             "invoice");
    }
    if (invoice.customer == item.customer) return;
    throw InvalidRequest(400, "", "The invoice belongs to another customer.", "invoice");
}

void ReadPeriod(const Params& params, InvoiceItem& item) {
    auto start = params.Moment("period[start]"), end = params.Moment("period[end]");
    if (!start && !end) return;
    if (!start) params.Required("period[start]");
    if (!end) params.Required("period[end]");
    item.period_start = *start;
    item.period_end = *end;
}

json::object CreateItem(ApiCall& call) {
    InvoiceItem item;
    item.customer =
        FindOr404(call.account.customers, "customer", call.params.Required("customer"), "customer").id;
    item.description = call.params.TextOr("description");
    item.discountable = call.params.Flag("discountable").value_or(true);
    ApplyMetadata(item.metadata, call.params.Members("metadata"));
    ReadPlace(call, item);
    ReadPeriod(call.params, item);
    ReadAmount(call, item);
    return Render(call.view, AddInvoiceItem(call.world, call.account, std::move(item), call.cause));
}

json::object GetItem(ApiCall& call) { return Render(call.view, ItemIn(call)); }

void RequireEditable(ApiCall& call, const InvoiceItem& item) {
    const auto* invoice = call.account.invoices.Find(item.invoice);
    if (!invoice || invoice->status == "draft") return;
    throw InvalidRequest(
        400, "invoice_not_editable",
        "This invoice item stands on an invoice that has been finalized and cannot be changed.");
}

json::object UpdateItem(ApiCall& call) {
    auto& item = ItemIn(call);
    RequireEditable(call, item);
    auto next = item;
    next.description = call.params.TextOr("description", item.description);
    next.discountable = call.params.Flag("discountable").value_or(item.discountable);
    ApplyMetadata(next.metadata, call.params.Members("metadata"));
    ReadPeriod(call.params, next);
    next.quantity = ReadAtLeast(call.params, "quantity", 0, item.quantity);
    auto each = ReadUnitAmount(call.params).value_or(item.price->amount);
    next.amount = call.params.Number("amount").value_or(each * next.quantity);
    if (item.proration) next.amount = item.amount;
    item = std::move(next);
    RefreshLine(call.account, item);
    return Render(call.view, item);
}

json::object ListItems(ApiCall& call) {
    auto customer = call.params.Text("customer"), invoice = call.params.Text("invoice");
    auto pending = call.params.Flag("pending");
    auto keep = [&](const InvoiceItem& item) {
        return IsListed(call, item.customer, {"customer", "invoice"}) &&
               (!customer || item.customer == *customer) && (!invoice || item.invoice == *invoice) &&
               (!pending || item.invoice.empty() == *pending) && call.params.InRange("created", item.created);
    };
    return ListOf(call, "/v1/invoiceitems", call.account.invoice_items.all(), keep);
}

json::object DeleteItem(ApiCall& call) {
    auto& item = ItemIn(call);
    RequireEditable(call, item);
    TakeBack(call.account, item);
    call.world.Emit(call.account, "invoiceitem.deleted", Keep(item), call.cause);
    auto answer = RenderDeleted(item.id, "invoiceitem");
    call.account.invoice_items.Remove(item.id);
    return answer;
}

constexpr ApiRoute kRoutes[] = {
    {"POST", "/v1/invoiceitems",
     "customer amount currency description discountable invoice metadata period[start] period[end] price "
     "price_data pricing[price] quantity subscription unit_amount unit_amount_decimal",
     CreateItem},
    {"GET", "/v1/invoiceitems", "limit starting_after ending_before created customer invoice pending",
     ListItems},
    {"GET", "/v1/invoiceitems/{}", "", GetItem},
    {"POST", "/v1/invoiceitems/{}",
     "amount description discountable metadata period[start] period[end] quantity unit_amount "
     "unit_amount_decimal",
     UpdateItem},
    {"DELETE", "/v1/invoiceitems/{}", "", DeleteItem}};

}  // namespace

std::span<const ApiRoute> InvoiceItemRoutes() { return kRoutes; }

}  // namespace citadel::stripe_sim

#include "stripe_sim/invoicing.h"

#include <fmt/format.h>

#include <algorithm>

#include "stripe_sim/catalog.h"
#include "stripe_sim/charges.h"
#include "stripe_sim/intents.h"

namespace citadel::stripe_sim {
namespace {

using std::chrono::days;

void AddUp(Invoice& invoice) {
    invoice.total = 0;
    for (const auto& line : invoice.lines) invoice.total += line.amount;
    invoice.amount_due = std::max<std::int64_t>(invoice.total, 0);
}

// "at $20.00 / month" is left out: Stripe's text, but nobody reads it by program.
std::string DescribePeriod(const Account& account, const SubscriptionItem& item, bool trial) {
    auto name = ProductName(account, *item.price);
    return trial ? "Trial period for " + name : fmt::format("{} × {}", item.quantity, name);
}

void AddPeriodLine(std::string id, const Account& account, const Subscription& subscription,
                   const SubscriptionItem& item, Invoice& invoice) {
    bool trial = subscription.status == "trialing";
    InvoiceLine line;
    line.id = std::move(id);
    line.subscription_item = item.id;
    line.description = DescribePeriod(account, item, trial);
    line.price = item.price;
    line.quantity = item.quantity;
    line.amount = trial ? 0 : item.price->amount * item.quantity;
    line.metadata = subscription.metadata;
    line.period_start = subscription.period_start;
    line.period_end = subscription.period_end;
    invoice.lines.push_back(std::move(line));
}

// What the item says to its line.
void Fill(InvoiceLine& line, const InvoiceItem& item) {
    line.description = item.description;
    line.price = item.price;
    line.quantity = item.quantity;
    line.amount = item.amount;
    line.proration = item.proration;
    line.subscription_item = item.subscription_item;
    line.metadata = item.metadata;
    line.period_start = item.period_start;
    line.period_end = item.period_end;
}

bool BelongsOn(const InvoiceItem& item, const Invoice& invoice) {
    if (!invoice.currency.empty() && item.price->currency != invoice.currency) return false;
    return item.subscription.empty() || item.subscription == invoice.subscription;
}

// Of a subscription for its present period, without lines.
Invoice BlankPeriod(const Subscription& subscription, std::string billing_reason, Time usage_start) {
    Invoice invoice;
    invoice.billing_reason = std::move(billing_reason);
    invoice.collection_method = subscription.collection_method;
    invoice.days_until_due = subscription.days_until_due;
    invoice.currency = subscription.items.front().price->currency;
    invoice.description = subscription.description;
    invoice.subscription = subscription.id;
    invoice.subscription_metadata = subscription.metadata;
    invoice.period_start = usage_start;
    invoice.period_end = subscription.period_start;
    return invoice;
}

std::string PurposeOf(const Invoice& invoice) {
    if (invoice.subscription.empty()) return "Payment for Invoice";
    return invoice.billing_reason == "subscription_create" ? "Subscription creation" : "Subscription update";
}

// A negative balance is what the merchant owes the customer.
void SettleBalance(World& world, Account& account, Customer& customer, Invoice& invoice, const Cause& cause) {
    invoice.amount_due = AmountDue(account, invoice);
    invoice.starting_balance = customer.balance;
    invoice.ending_balance = std::min<std::int64_t>(invoice.total + customer.balance, 0);
    if (invoice.ending_balance == customer.balance) return;
    json::object previous;
    previous["balance"] = customer.balance;
    customer.balance = invoice.ending_balance;
    world.Emit(account, "customer.updated", Keep(customer), cause, std::move(previous));
}

void OpenIntentFor(World& world, Account& account, Invoice& invoice, const Cause& cause) {
    PaymentIntent intent;
    intent.id = world.NewId("pi_3");
    intent.invoice = invoice.id;
    intent.customer = invoice.customer;
    intent.currency = invoice.currency;
    intent.amount = invoice.amount_due;
    intent.description = PurposeOf(invoice);
    if (!invoice.subscription.empty()) intent.setup_future_usage = "off_session";
    invoice.payment_intent = intent.id;
    invoice.payment_id = world.NewId("inpay_1");
    OpenIntent(world, account, std::move(intent), cause);
    world.Emit(account, "invoice.finalized", Keep(invoice), cause);
}

}  // namespace

Invoice& AddDraft(World& world, Account& account, const Customer& customer, Invoice made) {
    made.id = world.NewId("in_1");
    made.customer = customer.id;
    made.customer_email = customer.email;
    made.customer_name = customer.name;
    made.created = world.Now();
    if (made.period_start == Time()) made.period_start = made.period_end = world.Now();
    if (made.days_until_due) made.due_date = world.Now() + days(*made.days_until_due);
    if (!made.subscription.empty()) account.invoices_of[made.subscription].push_back(made.id);
    return account.invoices.Add(std::move(made));
}

Invoice& DraftPeriod(World& world, Account& account, const Subscription& subscription,
                     std::string billing_reason, Time usage_start, const Cause& cause) {
    auto& draft = AddDraft(world, account, *account.customers.Find(subscription.customer),
                           BlankPeriod(subscription, std::move(billing_reason), usage_start));
    for (const auto& item : subscription.items)
        AddPeriodLine(world.NewId("il_1"), account, subscription, item, draft);
    AddUp(draft);
    TakePendingItems(world, account, draft);
    world.Emit(account, "invoice.created", Keep(draft), cause);
    return draft;
}

Invoice PreviewPeriod(const Account& account, const Subscription& subscription, std::string billing_reason,
                      Time usage_start) {
    const auto& customer = *account.customers.Find(subscription.customer);
    Invoice invoice = BlankPeriod(subscription, std::move(billing_reason), usage_start);
    invoice.id = std::string(kUpcomingId) + subscription.id;
    invoice.customer = customer.id;
    invoice.customer_email = customer.email;
    invoice.customer_name = customer.name;
    for (const auto& item : subscription.items)
        AddPeriodLine("il_tmp_" + item.id, account, subscription, item, invoice);
    auto pending = account.pending_items.find(customer.id);
    if (pending != account.pending_items.end()) {
        for (const auto& id : pending->second) {
            const auto& item = *account.invoice_items.Find(id);
            if (!BelongsOn(item, invoice)) continue;
            invoice.lines.emplace_back();
            invoice.lines.back().id = "il_tmp_" + id;
            invoice.lines.back().invoice_item = id;
            Fill(invoice.lines.back(), item);
        }
    }
    AddUp(invoice);
    invoice.amount_due = AmountDue(account, invoice);
    return invoice;
}

InvoiceItem& AddInvoiceItem(World& world, Account& account, InvoiceItem made, const Cause& cause) {
    made.id = world.NewId("ii_1");
    made.created = world.Now();
    if (made.period_start == Time()) made.period_start = made.period_end = world.Now();
    auto& added = account.invoice_items.Add(std::move(made));
    auto* invoice = account.invoices.Find(added.invoice);
    if (invoice) PutOnInvoice(world, account, added, *invoice);
    else account.pending_items[added.customer].push_back(added.id);
    world.Emit(account, "invoiceitem.created", Keep(added), cause);
    return added;
}

std::size_t TakePendingItems(World& world, Account& account, Invoice& invoice) {
    auto found = account.pending_items.find(invoice.customer);
    if (found == account.pending_items.end()) return 0;
    auto waiting = found->second;
    std::size_t taken = 0;
    for (const auto& id : waiting) {
        auto& item = *account.invoice_items.Find(id);
        if (!BelongsOn(item, invoice)) continue;
        TakeBack(account, item);
        PutOnInvoice(world, account, item, invoice);
        ++taken;
    }
    return taken;
}

void PutOnInvoice(World& world, Account& account, InvoiceItem& item, Invoice& invoice) {
    item.invoice = invoice.id;
    if (invoice.currency.empty()) invoice.currency = item.price->currency;
    InvoiceLine line;
    line.id = world.NewId("il_1");
    line.invoice_item = item.id;
    invoice.lines.push_back(std::move(line));
    RefreshLine(account, item);
}

void RefreshLine(Account& account, const InvoiceItem& item) {
    auto* invoice = account.invoices.Find(item.invoice);
    if (!invoice) return;
    auto line = std::ranges::find(invoice->lines, item.id, &InvoiceLine::invoice_item);
    Fill(*line, item);
    AddUp(*invoice);
}

void TakeBack(Account& account, InvoiceItem& item) {
    if (auto* invoice = account.invoices.Find(item.invoice)) {
        std::erase_if(invoice->lines, [&](const auto& line) { return line.invoice_item == item.id; });
        AddUp(*invoice);
    } else if (auto pending = account.pending_items.find(item.customer);
               pending != account.pending_items.end()) {
        std::erase(pending->second, item.id);
        if (pending->second.empty()) account.pending_items.erase(pending);
    }
    item.invoice.clear();
}

void Discard(Account& account, const Invoice& invoice) {
    for (const auto& line : invoice.lines) {
        auto* item = account.invoice_items.Find(line.invoice_item);
        if (!item) continue;
        item->invoice.clear();
        account.pending_items[item->customer].push_back(item->id);
    }
    if (!invoice.subscription.empty()) std::erase(account.invoices_of[invoice.subscription], invoice.id);
    account.invoices.Remove(invoice.id);
}

std::int64_t AmountDue(const Account& account, const Invoice& invoice) {
    if (invoice.status != "draft") return invoice.amount_due;
    auto balance = account.customers.Find(invoice.customer)->balance;
    return std::max<std::int64_t>(invoice.total + balance, 0);
}

void Finalise(World& world, Account& account, Invoice& invoice, const Cause& cause) {
    auto& customer = *account.customers.Find(invoice.customer);
    invoice.number = fmt::format("{}-{:04}", customer.invoice_prefix, customer.next_invoice_sequence++);
    SettleBalance(world, account, customer, invoice, cause);
    invoice.status = "open";
    invoice.finalized_at = world.Now();
    invoice.finalizes_at.reset();
    invoice.next_payment_attempt.reset();
    if (invoice.days_until_due) invoice.due_date = world.Now() + days(*invoice.days_until_due);
    if (invoice.currency.empty()) invoice.currency = account.currency;
    if (invoice.amount_due > 0) return OpenIntentFor(world, account, invoice, cause);
    invoice.attempted = true;
    world.Emit(account, "invoice.finalized", Keep(invoice), cause);
    MarkPaid(world, account, invoice, cause.driver, cause);
}

}  // namespace citadel::stripe_sim

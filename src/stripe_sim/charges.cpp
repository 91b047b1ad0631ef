#include "stripe_sim/charges.h"

#include "stripe_sim/clock_scope.h"
#include "stripe_sim/disputes.h"
#include "stripe_sim/shapes.h"
#include "stripe_sim/standing.h"

namespace citadel::stripe_sim {
namespace {

constexpr std::string_view kApprove = "approve";
constexpr std::string_view kAction = "requires_action";
constexpr std::string_view kAuthenticate = "authentication_required";

bool IsAsking(std::string_view answer) { return answer == kAction || answer == kAuthenticate; }

std::string Interpret(std::string answer, WhenAsked when_asked) {
    if (!IsAsking(answer) || when_asked == WhenAsked::kAsTheBankSays) return answer;
    return std::string(when_asked == WhenAsked::kDecline ? kAuthenticate : kAction);
}

bool GoodAgain(const BankStance& bank, Time now) {
    if (!bank.clears_at || now < *bank.clears_at) return false;
    if (bank.period.count() == 0) return true;
    return (now - *bank.clears_at) % bank.period < bank.window;
}

// A card is good until the end of its month.
bool HasExpired(const Card& card, Time now) {
    std::chrono::year_month_day today(std::chrono::floor<std::chrono::days>(now));
    std::chrono::year_month good(std::chrono::year(card.exp_year),
                                 std::chrono::month(static_cast<unsigned>(card.exp_month)));
    return today.year() / today.month() > good;
}

// The charge takes over what the intent says and what the card's owner is called.
Charge& AddCharge(World& world, Account& account, const PaymentIntent& intent, const PayOrder& order,
                  const std::string& decline_code) {
    Charge charge;
    charge.id = world.NewId("ch_3");
    charge.payment_intent = intent.id;
    charge.invoice = intent.invoice;
    charge.customer = intent.customer;
    charge.description = intent.description;
    charge.receipt_email = intent.receipt_email;
    charge.statement_descriptor = intent.statement_descriptor;
    charge.statement_descriptor_suffix = intent.statement_descriptor_suffix;
    charge.transfer_group = intent.transfer_group;
    charge.shipping = intent.shipping;
    charge.metadata = intent.metadata;
    charge.billing = order.method->billing;
    charge.payment_method = order.method->id;
    charge.currency = intent.currency;
    charge.decline_code = decline_code;
    charge.card = order.method->card;
    charge.amount = intent.amount;
    charge.captured = intent.capture_method != "manual";
    if (charge.succeeded() && charge.captured) charge.amount_captured = charge.amount;
    charge.created = world.clock.Now();
    return account.charges.Add(std::move(charge));
}

void NoteFailure(World& world, Account& account, Invoice& invoice, bool wants_payer, const Cause& cause) {
    auto snapshot = Keep(invoice);
    world.Emit(account, "invoice.payment_failed", snapshot, cause);
    if (wants_payer) world.Emit(account, "invoice.payment_action_required", snapshot, cause);
    RefreshStanding(world, account, invoice, cause);
}

void RememberAttempt(Invoice& invoice, const PayOrder& order, const std::string& decline_code) {
    if (invoice.attempt_count == 0) invoice.attempt_count = 1;
    invoice.attempted = true;
    invoice.last_method = order.method->id;
    invoice.last_decline = decline_code;
}

void SettleDecline(World& world, Account& account, PaymentIntent& intent, const PayOrder& order,
                   const Charge& charge) {
    intent.status = "requires_payment_method";
    intent.payment_method.clear();
    intent.confirmed_by_payer = false;
    intent.latest_charge = charge.id;
    intent.last_error = PaymentFailure{charge.decline_code, charge.id, order.method->id};
    world.Emit(account, "charge.failed", Keep(charge), order.cause);
    world.Emit(account, "payment_intent.payment_failed", Keep(intent), order.cause);
    if (auto* invoice = account.invoices.Find(intent.invoice))
        NoteFailure(world, account, *invoice, charge.decline_code == kAuthenticate, order.cause);
}

void SettleAction(World& world, Account& account, PaymentIntent& intent, const PayOrder& order) {
    intent.status = kAction;
    intent.payment_method = order.method->id;
    intent.last_error.reset();
    world.Emit(account, "payment_intent.requires_action", Keep(intent), order.cause);
    if (auto* invoice = account.invoices.Find(intent.invoice))
        NoteFailure(world, account, *invoice, true, order.cause);
}

void SettleApproval(World& world, Account& account, PaymentIntent& intent, const PayOrder& order,
                    Charge& charge) {
    intent.payment_method = order.method->id;
    intent.latest_charge = charge.id;
    intent.last_error.reset();
    intent.status = charge.captured ? "succeeded" : "requires_capture";
    intent.amount_received = charge.amount_captured;
    intent.amount_capturable = charge.amount - charge.amount_captured;
    world.Emit(account, "charge.succeeded", Keep(charge), order.cause);
    world.Emit(account,
               charge.captured ? "payment_intent.succeeded" : "payment_intent.amount_capturable_updated",
               Keep(intent), order.cause);
    if (auto* invoice = account.invoices.Find(intent.invoice)) {
        invoice->amount_paid = invoice->amount_due;
        MarkPaid(world, account, *invoice, order.cause.driver, order.cause);
    }
    const auto& bank = order.method->bank;
    if (!bank.disputed_as.empty()) OpenDispute(world, account, charge, {bank.disputed_as, bank.inquires});
}

// For the ledger: what does not depend on what is paid for.
Attempt NewRow(const World& world, const Account& account, const PaymentMethod* method, const Cause& cause) {
    Attempt row;
    row.time = world.Now();
    row.account = account.id;
    row.driver = cause.driver;
    row.idempotency_key = cause.idempotency_key;
    if (method) {
        row.payment_method = method->id;
        row.fingerprint = method->card.fingerprint;
        row.brand = method->card.brand;
    }
    return row;
}

Attempt DescribeAttempt(const World& world, const Account& account, const PaymentIntent& intent,
                        const PaymentMethod& method, const Cause& cause) {
    if (const auto* invoice = account.invoices.Find(intent.invoice))
        return DescribeAttempt(world, account, *invoice, &method, cause);
    auto row = NewRow(world, account, &method, cause);
    row.customer = intent.customer;
    row.test_clock = ClockOfCustomer(account, intent.customer);
    row.payment_intent = intent.id;
    row.amount = intent.amount;
    row.currency = intent.currency;
    return row;
}

}  // namespace

bool WantsPayer(const BankStance& bank) {
    if (!bank.script.empty()) return IsAsking(bank.script.front());
    return !bank.asks.empty() || IsAsking(bank.decline_code);
}

std::string AskBank(PaymentMethod& method, Time now, bool confirmed) {
    auto& bank = method.bank;
    std::string answer;
    if (!bank.script.empty()) {
        answer = bank.script.front();
        if (bank.script.size() > 1) bank.script.pop_front();
    } else if (HasExpired(method.card, now)) {
        return "expired_card";
    } else if (!bank.asks.empty() && !confirmed) {
        return bank.asks;
    } else if (!GoodAgain(bank, now)) {
        answer = bank.decline_code;
    }
    if (answer == kApprove) answer.clear();
    if (confirmed && !bank.asks_always) bank.asks.clear();
    // The payer is there: the bank asks, the payer confirms, and later charges need no asking.
    if (confirmed && IsAsking(answer)) {
        bank = BankStance();
        answer.clear();
    }
    return answer;
}

PayResult ChargeIntent(World& world, Account& account, PaymentIntent& intent, const PayOrder& order) {
    PayResult result;
    Attempt row = DescribeAttempt(world, account, intent, *order.method, order.cause);
    bool confirmed = order.on_session || intent.confirmed_by_payer;
    bool asked = WantsPayer(order.method->bank);
    result.decline_code = Interpret(AskBank(*order.method, world.Now(), confirmed), order.when_asked);
    if (auto* invoice = account.invoices.Find(intent.invoice))
        RememberAttempt(*invoice, order, result.decline_code);
    if (result.decline_code == kAction) {
        result.outcome = AttemptOutcome::kRequiresAction;
        result.decline_code.clear();
        SettleAction(world, account, intent, order);
    } else {
        auto& charge = AddCharge(world, account, intent, order, result.decline_code);
        charge.authenticated = asked && confirmed;
        result.charge = charge.id;
        if (auto* invoice = account.invoices.Find(intent.invoice)) invoice->charge = charge.id;
        result.outcome = charge.succeeded() ? AttemptOutcome::kApproved : AttemptOutcome::kDeclined;
        if (charge.succeeded()) SettleApproval(world, account, intent, order, charge);
        else SettleDecline(world, account, intent, order, charge);
    }
    row.id = result.charge;
    row.outcome = result.outcome;
    row.decline_code = result.decline_code;
    world.ledger.Record(std::move(row));
    return result;
}

PayResult CollectPayment(World& world, Account& account, Invoice& invoice, const PayOrder& order) {
    return ChargeIntent(world, account, *account.payment_intents.Find(invoice.payment_intent), order);
}

PaymentMethod* MethodFor(Account& account, const Invoice& invoice) {
    const auto* subscription = account.subscriptions.Find(invoice.subscription);
    const auto* customer = account.customers.Find(invoice.customer);
    std::string id = invoice.default_payment_method;
    if (id.empty() && subscription) id = subscription->default_payment_method;
    if (id.empty() && customer) id = customer->default_payment_method;
    if (id.empty() && customer) id = customer->default_source;
    return account.payment_methods.Find(id);
}

void FailWithoutMethod(World& world, Account& account, Invoice& invoice, const Cause& cause) {
    invoice.attempted = true;
    NoteFailure(world, account, invoice, false, cause);
}

void MarkPaid(World& world, Account& account, Invoice& invoice, Driver driver, const Cause& cause) {
    json::object previous;
    previous["status"] = invoice.status;
    previous["auto_advance"] = invoice.auto_advance;
    invoice.status = "paid";
    invoice.auto_advance = false;
    invoice.next_payment_attempt.reset();
    invoice.paid_at = world.Now();
    invoice.paid_by = driver;
    auto snapshot = Keep(invoice);
    world.Emit(account, "invoice.updated", snapshot, cause, std::move(previous));
    world.Emit(account, "invoice.paid", snapshot, cause);
    if (!invoice.paid_out_of_band) {
        world.Emit(account, "invoice.payment_succeeded", snapshot, cause);
        if (ShapeOf(account.api_version) == Shape::kBasil && !invoice.payment_intent.empty()) {
            world.Emit(account, "invoice_payment.paid", PaymentOf{snapshot}, cause);
        }
    }
    RefreshStanding(world, account, invoice, cause);
}

Attempt DescribeAttempt(const World& world, const Account& account, const Invoice& invoice,
                        const PaymentMethod* method, const Cause& cause) {
    auto row = NewRow(world, account, method, cause);
    row.customer = invoice.customer;
    row.test_clock = ClockOfCustomer(account, invoice.customer);
    row.invoice = invoice.id;
    row.payment_intent = invoice.payment_intent;
    row.amount = invoice.amount_due;
    row.currency = invoice.currency;
    if (cause.driver == Driver::kEngine)
        row.stopped_by = world.ledger.StopFor(invoice, account.id, cause.acknowledged);
    return row;
}

}  // namespace citadel::stripe_sim

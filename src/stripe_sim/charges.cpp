#include "stripe_sim/charges.h"

#include "stripe_sim/declines.h"
#include "stripe_sim/shapes.h"
#include "stripe_sim/standing.h"

namespace citadel::stripe_sim {
namespace {

constexpr std::string_view kApprove = "approve";
constexpr std::string_view kAction = "requires_action";
constexpr std::string_view kAuthenticate = "authentication_required";

bool GoodAgain(const BankStance& bank, Time now) {
    if (!bank.clears_at || now < *bank.clears_at) return false;
    if (bank.period.count() == 0) return true;
    return (now - *bank.clears_at) % bank.period < bank.window;
}

Charge& AddCharge(World& world, Account& account, const Invoice& invoice, const PayOrder& order,
                  const std::string& decline_code) {
    Charge charge;
    charge.id = world.NewId("ch_3");
    charge.payment_intent = invoice.payment_intent;
    charge.invoice = invoice.id;
    charge.customer = invoice.customer;
    charge.email = invoice.customer_email;
    charge.name = invoice.customer_name;
    charge.payment_method = order.method->id;
    charge.currency = invoice.currency;
    charge.decline_code = decline_code;
    charge.card = order.method->card;
    charge.amount = invoice.total;
    charge.created = world.Now();
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

void SettleDecline(World& world, Account& account, Invoice& invoice, const PayOrder& order,
                   const Charge& charge) {
    auto& intent = *account.payment_intents.Find(invoice.payment_intent);
    intent.status = "requires_payment_method";
    intent.payment_method.clear();
    intent.latest_charge = charge.id;
    intent.last_error = PaymentFailure{charge.decline_code, charge.id, order.method->id};
    world.Emit(account, "charge.failed", Keep(charge), order.cause);
    world.Emit(account, "payment_intent.payment_failed", Keep(intent), order.cause);
    NoteFailure(world, account, invoice, charge.decline_code == kAuthenticate, order.cause);
}

void SettleAction(World& world, Account& account, Invoice& invoice, const PayOrder& order) {
    auto& intent = *account.payment_intents.Find(invoice.payment_intent);
    intent.status = kAction;
    intent.payment_method = order.method->id;
    intent.last_error.reset();
    world.Emit(account, "payment_intent.requires_action", Keep(intent), order.cause);
    NoteFailure(world, account, invoice, true, order.cause);
}

void SettleApproval(World& world, Account& account, Invoice& invoice, const PayOrder& order,
                    const Charge& charge) {
    auto& intent = *account.payment_intents.Find(invoice.payment_intent);
    intent.status = "succeeded";
    intent.payment_method = order.method->id;
    intent.latest_charge = charge.id;
    intent.last_error.reset();
    invoice.amount_paid = invoice.total;
    world.Emit(account, "charge.succeeded", Keep(charge), order.cause);
    world.Emit(account, "payment_intent.succeeded", Keep(intent), order.cause);
    MarkPaid(world, account, invoice, order.cause.driver, order.cause);
}

}  // namespace

std::string AskBank(PaymentMethod& method, Time now, bool on_session) {
    auto& bank = method.bank;
    std::string answer;
    if (!bank.script.empty()) {
        answer = bank.script.front();
        if (bank.script.size() > 1) bank.script.pop_front();
    } else if (!GoodAgain(bank, now)) {
        answer = bank.decline_code;
    }
    if (answer == kApprove) answer.clear();
    // The payer is there: the bank asks, the payer confirms, and later charges need no asking.
    if (on_session && (answer == kAuthenticate || answer == kAction)) {
        bank = BankStance();
        answer.clear();
    }
    return answer;
}

PayResult CollectPayment(World& world, Account& account, Invoice& invoice, const PayOrder& order) {
    PayResult result;
    Attempt row = DescribeAttempt(world, account, invoice, order.method, order.cause);
    result.decline_code = AskBank(*order.method, world.Now(), order.on_session);
    RememberAttempt(invoice, order, result.decline_code);
    if (result.decline_code == kAction) {
        result.outcome = AttemptOutcome::kRequiresAction;
        result.decline_code.clear();
        SettleAction(world, account, invoice, order);
    } else {
        const auto& charge = AddCharge(world, account, invoice, order, result.decline_code);
        result.charge = charge.id;
        invoice.charge = charge.id;
        result.outcome = charge.succeeded() ? AttemptOutcome::kApproved : AttemptOutcome::kDeclined;
        if (charge.succeeded()) SettleApproval(world, account, invoice, order, charge);
        else SettleDecline(world, account, invoice, order, charge);
    }
    row.id = result.charge;
    row.outcome = result.outcome;
    row.decline_code = result.decline_code;
    world.ledger.Record(std::move(row));
    return result;
}

PaymentMethod* MethodFor(Account& account, const Invoice& invoice) {
    const auto* subscription = account.subscriptions.Find(invoice.subscription);
    const auto* customer = account.customers.Find(invoice.customer);
    std::string id = invoice.default_payment_method;
    if (id.empty() && subscription) id = subscription->default_payment_method;
    if (id.empty() && customer) id = customer->default_payment_method;
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
    Attempt row;
    row.time = world.Now();
    row.account = account.id;
    row.customer = invoice.customer;
    row.invoice = invoice.id;
    row.payment_intent = invoice.payment_intent;
    row.amount = invoice.total;
    row.currency = invoice.currency;
    row.driver = cause.driver;
    row.idempotency_key = cause.idempotency_key;
    if (method) {
        row.payment_method = method->id;
        row.fingerprint = method->card.fingerprint;
        row.brand = method->card.brand;
    }
    if (cause.driver == Driver::kEngine) {
        row.stopped_by = world.ledger.StopFor(invoice, account.id, cause.acknowledged);
    }
    return row;
}

}  // namespace citadel::stripe_sim

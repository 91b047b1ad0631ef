#include "recovery/retry_payment.h"

#include "base/log.h"
#include "policy/dunning.h"
#include "recovery/read_invoice.h"
#include "recovery/write_letter.h"

namespace citadel::recovery {

namespace asio = boost::asio;
using store::Settlement;
using store::Work;

namespace {

// Stripe keeps an idempotency key for at least 24 hours; until then the same key is a safe question.
constexpr std::chrono::hours kKeyIsSafeFor{23};

policy::DeclineReading ReadDecline(const store::Recovery& recovery) {
    policy::Decline decline{recovery.decline_code, recovery.advice_code, recovery.network_decline_code,
                            recovery.network_advice_code};
    return policy::ReadDecline(decline);
}

policy::RetryMode ModeOf(const std::string& name) {
    if (name == "observe") return policy::RetryMode::kObserve;
    return name == "own" ? policy::RetryMode::kOwn : policy::RetryMode::kWeave;
}

policy::DunningState StateOf(const Tools& tools, const Work& work) {
    const auto& recovery = work.recovery;
    policy::DunningState state;
    state.now = tools.clock.Now();
    state.first_failed_at = recovery.first_failed_at;
    state.charges = recovery.slots_used;
    state.letters = recovery.mails_sent;
    state.last_charge_at = recovery.last_attempt_at;
    state.decline = ReadDecline(recovery);
    state.needs_customer =
        recovery.needs_customer || state.decline.family == policy::DeclineFamily::kAuthentication;
    state.new_method = recovery.method_changed_at.has_value();
    state.has_address = !recovery.customer_email.empty();
    state.mode = ModeOf(work.merchant.retry_mode);
    state.stripe_next_attempt_at = recovery.stripe_next_attempt_at;
    state.stripe_attempted_at = recovery.stripe_attempted_at;
    return state;
}

Settlement Continue(Settlement settlement, std::optional<Time> at, std::string result) {
    settlement.next_task_type = store::kDunningRetry;
    settlement.next_run_at = at;
    return Complete(std::move(settlement), std::move(result));
}

Settlement GiveUp(Settlement settlement, const policy::DunningStep& step) {
    settlement.recovery_end = store::RecoveryEnd::kExhausted;
    settlement.reason = "sequence_ended";
    return Complete(std::move(settlement), step.reason);
}

void Note(Settlement& settlement, std::string action, const policy::DunningStep& step) {
    settlement.decisions.push_back({std::move(action), step.rule, step.reason, step.next_at});
}

asio::awaitable<Settlement> Write(const Tools& tools, const Work& work, Settlement settlement,
                                  policy::DunningStep step) {
    LetterOrder order;
    order.letter = step.letter;
    order.number = step.letter_number;
    order.next_charge_at = step.next_charge_at;
    order.card_needs_update = !step.next_charge_at && step.letter == policy::Letter::kPaymentFailed;
    LetterOutcome outcome = co_await WriteLetter(tools, work, order);
    switch (outcome) {
        case LetterOutcome::kTryLater:
            co_return Defer(std::move(settlement), work, tools.clock, "the mail service is away");
        case LetterOutcome::kStopped:
            co_return Defer(std::move(settlement), work, tools.clock, "a stop signal came first");
        case LetterOutcome::kSent: Note(settlement, "write", step); break;
        case LetterOutcome::kRefused: Note(settlement, "wait", step); break;
    }
    auto result = fmt::format("letter {} {}", step.letter_number,
                              outcome == LetterOutcome::kSent ? "sent" : "could not be sent");
    co_return Continue(std::move(settlement), step.next_at, std::move(result));
}

// All but charging: what the policy says when no charge is due (any more) in this run.
asio::awaitable<Settlement> Act(const Tools& tools, const Work& work, Settlement settlement,
                                policy::DunningStep step) {
    switch (step.action) {
        case policy::DunningStep::Action::kGiveUp:
            Note(settlement, "stop", step);
            co_return GiveUp(std::move(settlement), step);
        case policy::DunningStep::Action::kWrite: {
            Settlement written = co_await Write(tools, work, std::move(settlement), std::move(step));
            co_return written;
        }
        case policy::DunningStep::Action::kWait:
        case policy::DunningStep::Action::kCharge: break;
    }
    Note(settlement, "wait", step);
    co_return Continue(std::move(settlement), step.next_at, step.reason);
}

store::AttemptResult ResultOf(const store::ChargeSlot& slot, const stripe::Failure& failure) {
    store::AttemptResult result;
    result.slot = slot.slot;
    result.detail = fmt::format("{} {}", stripe::NameOf(failure.kind), failure.message);
    auto code = failure.decline_code.empty() ? failure.code : failure.decline_code;
    result.decline = {code, failure.advice_code, failure.network_decline_code, failure.network_advice_code};
    switch (failure.kind) {
        case stripe::FailureKind::kDeclined: result.outcome = store::AttemptOutcome::kDeclined; break;
        case stripe::FailureKind::kNeedsAction:
            result.outcome = store::AttemptOutcome::kActionRequired;
            break;
        default: result.outcome = store::AttemptOutcome::kNotCharged; break;
    }
    return result;
}

// No money moved and we know it: book the attempt, then let the policy say what follows.
asio::awaitable<Settlement> AfterRefusal(const Tools& tools, Work work, Settlement settlement,
                                         store::ChargeSlot slot, stripe::Failure failure) {
    settlement.attempt = ResultOf(slot, failure);
    settlement.method_used = true;
    if (failure.kind == stripe::FailureKind::kOutOfReach || failure.kind == stripe::FailureKind::kNotFound) {
        Settlement unread = SettleUnread(std::move(settlement), work, tools.clock, failure);
        co_return unread;
    }
    if (failure.kind == stripe::FailureKind::kInvalid) {
        // Most likely it was paid or voided a moment ago: look again before a word goes to the customer.
        co_return Continue(std::move(settlement), tools.clock.Now(),
                           "Stripe refused the charge: " + failure.message);
    }
    auto& recovery = work.recovery;
    recovery.slots_used = std::max(recovery.slots_used, slot.slot);
    recovery.last_attempt_at = slot.intended_at;
    recovery.method_changed_at.reset();
    if (failure.kind == stripe::FailureKind::kNeedsAction) {
        settlement.needs_customer = true;
        recovery.needs_customer = true;
    }
    if (failure.kind == stripe::FailureKind::kDeclined) {
        const auto& decline = settlement.attempt->decline;
        settlement.decline = decline;
        recovery.decline_code = decline.decline_code;
        recovery.advice_code = decline.advice_code;
        recovery.network_decline_code = decline.network_decline_code;
        recovery.network_advice_code = decline.network_advice_code;
    }
    policy::DunningStep step = policy::DecideClassic(StateOf(tools, work));
    if (step.action == policy::DunningStep::Action::kCharge) step.next_at = tools.clock.Now() + kKeyIsSafeFor;
    Settlement settled = co_await Act(tools, work, std::move(settlement), std::move(step));
    co_return settled;
}

Settlement AfterPayment(Settlement settlement, const Work& work, const Clock& clock,
                        const store::ChargeSlot& slot, const stripe::Invoice& invoice) {
    if (invoice.status != "paid") {
        // Accepted but not through yet (a bank debit): the slot stays in doubt and is looked at again.
        return Defer(std::move(settlement), work, clock, "the payment is being processed");
    }
    settlement.attempt = store::AttemptResult{slot.slot, store::AttemptOutcome::kSucceeded, {}, "paid"};
    settlement.recovery_end = store::RecoveryEnd::kRecovered;
    settlement.reason = "paid";
    settlement.cause = "retry";
    settlement.recovered = invoice.amount_paid;
    return Complete(std::move(settlement), "paid by our retry");
}

// Sends the charge of a slot: for the first time, or again under its own key.
asio::awaitable<Settlement> SendCharge(const Tools& tools, Work work, Settlement settlement,
                                       store::ChargeSlot slot) {
    stripe::Client client = tools.stripe.For(work.merchant.account);
    auto outcome =
        co_await client.PayInvoice(work.recovery.invoice_id, slot.idempotency_key, slot.payment_method);
    tools.Reached("charge_answered");
    if (auto invoice = std::get_if<stripe::Invoice>(&outcome)) {
        co_return AfterPayment(std::move(settlement), work, tools.clock, slot, *invoice);
    }
    stripe::Failure failure = std::get<stripe::Failure>(outcome);
    switch (failure.kind) {
        case stripe::FailureKind::kUnknown:
        case stripe::FailureKind::kUnavailable:
        case stripe::FailureKind::kBusy:
        case stripe::FailureKind::kRateLimited:
        case stripe::FailureKind::kAuthentication: {
            auto why = fmt::format("slot {} is in doubt: {} {}", slot.slot, stripe::NameOf(failure.kind),
                                   failure.message);
            log::Warn("charge_in_doubt",
                      {{"recovery", work.recovery.id}, {"slot", slot.slot}, {"error", why}});
            co_return Defer(std::move(settlement), work, tools.clock, std::move(why));
        }
        default: break;
    }
    Settlement settled = co_await AfterRefusal(tools, std::move(work), std::move(settlement), std::move(slot),
                                               std::move(failure));
    co_return settled;
}

asio::awaitable<Settlement> ChargeNow(const Tools& tools, Work work, Settlement settlement,
                                      policy::DunningStep step) {
    Note(settlement, "charge", step);
    store::ChargeIntent intent;
    intent.task = work.task;
    intent.recovery_id = work.recovery.id;
    intent.amount = work.recovery.due;
    if (work.recovery.method_changed_at) {
        stripe::Client client = tools.stripe.For(work.merchant.account);
        auto method = co_await client.NewestPaymentMethod(work.recovery.customer_id);
        if (auto failure = std::get_if<stripe::Failure>(&method)) {
            co_return SettleUnread(std::move(settlement), work, tools.clock, *failure);
        }
        intent.payment_method = std::get<std::string>(method);
    }
    auto slot = co_await tools.charges.Add(std::move(intent));
    if (!slot) {
        auto why = "no charge was begun: a stop signal came first, or the lease is lost";
        co_return Defer(BeginSettlement(work), work, tools.clock, why);
    }
    tools.Reached("charge_intended");
    store::ChargeSlot opened = *slot;
    Settlement settled =
        co_await SendCharge(tools, std::move(work), std::move(settlement), std::move(opened));
    co_return settled;
}

// A slot whose outcome an earlier run never learned. While Stripe surely keeps the key, the same key is
// asked again. After that, or once the recovery is closed, the invoice tells: still open means that no
// money moved.
asio::awaitable<Settlement> ResolveSlot(const Tools& tools, Work work, Settlement settlement,
                                        const stripe::LiveInvoice& live) {
    store::ChargeSlot slot = *work.unsettled;
    bool open = live.invoice.status == "open" && work.recovery.status == "open";
    bool key_is_safe = tools.clock.Now() - slot.intended_at < kKeyIsSafeFor;
    if (key_is_safe && open) {
        Settlement settled =
            co_await SendCharge(tools, std::move(work), std::move(settlement), std::move(slot));
        co_return settled;
    }
    if (key_is_safe && live.invoice.status == "paid") {
        // A paid invoice cannot be charged again; its stored answer tells whether it was us who got it paid.
        stripe::Client client = tools.stripe.For(work.merchant.account);
        auto outcome =
            co_await client.PayInvoice(work.recovery.invoice_id, slot.idempotency_key, slot.payment_method);
        if (auto invoice = std::get_if<stripe::Invoice>(&outcome)) {
            co_return AfterPayment(std::move(settlement), work, tools.clock, slot, *invoice);
        }
    }
    if (live.payment_status == "processing") {
        co_return Defer(std::move(settlement), work, tools.clock, "the payment is being processed");
    }
    settlement.attempt =
        store::AttemptResult{slot.slot,
                             store::AttemptOutcome::kNotCharged,
                             {},
                             "its key expired unanswered; the invoice shows no payment by it"};
    auto ended = EndIfOver(settlement, work, live.invoice);
    if (ended) co_return *ended;
    if (!open)
        co_return Complete(std::move(settlement), "the slot was settled by looking; the recovery is closed");
    co_return Continue(std::move(settlement), tools.clock.Now(), "the slot was settled by looking");
}

}  // namespace

asio::awaitable<Settlement> RetryPayment(const Tools& tools, Work work) {
    Settlement settlement = BeginSettlement(work);
    bool closed = work.recovery.status != "open";
    if (closed && !work.unsettled) co_return Complete(std::move(settlement), "the recovery is closed");
    if (!work.merchant.connected) {
        co_return Stop(std::move(settlement), "disconnected", "the merchant's account is not connected");
    }
    stripe::Client client = tools.stripe.For(work.merchant.account);
    auto read = co_await client.RetrieveInvoice(work.recovery.invoice_id);
    if (auto failure = std::get_if<stripe::Failure>(&read)) {
        co_return SettleUnread(std::move(settlement), work, tools.clock, *failure);
    }
    const auto& live = std::get<stripe::LiveInvoice>(read);
    tools.Reached("invoice_read");
    Learn(settlement, live);
    Refresh(work, live, tools.clock.Now());
    if (work.unsettled) {
        Settlement resolved = co_await ResolveSlot(tools, std::move(work), std::move(settlement), live);
        co_return resolved;
    }
    auto ended = EndIfOver(settlement, work, live.invoice);
    if (ended) co_return *ended;
    policy::DunningStep step = policy::DecideClassic(StateOf(tools, work));
    if (step.action == policy::DunningStep::Action::kCharge) {
        Settlement charged =
            co_await ChargeNow(tools, std::move(work), std::move(settlement), std::move(step));
        co_return charged;
    }
    Settlement acted = co_await Act(tools, work, std::move(settlement), std::move(step));
    co_return acted;
}

}  // namespace citadel::recovery

#include "recovery/charge.h"

#include "recovery/attempts_of_others.h"
#include "recovery/card.h"
#include "recovery/plan.h"
#include "recovery/read_invoice.h"

namespace citadel::recovery {

namespace asio = boost::asio;
using store::Settlement;
using store::Work;

namespace {

// Stripe keeps an idempotency key for at least 24 hours; until then the same key is a safe question.
constexpr std::chrono::hours kKeyIsSafeFor{23};

store::AttemptResult ResultOf(const store::ChargeSlot& slot, const stripe::Failure& failure) {
    store::AttemptResult result;
    result.slot = slot.slot;
    result.charge_id = failure.charge;
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

// The attempt just made, for the decision that follows in this run.
void TakeInAttempt(Work& work, Settlement& settlement, const store::ChargeSlot& slot) {
    auto& recovery = work.recovery;
    recovery.slots_used = std::max(recovery.slots_used, slot.slot);
    recovery.last_attempt_at = slot.intended_at;
    recovery.method_changed_at.reset();
    recovery.collect_now_at.reset();
    settlement.method_used = true;
    settlement.collected = true;
    if (settlement.attempt->outcome == store::AttemptOutcome::kActionRequired) {
        settlement.needs_customer = true;
        recovery.needs_customer = true;
    }
    store::BookedAttempt booked{slot.intended_at, slot.fingerprint, true, settlement.attempt->decline};
    work.attempts.push_back(std::move(booked));
    if (settlement.attempt->outcome == store::AttemptOutcome::kDeclined) {
        const auto& decline = settlement.attempt->decline;
        settlement.decline = decline;
        recovery.decline_code = decline.decline_code;
        recovery.advice_code = decline.advice_code;
        recovery.network_decline_code = decline.network_decline_code;
        recovery.network_advice_code = decline.network_advice_code;
    }
}

// The slot is settled as failed: what follows is the policy's to say. It never charges twice in one run.
asio::awaitable<Settlement> DecideAfter(const Tools& tools, Work work, Settlement settlement,
                                        stripe::LiveInvoice live) {
    policy::DunningStep step = DecideStep(work, StateOf(tools, work, live), settlement);
    if (step.action == policy::DunningStep::Action::kCharge) step.next_at = tools.clock.Now() + kKeyIsSafeFor;
    Settlement settled = co_await Act(tools, std::move(work), std::move(settlement), std::move(step));
    co_return settled;
}

// No money moved and we know it: book the attempt, then let the policy say what follows.
asio::awaitable<Settlement> AfterRefusal(const Tools& tools, Work work, Settlement settlement,
                                         store::ChargeSlot slot, stripe::Failure failure,
                                         stripe::LiveInvoice live) {
    settlement.attempt = ResultOf(slot, failure);
    settlement.method_used = true;
    settlement.collected = true;
    if (failure.kind == stripe::FailureKind::kOutOfReach || failure.kind == stripe::FailureKind::kNotFound) {
        Settlement unread = SettleUnread(std::move(settlement), work, tools.clock, failure);
        co_return unread;
    }
    if (failure.kind == stripe::FailureKind::kInvalid) {
        // Most likely it was paid or voided a moment ago: look again before a word goes to the customer.
        co_return Continue(std::move(settlement), tools.clock.Now(),
                           "Stripe refused the charge: " + failure.message);
    }
    TakeInAttempt(work, settlement, slot);
    Settlement settled = co_await DecideAfter(tools, std::move(work), std::move(settlement), std::move(live));
    co_return settled;
}

Settlement AfterPayment(Settlement settlement, const Work& work, const Clock& clock,
                        const store::ChargeSlot& slot, const stripe::Invoice& invoice) {
    if (invoice.status != "paid") {
        // Accepted but not through yet (a bank debit): the slot stays in doubt and is looked at again.
        return Defer(std::move(settlement), work, clock, "the payment is being processed");
    }
    settlement.attempt = store::AttemptResult{slot.slot, store::AttemptOutcome::kSucceeded, {}, "paid", {}};
    settlement.recovery_end = store::RecoveryEnd::kRecovered;
    settlement.reason = "paid";
    settlement.cause = "retry";
    settlement.recovered = invoice.amount_paid;
    return Complete(std::move(settlement), "paid by our retry");
}

// Sends the charge of a slot: for the first time, or again under its own key.
asio::awaitable<Settlement> SendCharge(const Tools& tools, Work work, Settlement settlement,
                                       store::ChargeSlot slot, stripe::LiveInvoice live) {
    stripe::Client client = tools.stripe.For(work.merchant.account);
    auto outcome =
        co_await client.PayInvoice(work.recovery.invoice_id, slot.idempotency_key, slot.payment_method);
    tools.Reached("charge_answered");
    if (auto invoice = std::get_if<stripe::Invoice>(&outcome)) {
        co_return AfterPayment(std::move(settlement), work, tools.clock, slot, *invoice);
    }
    auto failure = std::get<stripe::Failure>(outcome);
    switch (failure.kind) {
        case stripe::FailureKind::kAuthentication:
        case stripe::FailureKind::kRateLimited:
        case stripe::FailureKind::kBusy:
        case stripe::FailureKind::kUnavailable:
        case stripe::FailureKind::kUnknown:
            // The slot stays in doubt; the next run asks again under the same key.
            co_return Defer(std::move(settlement), work, tools.clock,
                            fmt::format("the charge has no known outcome yet: {} {}",
                                        stripe::NameOf(failure.kind), failure.message));
        default: break;
    }
    Settlement settled = co_await AfterRefusal(tools, std::move(work), std::move(settlement), std::move(slot),
                                               std::move(failure), std::move(live));
    co_return settled;
}

// A network's limit stands against it: the time when it is free again goes into the plan.
asio::awaitable<Settlement> AfterSpentBudget(const Tools& tools, Work work, Settlement settlement,
                                             store::ChargeVerdict verdict, stripe::LiveInvoice live) {
    work.recovery.budget_free_at = verdict.budget_free_at;
    settlement.budget_free_at = verdict.budget_free_at;
    settlement.decisions.push_back(
        {"wait", "network.budget", "used up: " + verdict.limit, verdict.budget_free_at, ""});
    policy::DunningStep step = DecideStep(work, StateOf(tools, work, live), settlement);
    Settlement settled = co_await Act(tools, std::move(work), std::move(settlement), std::move(step));
    co_return settled;
}

// Whether a charge of that moment may be the answer to one of the times at which the slot's was asked for.
// Stripe's clock and ours agree to a minute or so; an answer may take half a minute.
bool MayBeOf(const store::ChargeSlot& slot, Time created) {
    auto near = [&](Time asked) {
        return created >= asked - std::chrono::minutes(2) && created <= asked + std::chrono::minutes(10);
    };
    return near(slot.intended_at) || std::ranges::any_of(slot.asked_again_at, near);
}

using FoundCharge = std::variant<std::optional<stripe::Charge>, stripe::Failure>;

// Looks for the slot's charge among those that Stripe shows. Time alone does not tell it from Stripe's own
// retry or the payer's in the same minutes: the event of a charge names the key that it was asked for under.
// Where we may not read events, or they are gone, the first in time is taken.
asio::awaitable<FoundCharge> FindCharge(stripe::Client client, store::ChargeSlot slot,
                                        std::vector<stripe::Charge> charges) {
    std::ranges::sort(charges, {}, &stripe::Charge::created);
    std::optional<stripe::Charge> likely;
    for (const auto& charge : charges) {
        if (!MayBeOf(slot, charge.created)) continue;
        auto asked = co_await client.KeyOfCharge(charge.id, charge.created);
        std::optional<std::string> key;
        if (auto failure = std::get_if<stripe::Failure>(&asked)) {
            bool forbidden = failure->kind == stripe::FailureKind::kOutOfReach ||
                             failure->kind == stripe::FailureKind::kInvalid;
            FoundCharge passing = *failure;
            if (!forbidden) co_return passing;
        } else {
            key = std::get<std::optional<std::string>>(asked);
        }
        FoundCharge ours = std::optional<stripe::Charge>(charge);
        if (key == slot.idempotency_key) co_return ours;
        if (!key && !likely) likely = charge;
    }
    FoundCharge found = likely;
    co_return found;
}

store::AttemptResult ResultOf(const store::ChargeSlot& slot, const stripe::Charge& charge) {
    auto seen = SeenOf(charge);
    store::AttemptResult result;
    result.slot = slot.slot;
    result.outcome = seen.outcome;
    result.decline = seen.decline;
    result.detail = "its answer never came; found among the payment's charges";
    result.charge_id = seen.charge_id;
    return result;
}

// The key may be forgotten: only looking is left.
asio::awaitable<Settlement> LookUp(const Tools& tools, Work work, Settlement settlement,
                                   store::ChargeSlot slot, stripe::LiveInvoice live) {
    if (live.payment_status == "processing") {
        co_return Defer(std::move(settlement), work, tools.clock, "the payment is being processed");
    }
    settlement.attempt =
        store::AttemptResult{slot.slot,
                             store::AttemptOutcome::kNotCharged,
                             {},
                             "its key expired unanswered; the invoice shows no payment by it",
                             {}};
    settlement.method_used = true;
    settlement.collected = true;
    if (!live.invoice.payment_intent.empty()) {
        stripe::Client client = tools.stripe.For(work.merchant.account);
        auto listed = co_await client.ListCharges(live.invoice.payment_intent);
        if (auto failure = std::get_if<stripe::Failure>(&listed)) {
            co_return Defer(BeginSettlement(work), work, tools.clock,
                            "the charges could not be read: " + failure->message);
        }
        FoundCharge found = co_await FindCharge(client, slot, std::get<std::vector<stripe::Charge>>(listed));
        if (auto failure = std::get_if<stripe::Failure>(&found)) {
            co_return Defer(BeginSettlement(work), work, tools.clock,
                            "whose charge it was could not be read: " + failure->message);
        }
        const auto& charge = std::get<std::optional<stripe::Charge>>(found);
        if (charge) settlement.attempt = ResultOf(slot, *charge);
    }
    auto ended = EndIfOver(settlement, work, live.invoice);
    if (ended) {
        if (settlement.attempt->outcome == store::AttemptOutcome::kSucceeded) ended->cause = "retry";
        co_return *ended;
    }
    if (work.recovery.status != "open") {
        co_return Complete(std::move(settlement), "the slot was settled by looking; the recovery is closed");
    }
    co_return Continue(std::move(settlement), tools.clock.Now(), "the slot was settled by looking");
}

}  // namespace

asio::awaitable<Settlement> ChargeNow(const Tools& tools, Work work, Settlement settlement,
                                      policy::DunningStep step, stripe::LiveInvoice live) {
    auto choice = co_await ChooseCard(tools, work, live);
    if (auto failure = std::get_if<stripe::Failure>(&choice)) {
        co_return SettleUnread(std::move(settlement), work, tools.clock, *failure);
    }
    const auto& card = std::get<std::optional<store::Card>>(choice);
    if (!card) {
        // The new card was taken away again: nothing new is there, and nothing to charge.
        work.recovery.method_changed_at.reset();
        settlement.method_used = true;
        Settlement settled =
            co_await DecideAfter(tools, std::move(work), std::move(settlement), std::move(live));
        co_return settled;
    }
    settlement.card_fingerprint = card->fingerprint;
    settlement.card_network = card->network;
    store::ChargeIntent intent;
    intent.task = work.task;
    intent.recovery_id = work.recovery.id;
    intent.amount = work.recovery.due;
    intent.card = *card;
    intent.limits = LimitsOf(*card, tools.clock.Now());
    store::ChargeVerdict verdict = co_await tools.charges.Add(std::move(intent));
    if (verdict.budget_free_at) {
        Settlement spent = co_await AfterSpentBudget(tools, std::move(work), std::move(settlement),
                                                     std::move(verdict), std::move(live));
        co_return spent;
    }
    if (!verdict.slot) {
        auto why = "no charge was begun: a stop signal came first, or the lease is lost";
        co_return Defer(BeginSettlement(work), work, tools.clock, why);
    }
    tools.Reached("charge_intended");
    Note(settlement, "charge", step);
    store::ChargeSlot opened = *verdict.slot;
    Settlement settled = co_await SendCharge(tools, std::move(work), std::move(settlement), std::move(opened),
                                             std::move(live));
    co_return settled;
}

// While Stripe surely keeps the key, the same key is asked again. After that, or once the recovery is
// closed, the invoice and its charges tell.
asio::awaitable<Settlement> ResolveSlot(const Tools& tools, Work work, Settlement settlement,
                                        stripe::LiveInvoice live) {
    store::ChargeSlot slot = *work.unsettled;
    bool open = live.invoice.status == "open" && work.recovery.status == "open";
    bool key_is_safe = tools.clock.Now() - slot.intended_at < kKeyIsSafeFor;
    if (key_is_safe && open) {
        bool allowed =
            co_await store::AskAgain(tools.pool, work.task, work.recovery.id, slot.slot, tools.clock.Now());
        if (!allowed) {
            co_return Defer(BeginSettlement(work), work, tools.clock,
                            "not asked again: a stop signal came first, or the lease is lost");
        }
        Settlement settled = co_await SendCharge(tools, std::move(work), std::move(settlement),
                                                 std::move(slot), std::move(live));
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
    Settlement looked =
        co_await LookUp(tools, std::move(work), std::move(settlement), std::move(slot), std::move(live));
    co_return looked;
}

}  // namespace citadel::recovery

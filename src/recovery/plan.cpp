#include "recovery/plan.h"

#include <algorithm>

#include "policy/collect_now.h"
#include "recovery/card.h"

namespace citadel::recovery {

namespace {

using Action = policy::DunningStep::Action;

policy::RetryMode ModeOf(const std::string& name) {
    if (name == "observe") return policy::RetryMode::kObserve;
    return name == "own" ? policy::RetryMode::kOwn : policy::RetryMode::kWeave;
}

std::optional<Time> Latest(std::optional<Time> one, std::optional<Time> other) {
    if (!one || !other) return one ? one : other;
    return std::max(*one, *other);
}

policy::Decline CodesOf(const store::DeclineFacts& facts) {
    return {facts.decline_code, facts.advice_code, facts.network_decline_code, facts.network_advice_code};
}

void AddMerchantsWishes(const store::MerchantView& merchant, policy::DunningState& state) {
    state.mode = ModeOf(merchant.retry_mode);
    state.overrides.charges_max = merchant.charges_max;
    state.overrides.window_days = merchant.window_days;
    state.overrides.quiet_from_hour = merchant.quiet_from_hour;
    state.overrides.quiet_until_hour = merchant.quiet_until_hour;
}

// The decline that counts is that of the card which would be charged; one that was never tried is new.
void AddCard(const store::Work& work, const stripe::LiveInvoice& live, policy::DunningState& state) {
    state.country = live.customer_country;
    if (!live.method) {
        if (state.new_method) return;
        state.decline.retry_same_card = false;
        state.decline.rule = "there is no card to charge";
        return;
    }
    auto card = CardOf(*live.method);
    auto tried = NewestAttemptOf(card, work);
    if (!tried && !work.attempts.empty()) state.new_method = true;
    if (tried && tried->declined) state.decline_codes = CodesOf(tried->decline);
    state.decline = policy::ReadDecline(state.decline_codes);
    if (IsDead(card, work)) state.decline.retry_same_card = false;
    state.brand = live.method->brand;
    state.funding = live.method->funding;
    if (state.country.empty()) state.country = live.method->country;
}

}  // namespace

policy::DunningState StateOf(const Tools& tools, const store::Work& work, const stripe::LiveInvoice& live) {
    const auto& recovery = work.recovery;
    policy::DunningState state;
    state.now = tools.clock.Now();
    state.first_failed_at = recovery.first_failed_at;
    state.charges = recovery.slots_used;
    auto by_stripe = std::max<std::int64_t>({1, recovery.stripe_attempts, live.invoice.attempt_count});
    state.attempts = static_cast<int>(by_stripe) + recovery.slots_used;
    state.letters = recovery.mails_sent;
    state.last_charge_at = recovery.last_attempt_at;
    state.last_attempt_at = Latest(recovery.last_attempt_at, recovery.stripe_attempted_at);
    if (recovery.last_seen_attempt_at != Time{})
        state.last_attempt_at = Latest(state.last_attempt_at, recovery.last_seen_attempt_at);
    state.last_letter_at = recovery.last_letter_at;
    state.decline_codes = {recovery.decline_code, recovery.advice_code, recovery.network_decline_code,
                           recovery.network_advice_code};
    state.decline = policy::ReadDecline(state.decline_codes);
    state.needs_customer = recovery.needs_customer || live.payment_status == "requires_action" ||
                           state.decline.family == policy::DeclineFamily::kAuthentication;
    state.new_method = recovery.method_changed_at.has_value();
    state.has_address = !recovery.customer_email.empty() && !recovery.address_suppressed;
    state.stripe_next_attempt_at = recovery.stripe_next_attempt_at;
    state.stripe_attempted_at = recovery.stripe_attempted_at;
    state.budget_free_at = recovery.budget_free_at;
    state.amount = recovery.due.minor;
    state.currency = recovery.due.currency;
    if (recovery.paid_first_try) state.paid_first_try = *recovery.paid_first_try;
    for (const auto& attempt : work.attempts) {
        if (attempt.declined) state.failed_at.push_back(attempt.at);
    }
    AddMerchantsWishes(work.merchant, state);
    AddCard(work, live, state);
    return state;
}

policy::DunningStep DecideStep(const store::Work& work, const policy::DunningState& state,
                               store::Settlement& settlement) {
    if (work.recovery.collect_now_at) {
        policy::DunningStep wish = policy::CollectNow(state);
        if (wish.action != Action::kGiveUp) return wish;
        settlement.collected = true;  // it cannot be had: say so, and go on by the policy
        Note(settlement, "wait", wish);
    }
    return policy::Decide(work.recovery.policy, state);
}

void Note(store::Settlement& settlement, std::string action, const policy::DunningStep& step) {
    store::Decision decision;
    decision.action = std::move(action);
    decision.rule = step.rule;
    decision.reason = step.reason;
    decision.next_at = step.next_at;
    decision.rejected = step.rejected;
    settlement.decisions.push_back(std::move(decision));
}

}  // namespace citadel::recovery

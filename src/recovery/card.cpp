#include "recovery/card.h"

#include <fmt/format.h>

#include "policy/decline.h"
#include "policy/network_limits.h"

namespace citadel::recovery {

namespace asio = boost::asio;

const store::BookedAttempt* NewestAttemptOf(const store::Card& card, const store::Work& work) {
    const store::BookedAttempt* newest = nullptr;
    for (const auto& attempt : work.attempts) {
        if (attempt.fingerprint == card.fingerprint) newest = &attempt;
    }
    return newest;
}

bool IsDead(const store::Card& card, const store::Work& work) {
    for (const auto& attempt : work.attempts) {
        if (attempt.fingerprint != card.fingerprint || !attempt.declined) continue;
        const auto& facts = attempt.decline;
        policy::Decline codes{facts.decline_code, facts.advice_code, facts.network_decline_code,
                              facts.network_advice_code};
        auto action = policy::ReadDecline(codes).action;
        if (action == policy::DeclineAction::kNewCard || action == policy::DeclineAction::kStop) return true;
    }
    return false;
}

asio::awaitable<std::variant<std::optional<store::Card>, stripe::Failure>> ChooseCard(
    const Tools& tools, const store::Work& work, const stripe::LiveInvoice& live) {
    using Choice = std::variant<std::optional<store::Card>, stripe::Failure>;
    std::optional<store::Card> usual;
    if (live.method) usual = CardOf(*live.method);
    bool untried = usual && !NewestAttemptOf(*usual, work);
    if (usual && IsDead(*usual, work)) usual.reset();
    bool brought_one = work.recovery.method_changed_at.has_value();
    if (!brought_one || untried) {
        Choice choice = usual;
        co_return choice;
    }
    stripe::Client client = tools.stripe.For(work.merchant.account);
    auto newest = co_await client.NewestPaymentMethod(work.recovery.customer_id);
    if (auto failure = std::get_if<stripe::Failure>(&newest)) {
        Choice choice = *failure;
        co_return choice;
    }
    const auto& method = std::get<std::optional<stripe::PaymentMethod>>(newest);
    if (method) {
        store::Card brought = CardOf(*method);
        bool better = !usual || !NewestAttemptOf(brought, work);
        if (better && !IsDead(brought, work)) usual = brought;
    }
    Choice choice = usual;
    co_return choice;
}

store::Card CardOf(const stripe::PaymentMethod& method) {
    store::Card card;
    card.payment_method = method.id;
    card.fingerprint = method.fingerprint.empty() ? method.id : method.fingerprint;
    card.network = method.brand;
    return card;
}

std::vector<store::BudgetLimit> LimitsOf(const store::Card& card, Time now) {
    std::vector<store::BudgetLimit> limits;
    for (const auto& rule : policy::NetworkLimitsFor(card.network, now)) {
        store::BudgetLimit limit;
        limit.name =
            fmt::format("{}: {} {} in {} hours{}", card.network.empty() ? "unknown network" : card.network,
                        rule.attempts_max, rule.declines_only ? "declines" : "attempts", rule.window.count(),
                        rule.same_amount ? " for one amount" : "");
        limit.window = rule.window;
        limit.attempts_max = rule.attempts_max;
        limit.declines_only = rule.declines_only;
        limit.same_amount = rule.same_amount;
        limits.push_back(std::move(limit));
    }
    return limits;
}

}  // namespace citadel::recovery

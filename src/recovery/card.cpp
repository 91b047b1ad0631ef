#include "recovery/card.h"

#include <fmt/format.h>

#include "policy/decline.h"
#include "policy/network_limits.h"

namespace citadel::recovery {

namespace asio = boost::asio;

bool IsAnotherCard(const stripe::LiveInvoice& live) {
    if (!live.method || !live.has_error) return false;
    const auto& failed = live.failed_method;
    if (!failed.fingerprint.empty() && !live.method->fingerprint.empty())
        return failed.fingerprint != live.method->fingerprint;
    return !failed.id.empty() && failed.id != live.method->id;
}

namespace {

// A default that changed, to the very card that is dead: nothing new came in.
bool IsTheDeadCard(const store::Card& card, const store::Work& work, const stripe::LiveInvoice& live) {
    const auto& recovery = work.recovery;
    policy::Decline codes{recovery.decline_code, recovery.advice_code, recovery.network_decline_code,
                          recovery.network_advice_code};
    auto family = policy::ReadDecline(codes).family;
    bool dead = family == policy::DeclineFamily::kNever || family == policy::DeclineFamily::kFraud;
    return dead && !live.failed_method.id.empty() &&
           CardOf(live.failed_method).fingerprint == card.fingerprint;
}

std::optional<store::Card> UnlessDead(std::optional<store::Card> card, const store::Work& work,
                                      const stripe::LiveInvoice& live) {
    if (card && IsTheDeadCard(*card, work, live)) return std::nullopt;
    return card;
}

}  // namespace

asio::awaitable<std::variant<std::optional<store::Card>, stripe::Failure>> ChooseCard(
    const Tools& tools, const store::Work& work, const stripe::LiveInvoice& live) {
    using Choice = std::variant<std::optional<store::Card>, stripe::Failure>;
    std::optional<store::Card> card;
    if (live.method) card = CardOf(*live.method);
    bool brought_one = work.recovery.method_changed_at.has_value();
    if (!brought_one || IsAnotherCard(live)) {
        Choice choice = UnlessDead(std::move(card), work, live);
        co_return choice;
    }
    stripe::Client client = tools.stripe.For(work.merchant.account);
    auto newest = co_await client.NewestPaymentMethod(work.recovery.customer_id);
    if (auto failure = std::get_if<stripe::Failure>(&newest)) {
        Choice choice = *failure;
        co_return choice;
    }
    const auto& method = std::get<std::optional<stripe::PaymentMethod>>(newest);
    if (method) card = CardOf(*method);
    Choice choice = UnlessDead(std::move(card), work, live);
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

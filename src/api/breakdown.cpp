#include "api/breakdown.h"

#include <fmt/format.h>

#include <map>

#include "api/answers.h"
#include "policy/decline.h"
#include "policy/network_limits.h"
#include "store/card_use.h"

namespace citadel::api {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

struct FamilySum {
    std::int64_t count = 0, amount = 0, recovered_count = 0, recovered_amount = 0;
};

json::array FamiliesOf(const std::vector<store::Breakdown::Declined>& declined) {
    std::map<std::pair<std::string, std::string>, FamilySum> sums;
    for (const auto& row : declined) {
        const auto& facts = row.decline;
        policy::Decline decline{facts.decline_code, facts.advice_code, facts.network_decline_code,
                                facts.network_advice_code};
        auto& sum = sums[{std::string(policy::NameOf(policy::ReadDecline(decline).family)), row.currency}];
        sum.count += row.count;
        sum.amount += row.amount;
        sum.recovered_count += row.recovered_count;
        sum.recovered_amount += row.recovered_amount;
    }
    json::array families;
    for (const auto& [key, sum] : sums) {
        families.push_back(json::object{{"family", key.first},
                                        {"currency", key.second},
                                        {"count", sum.count},
                                        {"amount", sum.amount},
                                        {"recoveredCount", sum.recovered_count},
                                        {"recoveredAmount", sum.recovered_amount}});
    }
    return families;
}

std::vector<store::BudgetLimit> LimitsOf(const std::string& network, Time now) {
    std::vector<store::BudgetLimit> limits;
    for (const auto& rule : policy::NetworkLimitsFor(network, now)) {
        auto name = fmt::format("{} {}", limits.size(), rule.network);
        limits.push_back({name, rule.window, rule.attempts_max, rule.declines_only, rule.same_amount});
    }
    return limits;
}

}  // namespace

json::object ToJson(const store::Breakdown& breakdown) {
    json::array open, causes;
    for (const auto& row : breakdown.open)
        open.push_back(
            json::object{{"currency", row.currency}, {"count", row.count}, {"amount", row.amount}});
    for (const auto& row : breakdown.causes) {
        causes.push_back(json::object{
            {"cause", row.cause}, {"currency", row.currency}, {"count", row.count}, {"amount", row.amount}});
    }
    return {{"open", std::move(open)},
            {"causes", std::move(causes)},
            {"declineFamilies", FamiliesOf(breakdown.declined)}};
}

asio::awaitable<json::array> NetworkBudgets(postgres::Pool& pool, MerchantKey merchant,
                                            const store::RecoveryLine& recovery, Time now) {
    json::array budgets;
    Money amount{recovery.amount_due, recovery.currency};
    std::optional<store::Card> card = co_await store::ReadCardOf(pool, merchant, recovery.id);
    if (!card) co_return budgets;
    auto limits = LimitsOf(card->network, now);
    std::vector<store::BudgetUse> uses = co_await store::ReadBudgets(
        pool, merchant, card->fingerprint, std::move(amount), std::move(limits), now);
    for (const auto& use : uses) {
        budgets.push_back(json::object{{"network", card->network},
                                       {"windowHours", use.limit.window.count()},
                                       {"attemptsMax", use.limit.attempts_max},
                                       {"attemptsUsed", use.used},
                                       {"freeAt", OrNull(use.free_at)}});
    }
    co_return budgets;
}

}  // namespace citadel::api

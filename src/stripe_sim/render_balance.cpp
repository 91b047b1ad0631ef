#include "stripe_sim/render_balance.h"

#include <algorithm>

namespace citadel::stripe_sim {
namespace {

constexpr std::string_view kPrefix = "txn_3";
constexpr std::size_t kSourcePrefix = std::string_view("ch_3").size();
constexpr auto kOnTheWay = std::chrono::days(2);

// Stripe's list price: 2.9 % and 30 of the smallest unit; a refund gives nothing back.
std::int64_t FeeOf(std::int64_t amount) { return (amount * 29 + 500) / 1000 + 30; }

struct Movement {
    std::string_view type;
    const std::string& source;
    const std::string& currency;
    std::int64_t amount = 0;
    std::int64_t fee = 0;
    Time created{};
};

json::array RenderFees(const Movement& movement) {
    json::array fees;
    if (movement.fee == 0) return fees;
    json::object fee;
    fee["amount"] = movement.fee;
    fee["application"] = nullptr;
    fee["currency"] = movement.currency;
    fee["description"] = "Stripe processing fees";
    fee["type"] = "stripe_fee";
    fees.emplace_back(std::move(fee));
    return fees;
}

json::object RenderMovement(const View& view, const Movement& movement) {
    auto available = movement.created + kOnTheWay;
    json::object object;
    object["id"] = BalanceTransactionOf(movement.source);
    object["object"] = "balance_transaction";
    object["amount"] = movement.amount;
    object["available_on"] = ToUnixSeconds(available);
    if (view.shape == Shape::kBasil) object["balance_type"] = "payments";
    object["created"] = ToUnixSeconds(movement.created);
    object["currency"] = movement.currency;
    object["description"] = nullptr;
    object["exchange_rate"] = nullptr;
    object["fee"] = movement.fee;
    object["fee_details"] = RenderFees(movement);
    object["net"] = movement.amount - movement.fee;
    object["reporting_category"] = movement.type;
    object["source"] = movement.source;
    object["status"] = available <= view.world.clock.Now() ? "available" : "pending";
    object["type"] = movement.type;
    return object;
}

}  // namespace

std::string BalanceTransactionOf(std::string_view source) {
    return std::string(kPrefix) + std::string(source.substr(kSourcePrefix));
}

std::optional<json::object> RenderBalanceTransaction(const View& view, std::string_view id) {
    if (!id.starts_with(kPrefix)) return std::nullopt;
    std::string rest(id.substr(kPrefix.size()));
    if (const auto* charge = view.account.charges.Find("ch_3" + rest)) {
        if (!charge->succeeded() || !charge->captured) return std::nullopt;
        return RenderMovement(view, {"charge", charge->id, charge->currency, charge->amount_captured,
                                     FeeOf(charge->amount_captured), charge->created});
    }
    if (const auto* refund = view.account.refunds.Find("re_3" + rest)) {
        return RenderMovement(view,
                              {"refund", refund->id, refund->currency, -refund->amount, 0, refund->created});
    }
    return std::nullopt;
}

}  // namespace citadel::stripe_sim

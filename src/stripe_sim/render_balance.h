// Balance transactions: what a charge or a refund did to the merchant's balance. They are no objects of
// their own here, only another view of the money that moved; their id follows from its id.
#pragma once
#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>

#include "stripe_sim/render.h"

namespace citadel::stripe_sim {

// The id of the balance transaction behind ch_3… or re_3….
std::string BalanceTransactionOf(std::string_view source);
// By such an id; nullopt when no money of this account moved under it.
std::optional<json::object> RenderBalanceTransaction(const View& view, std::string_view id);

}  // namespace citadel::stripe_sim

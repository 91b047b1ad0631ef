// What a merchant sells: products and prices come on the shelf and are told by Stripe's events.
#pragma once
#include <string>

#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

// Completes `made` (id, times) and tells product.created, price.created.
Product& AddProduct(World& world, Account& account, Product made, const Cause& cause);
Price& AddPrice(World& world, Account& account, Price made, const Cause& cause);

// For descriptions; the product's id when the product is gone.
std::string ProductName(const Account& account, const Price& price);

// The merchant's monthly price of this amount, from the time before the simulation: no events.
const Price& MonthlyPrice(World& world, Account& account, std::int64_t amount, const std::string& currency);
// What Stripe makes of an amount without a price: a product and a price that are not active.
const Price& PriceOfOnce(World& world, Account& account, std::int64_t amount, const std::string& currency,
                         const std::string& name);

}  // namespace citadel::stripe_sim

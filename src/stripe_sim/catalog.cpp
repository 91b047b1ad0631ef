#include "stripe_sim/catalog.h"

#include <fmt/format.h>

namespace citadel::stripe_sim {
namespace {

Product& ShelveProduct(World& world, Account& account, Product made) {
    if (made.id.empty()) made.id = world.NewId("prod_", 14);
    made.created = made.created == Time() ? world.clock.Now() : made.created;
    made.updated = made.created;
    return account.products.Add(std::move(made));
}

Price& ShelvePrice(World& world, Account& account, Price made) {
    made.id = world.NewId("price_1");
    made.created = made.created == Time() ? world.clock.Now() : made.created;
    return account.prices.Add(std::move(made));
}

}  // namespace

Product& AddProduct(World& world, Account& account, Product made, const Cause& cause) {
    auto& added = ShelveProduct(world, account, std::move(made));
    world.Emit(account, "product.created", Keep(added), cause);
    return added;
}

Price& AddPrice(World& world, Account& account, Price made, const Cause& cause) {
    auto& added = ShelvePrice(world, account, std::move(made));
    world.Emit(account, "price.created", Keep(added), cause);
    return added;
}

std::string ProductName(const Account& account, const Price& price) {
    const auto* product = account.products.Find(price.product);
    return product ? product->name : price.product;
}

const Price& MonthlyPrice(World& world, Account& account, std::int64_t amount, const std::string& currency) {
    auto key = fmt::format("monthly_{}_{}", currency, amount);
    std::string product_id;
    for (const auto& price : account.prices.all()) {
        if (price.lookup_key == key) return price;
        if (price.lookup_key.starts_with("monthly_")) product_id = price.product;
    }
    if (product_id.empty()) {
        Product product;
        product.name = account.name + " monthly";
        product.created = account.created;
        product_id = ShelveProduct(world, account, std::move(product)).id;
    }
    Price price;
    price.product = product_id;
    price.currency = currency;
    price.lookup_key = std::move(key);
    price.amount = amount;
    price.recurring.emplace();
    price.created = account.created;
    return ShelvePrice(world, account, std::move(price));
}

const Price& PriceOfOnce(World& world, Account& account, std::int64_t amount, const std::string& currency,
                         const std::string& name) {
    Product product;
    product.name = name.empty() ? "One-time charge" : name;
    product.active = false;
    Price price;
    price.product = ShelveProduct(world, account, std::move(product)).id;
    price.currency = currency;
    price.amount = amount;
    price.active = false;
    return ShelvePrice(world, account, std::move(price));
}

}  // namespace citadel::stripe_sim

// /v1/products and /v1/prices.
#include <fmt/format.h>

#include <algorithm>

#include "stripe_sim/api_price.h"
#include "stripe_sim/api_search.h"
#include "stripe_sim/api_values.h"
#include "stripe_sim/catalog.h"
#include "stripe_sim/change.h"

namespace citadel::stripe_sim {
namespace {

Product& ProductIn(ApiCall& call) { return FindOr404(call.account.products, "product", call.captures.at(0)); }

Price& PriceIn(ApiCall& call) {
    return FindOr404(call.account.prices, "price", call.captures.at(0), "price");
}

void ApplyToProduct(const Params& params, Product& product) {
    product.name = params.TextOr("name", product.name);
    product.description = params.TextOr("description", product.description);
    product.statement_descriptor = params.TextOr("statement_descriptor", product.statement_descriptor);
    product.unit_label = params.TextOr("unit_label", product.unit_label);
    product.url = params.TextOr("url", product.url);
    product.active = params.Flag("active").value_or(product.active);
    if (auto shippable = params.Flag("shippable")) product.shippable = shippable;
    if (auto images = params.List("images"); !images.empty()) product.images = std::move(images);
    ApplyMetadata(product.metadata, params.Members("metadata"));
}

json::object CreateProduct(ApiCall& call) {
    call.params.Required("name");
    Product product;
    product.id = call.params.TextOr("id");
    if (call.account.products.Find(product.id)) {
        throw InvalidRequest(400, "resource_already_exists", "Product already exists.", "id");
    }
    ApplyToProduct(call.params, product);
    std::optional<Price> price;
    if (!call.params.Members("default_price_data").empty())
        price = ReadPrice(call.params.Nested("default_price_data"));
    auto& added = AddProduct(call.world, call.account, std::move(product), call.cause);
    if (price) {
        price->product = added.id;
        added.default_price = AddPrice(call.world, call.account, std::move(*price), call.cause).id;
    }
    return Render(call.view, added);
}

json::object GetProduct(ApiCall& call) { return Render(call.view, ProductIn(call)); }

json::object UpdateProduct(ApiCall& call) {
    auto& product = ProductIn(call);
    auto standard = call.params.Text("default_price");
    if (standard && !standard->empty()) FindOr404(call.account.prices, "price", *standard, "default_price");
    Change change(call.world, call.account, product);
    ApplyToProduct(call.params, product);
    if (standard) product.default_price = *standard;
    product.updated = call.world.Now();
    change.Tell("product.updated", call.cause);
    return Render(call.view, product);
}

json::object ListProducts(ApiCall& call) {
    auto active = call.params.Flag("active"), shippable = call.params.Flag("shippable");
    auto url = call.params.Text("url");
    auto ids = call.params.List("ids");
    auto keep = [&](const Product& product) {
        return (!active || product.active == *active) && (!url || product.url == *url) &&
               (!shippable || product.shippable == shippable) &&
               (ids.empty() || std::ranges::find(ids, product.id) != ids.end()) &&
               call.params.InRange("created", product.created);
    };
    return ListOf(call, "/v1/products", call.account.products.all(), keep);
}

json::object SearchProducts(ApiCall& call) {
    return SearchIn(call, "/v1/products/search", call.account.products.all(),
                    "active description name shippable url");
}

json::object DeleteProduct(ApiCall& call) {
    auto& product = ProductIn(call);
    for (const auto& price : call.account.prices.all()) {
        if (price.product != product.id) continue;
        throw InvalidRequest(
            400, "", "This product cannot be deleted because it has one or more user-created prices.");
    }
    call.world.Emit(call.account, "product.deleted", Keep(product), call.cause);
    auto answer = RenderDeleted(product.id, "product");
    call.account.products.Remove(product.id);
    return answer;
}

// The product that a new price is for, by id or made on the spot.
std::string ProductFor(ApiCall& call) {
    auto id = call.params.TextOr("product");
    if (!id.empty()) return FindOr404(call.account.products, "product", id, "product").id;
    if (call.params.Members("product_data").empty()) {
        throw BadParameter("parameter_missing",
                           "You must specify either `product` or `product_data` when creating a price.",
                           "product");
    }
    auto data = call.params.Nested("product_data");
    data.Required("name");
    Product product;
    product.id = data.TextOr("id");
    ApplyToProduct(data, product);
    return AddProduct(call.world, call.account, std::move(product), call.cause).id;
}

// A lookup key belongs to one price; with transfer_lookup_key it is taken from the other.
void ClaimLookupKey(ApiCall& call, Price& price) {
    auto key = call.params.Text("lookup_key");
    if (!key) return;
    for (auto& other : call.account.prices.all()) {
        if (key->empty() || other.lookup_key != *key || other.id == price.id) continue;
        if (!call.params.Flag("transfer_lookup_key").value_or(false)) {
            throw InvalidRequest(400, "resource_already_exists",
                                 fmt::format("A price (`{}`) already uses that lookup key.", other.id),
                                 "lookup_key");
        }
        other.lookup_key.clear();
    }
    price.lookup_key = *key;
}

json::object CreatePrice(ApiCall& call) {
    call.params.OneOf("billing_scheme", {"per_unit"});
    auto price = ReadPrice(call.params);
    price.nickname = call.params.TextOr("nickname");
    price.active = call.params.Flag("active").value_or(true);
    ClaimLookupKey(call, price);
    price.product = ProductFor(call);
    return Render(call.view, AddPrice(call.world, call.account, std::move(price), call.cause));
}

json::object GetPrice(ApiCall& call) { return Render(call.view, PriceIn(call)); }

json::object UpdatePrice(ApiCall& call) {
    auto& price = PriceIn(call);
    Change change(call.world, call.account, price);
    ClaimLookupKey(call, price);
    price.nickname = call.params.TextOr("nickname", price.nickname);
    price.active = call.params.Flag("active").value_or(price.active);
    price.tax_behavior = call.params.OneOf("tax_behavior", {"exclusive", "inclusive", "unspecified"})
                             .value_or(price.tax_behavior);
    ApplyMetadata(price.metadata, call.params.Members("metadata"));
    change.Tell("price.updated", call.cause);
    return Render(call.view, price);
}

json::object ListPrices(ApiCall& call) {
    auto active = call.params.Flag("active");
    auto currency = call.params.Text("currency"), product = call.params.Text("product");
    auto type = call.params.OneOf("type", {"one_time", "recurring"});
    auto interval = call.params.OneOf("recurring[interval]", {"day", "week", "month", "year"});
    auto keys = call.params.List("lookup_keys");
    auto keep = [&](const Price& price) {
        bool wanted_type = !type || (*type == "recurring") == price.recurring.has_value();
        bool wanted_interval = !interval || (price.recurring && price.recurring->interval == *interval);
        return (!active || price.active == *active) && (!currency || price.currency == *currency) &&
               (!product || price.product == *product) && wanted_type && wanted_interval &&
               (keys.empty() || std::ranges::find(keys, price.lookup_key) != keys.end()) &&
               call.params.InRange("created", price.created);
    };
    return ListOf(call, "/v1/prices", call.account.prices.all(), keep);
}

json::object SearchPrices(ApiCall& call) {
    return SearchIn(call, "/v1/prices/search", call.account.prices.all(),
                    "active currency lookup_key product type");
}

constexpr ApiRoute kRoutes[] = {
    {"POST", "/v1/products",
     "id name active description images metadata shippable statement_descriptor unit_label url "
     "default_price_data[currency] default_price_data[unit_amount] default_price_data[unit_amount_decimal] "
     "default_price_data[recurring][interval] default_price_data[recurring][interval_count] "
     "default_price_data[metadata] default_price_data[tax_behavior]",
     CreateProduct},
    {"GET", "/v1/products", "limit starting_after ending_before active created ids shippable url",
     ListProducts},
    {"GET", "/v1/products/search", "query limit page", SearchProducts},
    {"GET", "/v1/products/{}", "", GetProduct},
    {"POST", "/v1/products/{}",
     "name active description images metadata shippable statement_descriptor unit_label url default_price",
     UpdateProduct},
    {"DELETE", "/v1/products/{}", "", DeleteProduct},
    {"POST", "/v1/prices",
     "currency active billing_scheme lookup_key metadata nickname product product_data[name] "
     "product_data[id] "
     "product_data[active] product_data[metadata] product_data[statement_descriptor] "
     "product_data[unit_label] recurring[interval] recurring[interval_count] recurring[usage_type] "
     "recurring[trial_period_days] tax_behavior transfer_lookup_key unit_amount unit_amount_decimal",
     CreatePrice},
    {"GET", "/v1/prices",
     "limit starting_after ending_before active created currency lookup_keys product recurring[interval] "
     "type",
     ListPrices},
    {"GET", "/v1/prices/search", "query limit page", SearchPrices},
    {"GET", "/v1/prices/{}", "", GetPrice},
    {"POST", "/v1/prices/{}", "active lookup_key metadata nickname tax_behavior transfer_lookup_key",
     UpdatePrice}};

}  // namespace

std::span<const ApiRoute> CatalogRoutes() { return kRoutes; }

}  // namespace citadel::stripe_sim

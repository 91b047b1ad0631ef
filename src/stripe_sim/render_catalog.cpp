// Product and price; and the plan, the price's older form.
#include "stripe_sim/render.h"

namespace citadel::stripe_sim {

json::object Render(const View& view, const Product& product) {
    auto object = BlankObject(ObjectKind::kProduct, view.shape);
    object["id"] = product.id;
    object["active"] = product.active;
    object["created"] = ToUnixSeconds(product.created);
    object["default_price"] = TextOrNull(product.default_price);
    object["description"] = TextOrNull(product.description);
    object["images"] = json::array(product.images.begin(), product.images.end());
    object["metadata"] = RenderMetadata(product.metadata);
    object["name"] = product.name;
    object["shippable"] = nullptr;
    if (product.shippable) object["shippable"] = *product.shippable;
    object["statement_descriptor"] = TextOrNull(product.statement_descriptor);
    object["unit_label"] = TextOrNull(product.unit_label);
    object["updated"] = ToUnixSeconds(product.updated);
    object["url"] = TextOrNull(product.url);
    return object;
}

json::object Render(const View& view, const Price& price) {
    auto object = BlankObject(ObjectKind::kPrice, view.shape);
    object["id"] = price.id;
    object["active"] = price.active;
    object["created"] = ToUnixSeconds(price.created);
    object["currency"] = price.currency;
    object["lookup_key"] = TextOrNull(price.lookup_key);
    object["metadata"] = RenderMetadata(price.metadata);
    object["nickname"] = TextOrNull(price.nickname);
    object["product"] = price.product;
    object["tax_behavior"] = price.tax_behavior;
    object["unit_amount"] = price.amount;
    object["unit_amount_decimal"] = std::to_string(price.amount);
    if (!price.recurring) {
        object["recurring"] = nullptr;
        object["type"] = "one_time";
        return object;
    }
    auto& recurring = object["recurring"].as_object();
    recurring["interval"] = price.recurring->interval;
    recurring["interval_count"] = price.recurring->count;
    if (price.recurring->trial_days) recurring["trial_period_days"] = *price.recurring->trial_days;
    return object;
}

json::value RenderPlan(const View& view, const Price& price) {
    if (!price.recurring) return nullptr;
    auto plan = BlankObject(ObjectKind::kPlan, view.shape);
    plan["id"] = price.id;
    plan["active"] = price.active;
    plan["amount"] = price.amount;
    plan["amount_decimal"] = std::to_string(price.amount);
    plan["created"] = ToUnixSeconds(price.created);
    plan["currency"] = price.currency;
    plan["interval"] = price.recurring->interval;
    plan["interval_count"] = price.recurring->count;
    plan["metadata"] = RenderMetadata(price.metadata);
    plan["nickname"] = TextOrNull(price.nickname);
    plan["product"] = price.product;
    if (price.recurring->trial_days) plan["trial_period_days"] = *price.recurring->trial_days;
    return plan;
}

}  // namespace citadel::stripe_sim

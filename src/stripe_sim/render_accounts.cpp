// The account itself and the platform's application.
#include <fmt/format.h>

#include "stripe_sim/render.h"

namespace citadel::stripe_sim {

json::object Render(const View& view, const Merchant& merchant) {
    auto object = BlankObject(ObjectKind::kAccount, view.shape);
    object["id"] = merchant.id;
    object["email"] = TextOrNull(merchant.email);
    object["country"] = merchant.country;
    object["created"] = ToUnixSeconds(merchant.created);
    object["default_currency"] = merchant.currency;
    object["type"] = merchant.type;
    object["business_type"] = TextOrNull(merchant.business_type);
    object["metadata"] = RenderMetadata(merchant.metadata);
    object["charges_enabled"] = merchant.charges_enabled;
    object["payouts_enabled"] = merchant.charges_enabled;
    object["details_submitted"] = merchant.details_submitted;
    if (!merchant.details_submitted) object["capabilities"] = json::object();
    object["business_profile"].as_object()["name"] = TextOrNull(merchant.name);
    object["settings"].as_object()["dashboard"].as_object()["display_name"] = TextOrNull(merchant.name);
    object["external_accounts"] =
        RenderList({}, false, fmt::format("/v1/accounts/{}/external_accounts", merchant.id));
    auto& requirements = object["requirements"].as_object();
    requirements["currently_due"] = json::array();
    requirements["eventually_due"] = json::array();
    requirements["disabled_reason"] = nullptr;
    if (!merchant.charges_enabled) requirements["disabled_reason"] = "requirements.past_due";
    return object;
}

json::object RenderApplication(const World& world) {
    json::object object;
    object["id"] = world.oauth.client_id;
    object["object"] = "application";
    object["name"] = world.platform->name;
    return object;
}

}  // namespace citadel::stripe_sim

// /v1/billing_portal/sessions.
#include <fmt/format.h>

#include "stripe_sim/api_list.h"

namespace citadel::stripe_sim {
namespace {

json::object RenderFlow(const View& view, const PortalSession& session) {
    json::object flow;
    flow["after_completion"] = {
        {"hosted_confirmation", nullptr}, {"redirect", nullptr}, {"type", "portal_homepage"}};
    if (!session.after_completion_url.empty()) {
        flow["after_completion"] = {{"hosted_confirmation", nullptr},
                                    {"redirect", {{"return_url", session.after_completion_url}}},
                                    {"type", "redirect"}};
    }
    flow["subscription_cancel"] = nullptr;
    flow["subscription_update"] = nullptr;
    flow["subscription_update_confirm"] = nullptr;
    if (view.shape == Shape::kBasil) {
        flow["customer_update"] = nullptr;
        flow["subscription_pause"] = nullptr;
    }
    flow["type"] = session.flow;
    return flow;
}

json::object CreatePortalSession(ApiCall& call) {
    PortalSession session;
    session.id = call.world.NewId("bps_1");
    session.customer = call.params.Required("customer");
    session.return_url = call.params.TextOr("return_url");
    session.flow = call.params.TextOr("flow_data[type]");
    session.after_completion_url = call.params.TextOr("flow_data[after_completion][redirect][return_url]");
    session.configuration = call.params.TextOr("configuration", "bpc_1Simulated");
    session.locale = call.params.TextOr("locale");
    session.on_behalf_of = call.params.TextOr("on_behalf_of");
    session.created = call.world.Now();
    FindOr404(call.account.customers, "customer", session.customer, "customer");
    const auto& added = call.account.portal_sessions.Add(std::move(session));
    call.world.Emit(call.account, "billing_portal.session.created", Keep(added), call.cause);
    return Render(call.view, added);
}

constexpr ApiRoute kRoutes[] = {
    {"POST", "/v1/billing_portal/sessions",
     "customer return_url configuration locale flow_data on_behalf_of after_expiration",
     CreatePortalSession}};

}  // namespace

json::object Render(const View& view, const PortalSession& session) {
    json::object object;
    object["id"] = session.id;
    object["object"] = "billing_portal.session";
    object["configuration"] = session.configuration;
    object["created"] = ToUnixSeconds(session.created);
    object["customer"] = session.customer;
    if (view.shape == Shape::kBasil) object["customer_account"] = nullptr;
    object["flow"] = nullptr;
    if (!session.flow.empty()) object["flow"] = RenderFlow(view, session);
    object["livemode"] = false;
    object["locale"] = TextOrNull(session.locale);
    object["on_behalf_of"] = TextOrNull(session.on_behalf_of);
    object["return_url"] = TextOrNull(session.return_url);
    object["url"] = fmt::format("{}/p/session/{}/{}", view.world.base_url, view.account.id, session.id);
    return object;
}

std::span<const ApiRoute> PortalRoutes() { return kRoutes; }

}  // namespace citadel::stripe_sim

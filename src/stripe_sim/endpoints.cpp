#include "stripe_sim/endpoints.h"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/hmac.h"
#include "stripe_sim/event_types.h"
#include "stripe_sim/world.h"

namespace citadel::stripe_sim {
namespace {

Secret NewSecret(World& world) { return Secret(world.NewId("whsec_", 32)); }

}  // namespace

WebhookEndpoint NewEndpoint(World& world, const std::string& owner) {
    WebhookEndpoint endpoint;
    endpoint.id = world.NewId("we_1");
    endpoint.owner = owner;
    endpoint.secret = NewSecret(world);
    endpoint.created = world.Now();
    return endpoint;
}

WebhookEndpoint* FindEndpoint(World& world, const std::string& id) {
    auto found = std::ranges::find(world.webhook_endpoints, id, &WebhookEndpoint::id);
    return found == world.webhook_endpoints.end() ? nullptr : &*found;
}

bool Wants(const World& world, const WebhookEndpoint& endpoint, const Event& event) {
    if (endpoint.disabled) return false;
    const auto& platform = world.platform->id;
    if (!endpoint.connect && endpoint.owner != event.account) return false;
    if (endpoint.connect) {
        auto account = world.accounts.find(event.account);
        bool connected = account != world.accounts.end() && account->second->connected;
        if (endpoint.owner != platform || !connected) return false;
    }
    const auto& wanted = endpoint.enabled_events;
    bool by_name = std::ranges::find(wanted, event.type) != wanted.end();
    if (std::holds_alternative<Copy<ThinBody>>(event.object)) return by_name;
    bool asked_for = by_name || std::ranges::find(wanted, "*") != wanted.end();
    return asked_for && IsEventType(event.type, ShapeOf(VersionFor(endpoint, event)));
}

const std::string& VersionFor(const WebhookEndpoint& endpoint, const Event& event) {
    return endpoint.api_version.empty() ? event.api_version : endpoint.api_version;
}

const Secret& RollSecret(World& world, WebhookEndpoint& endpoint, Duration overlap) {
    endpoint.old_secret = std::move(endpoint.secret);
    endpoint.old_secret_until = world.Now() + overlap;
    endpoint.secret = NewSecret(world);
    return endpoint.secret;
}

std::string StripeSignature(Time now, const std::string& body, const std::vector<Secret>& secrets) {
    auto time = std::to_string(ToUnixSeconds(now));
    auto signature = "t=" + time;
    for (const auto& secret : secrets) {
        signature += ",v1=" + crypto::HmacSha256Hex(secret.Reveal(), time + "." + body);
    }
    return signature;
}

std::vector<http::Header> WebhookHeaders(std::string signature) {
    return {{"Content-Type", "application/json; charset=utf-8"},
            {"User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)"},
            {"Stripe-Signature", std::move(signature)}};
}

std::vector<Secret> SecretsOf(const WebhookEndpoint& endpoint, Time now) {
    std::vector<Secret> secrets{endpoint.secret};
    if (now < endpoint.old_secret_until) secrets.push_back(endpoint.old_secret);
    return secrets;
}

}  // namespace citadel::stripe_sim

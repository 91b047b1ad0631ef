// Where events go: webhook endpoints, the account's own ones and those of the platform for connected
// accounts, and the sessions of Stripe's CLI. Plain data and the rules who wants which event and how a
// body is signed; sending is webhooks.h's and cli_session.h's.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "http/message.h"
#include "stripe_sim/objects.h"

namespace citadel::stripe_sim {

struct Event;
struct World;

struct WebhookEndpoint {
    std::string id;
    std::string owner;  // the account
    std::string url;
    std::string api_version;  // empty: the account's
    std::string description;
    std::vector<std::string> enabled_events;  // "*": all
    Metadata metadata;
    bool connect = false;  // of the owner's connected accounts; else the owner's own
    bool disabled = false;
    Secret secret;
    Secret old_secret;  // signs as well until `old_secret_until`
    Time old_secret_until{};
    Time created{};
};

// What the receiver behind `stripe listen` answered.
struct CliResponse {
    std::string event;
    std::string forward_url;
    int status = 0;
};

// `stripe listen` as the API knows it.
struct CliSession {
    std::string id;
    std::string account;
    std::string device;
    Secret secret;  // the same for every session of a device
    Time created{};
    bool connected = false;
    std::vector<std::string> acknowledged;  // events it has taken
    std::vector<CliResponse> responses;
};

// With an id and a secret; the caller says what it wants and where it is.
WebhookEndpoint NewEndpoint(World& world, const std::string& owner);
WebhookEndpoint* FindEndpoint(World& world, const std::string& id);
bool Wants(const World& world, const WebhookEndpoint& endpoint, const Event& event);
// The version in which the endpoint gets the event.
const std::string& VersionFor(const WebhookEndpoint& endpoint, const Event& event);
// For `overlap` from now on both the old secret and the new one, which is returned, sign.
const Secret& RollSecret(World& world, WebhookEndpoint& endpoint, Duration overlap);

// "t=…,v1=…", a v1 for each secret.
std::string StripeSignature(Time now, const std::string& body, const std::vector<Secret>& secrets);
// What Stripe's POST says of itself.
std::vector<http::Header> WebhookHeaders(std::string signature);
std::vector<Secret> SecretsOf(const WebhookEndpoint& endpoint, Time now);

}  // namespace citadel::stripe_sim

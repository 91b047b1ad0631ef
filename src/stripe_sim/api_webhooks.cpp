// /v1/events, /v1/webhook_endpoints and the sessions of Stripe's CLI.
#include <fmt/format.h>

#include "stripe_sim/api_list.h"
#include "stripe_sim/cli_session.h"
#include "stripe_sim/event_types.h"

namespace citadel::stripe_sim {
namespace {

constexpr std::size_t kEndpointsMax = 16;
constexpr int kCliReconnectSeconds = 60;

EventPtr EventIn(const ApiCall& call, const Account& account) {
    if (auto event = call.world.events.Find(account.id, call.captures.at(0))) return event;
    throw NoSuch("event", call.captures.at(0), "id");
}

// Events carry the version they were made in, whatever version the caller speaks.
json::object GetEvent(ApiCall& call) { return Render(call.view, *EventIn(call, call.account)); }

bool IsOfType(std::string_view wanted, std::string_view type) {
    if (wanted.ends_with('*')) return type.starts_with(wanted.substr(0, wanted.size() - 1));
    return type == wanted;
}

json::object ListEvents(ApiCall& call) {
    auto types = call.params.List("types");
    if (auto type = call.params.Text("type")) {
        if (!types.empty()) throw BadParameter("", "You may only specify one of type and types.", "type");
        types.push_back(*type);
    }
    auto delivered = call.params.Flag("delivery_success");
    auto keep = [&](const Event& event) {
        auto fits = [&](const std::string& wanted) { return IsOfType(wanted, event.type); };
        return (types.empty() || std::ranges::any_of(types, fits)) &&
               (!delivered || event.pending.empty() == *delivered) &&
               call.params.InRange("created", event.created);
    };
    return ListOf(call, "/v1/events", call.world.events.Of(call.account.id), keep);
}

WebhookEndpoint& EndpointOf(const ApiCall& call, const std::string& id, std::string_view param) {
    auto* endpoint = FindEndpoint(call.world, id);
    if (endpoint && endpoint->owner == call.account.id) return *endpoint;
    throw NoSuch("webhook endpoint", id, param);
}

// As `stripe events resend` calls it: to one endpoint, or to the sessions of the CLI. With `account` it
// is an event of that connected account.
json::object RetryEvent(ApiCall& call) {
    const auto* account = &call.account;
    if (auto id = call.params.TextOr("account"); !id.empty()) {
        account = call.world.FindAccount(id);
        if (!account || !account->connected) throw NoSuch("account", id, "account");
    }
    auto event = EventIn(call, *account);
    std::string endpoint;
    if (!call.params.Flag("for_stripecli").value_or(false)) {
        endpoint = EndpointOf(call, call.params.Required("webhook_endpoint"), "webhook_endpoint").id;
    }
    call.world.events.on_resend(event, endpoint);
    return Render(View{call.world, *account, call.view.shape}, *event);
}

json::object Show(const World& world, const WebhookEndpoint& endpoint) {
    json::object object;
    object["id"] = endpoint.id;
    object["object"] = "webhook_endpoint";
    object["api_version"] = TextOrNull(endpoint.api_version);
    object["application"] = TextOrNull(endpoint.connect ? world.oauth.client_id : "");
    object["created"] = ToUnixSeconds(endpoint.created);
    object["description"] = TextOrNull(endpoint.description);
    object["enabled_events"] = json::array(endpoint.enabled_events.begin(), endpoint.enabled_events.end());
    object["livemode"] = false;
    object["metadata"] = RenderMetadata(endpoint.metadata);
    object["status"] = endpoint.disabled ? "disabled" : "enabled";
    object["url"] = endpoint.url;
    return object;
}

// Stripe wants a public address; here every one will do.
std::string UrlIn(const ApiCall& call) {
    auto url = call.params.Required("url");
    auto scheme_end = url.find("://");
    auto scheme = url.substr(0, scheme_end);
    bool whole = (scheme == "http" || scheme == "https") && url.size() > scheme_end + 3;
    if (!whole) throw BadParameter("url_invalid", "Not a valid URL", "url");
    return url;
}

std::vector<std::string> EventTypesIn(const ApiCall& call) {
    auto types = call.params.List("enabled_events");
    if (types.empty()) call.params.Required("enabled_events");
    for (std::size_t i = 0; i < types.size(); ++i) {
        if (types[i] == "*" || IsEventType(types[i], Shape::kBasil)) continue;
        throw BadParameter("",
                           fmt::format("Invalid enabled_events[{}]: {} is not an event type.", i, types[i]),
                           fmt::format("enabled_events[{}]", i));
    }
    return types;
}

void ApplyTexts(const ApiCall& call, WebhookEndpoint& endpoint) {
    endpoint.description = call.params.TextOr("description", endpoint.description);
    ApplyMetadata(endpoint.metadata, call.params.Members("metadata"));
}

json::object CreateEndpoint(ApiCall& call) {
    auto endpoint = NewEndpoint(call.world, call.account.id);
    endpoint.url = UrlIn(call);
    endpoint.enabled_events = EventTypesIn(call);
    endpoint.api_version = call.params.TextOr("api_version");
    if (!endpoint.api_version.empty()) CheckVersion(endpoint.api_version);
    endpoint.connect = call.params.Flag("connect").value_or(false);
    ApplyTexts(call, endpoint);
    auto owned = std::ranges::count(call.world.webhook_endpoints, endpoint.owner, &WebhookEndpoint::owner);
    if (static_cast<std::size_t>(owned) >= kEndpointsMax) {
        throw BadParameter(
            "", fmt::format("You have reached the maximum of {} test webhook endpoints.", kEndpointsMax), "");
    }
    auto object = Show(call.world, call.world.webhook_endpoints.emplace_back(std::move(endpoint)));
    object["secret"] = call.world.webhook_endpoints.back().secret.Reveal();
    return object;
}

WebhookEndpoint& EndpointIn(const ApiCall& call) {
    return EndpointOf(call, call.captures.at(0), "webhook_endpoint");
}

json::object GetEndpoint(ApiCall& call) { return Show(call.world, EndpointIn(call)); }

json::object UpdateEndpoint(ApiCall& call) {
    auto& endpoint = EndpointIn(call);
    auto changed = endpoint;
    if (call.params.Text("url")) changed.url = UrlIn(call);
    if (!call.params.List("enabled_events").empty()) changed.enabled_events = EventTypesIn(call);
    changed.disabled = call.params.Flag("disabled").value_or(endpoint.disabled);
    ApplyTexts(call, changed);
    endpoint = std::move(changed);
    return Show(call.world, endpoint);
}

json::object ListEndpoints(ApiCall& call) {
    auto keep = [&](const WebhookEndpoint& endpoint) { return endpoint.owner == call.account.id; };
    auto show = [&](const WebhookEndpoint& endpoint) { return Show(call.world, endpoint); };
    return ListOf(call, "/v1/webhook_endpoints", call.world.webhook_endpoints, keep, show);
}

json::object DeleteEndpoint(ApiCall& call) {
    auto id = EndpointIn(call).id;
    call.world.webhook_endpoints.remove_if([&](const WebhookEndpoint& one) { return one.id == id; });
    json::object object;
    object["id"] = id;
    object["object"] = "webhook_endpoint";
    object["deleted"] = true;
    return object;
}

// `stripe listen`. Where the CLI forwards to is its own business; it only tells.
json::object CreateCliSession(ApiCall& call) {
    auto features = call.params.List("websocket_features");
    if (features != std::vector<std::string>{"webhooks"}) {
        throw BadParameter("", "The only websocket feature here is webhooks.", "websocket_features");
    }
    const auto& account = call.account;
    const auto& session = OpenCliSession(call.world, account.id, call.params.Required("device_name"));
    auto address = call.world.base_url.substr(call.world.base_url.find(':'));
    json::object object;
    object["object"] = "stripecli_session";
    object["default_version"] = account.api_version;
    object["display_connect_filter_warning"] = false;
    object["latest_version"] = kNewVersion;
    object["reconnect_delay"] = kCliReconnectSeconds;
    object["secret"] = session.secret.Reveal();
    object["websocket_authorized_feature"] = "webhooks";
    object["websocket_id"] = session.id;
    object["websocket_url"] = fmt::format("ws{}/subscribe/{}", address, account.id);
    return object;
}

constexpr ApiRoute kRoutes[] = {
    {"POST", "/v1/stripecli/sessions",
     "device_name websocket_features forward_to_url forward_connect_to_url forward_thin_to_url "
     "forward_thin_connect_to_url",
     CreateCliSession},
    {"GET", "/v1/events", "limit starting_after ending_before type types created delivery_success",
     ListEvents},
    {"GET", "/v1/events/{}", "", GetEvent},
    {"POST", "/v1/events/{}/retry", "webhook_endpoint account for_stripecli", RetryEvent},
    {"POST", "/v1/webhook_endpoints", "url enabled_events api_version connect description metadata",
     CreateEndpoint},
    {"GET", "/v1/webhook_endpoints", "limit starting_after ending_before", ListEndpoints},
    {"GET", "/v1/webhook_endpoints/{}", "", GetEndpoint},
    {"POST", "/v1/webhook_endpoints/{}", "url enabled_events disabled description metadata", UpdateEndpoint},
    {"DELETE", "/v1/webhook_endpoints/{}", "", DeleteEndpoint}};

}  // namespace

std::span<const ApiRoute> WebhookRoutes() { return kRoutes; }

}  // namespace citadel::stripe_sim

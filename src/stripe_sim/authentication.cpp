#include "stripe_sim/authentication.h"

#include <fmt/format.h>

#include <utility>

#include "stripe_sim/api_error.h"

namespace citadel::stripe_sim {
namespace {

std::string DecodeBase64(std::string_view text) {
    static constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    unsigned bits = 0;
    int count = 0;
    for (char c : text) {
        auto value = kAlphabet.find(c);
        if (value == std::string_view::npos) break;
        bits = bits << 6 | static_cast<unsigned>(value);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        out += static_cast<char>(bits >> count & 0xff);
    }
    return out;
}

ApiError Refused(int status, std::string_view code, std::string message) {
    auto error = InvalidRequest(status, code, std::move(message));
    error.executed = false;
    return error;
}

// Stripe's names of permissions where they are not the resource's own, singular.
std::string PermissionFor(std::string_view path) {
    static constexpr std::pair<std::string_view, std::string_view> kNames[] = {
        {"/v1/accounts", "accounts_kyc_basic"},
        {"/v1/refunds", "charge"},
        {"/v1/invoice_payments", "invoice"},
        {"/v1/prices", "plan"},
        {"/v1/webhook_endpoints", "webhook"},
        {"/v1/billing_portal", "customer_portal"},
        {"/v1/test_helpers/test_clocks", "billing_clock"},
        {"/v1/billing/meters", "billing_meter"},
        {"/v1/billing/meter_event", "billing_meter_event"},
        {"/v2/billing/meter_event", "billing_meter_event"},
        {"/v2/core/events", "event"}};
    for (const auto& [prefix, name] : kNames) {
        if (path.starts_with(prefix)) return std::string(name);
    }
    path.remove_prefix(std::min<std::size_t>(path.size(), 4));
    auto resource = path.substr(0, path.find('/'));
    if (resource.ends_with('s')) resource.remove_suffix(1);
    return std::string(resource);
}

}  // namespace

std::string KeyIn(std::string_view authorization) {
    constexpr std::string_view kBearer = "Bearer ", kBasic = "Basic ";
    if (authorization.starts_with(kBearer)) return std::string(authorization.substr(kBearer.size()));
    if (!authorization.starts_with(kBasic)) return {};
    auto pair = DecodeBase64(authorization.substr(kBasic.size()));
    return pair.substr(0, pair.find(':'));
}

ApiKey AuthenticateSession(const World& world, std::string_view token) {
    const auto* known = world.keys.Find(token);
    if (!known || known->kind != KeyKind::kMeterSession)
        throw Refused(401, "", fmt::format("Invalid session token provided: {}", MaskKey(token)));
    if (*known->expires_at > world.Now()) return *known;
    auto error =
        Refused(401, "billing_meter_event_session_expired", "Your meter event stream session has expired.");
    error.error["type"] = "temporary_session_expired";
    throw error;
}

ApiKey Authenticate(const World& world, std::string_view key) {
    if (key.empty()) {
        throw Refused(401, "",
                      "You did not provide an API key. You need to provide your API key in the "
                      "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
                      "YOUR_SECRET_KEY').");
    }
    const auto* known = world.keys.Find(key);
    if (!known || known->kind == KeyKind::kMeterSession)
        throw Refused(401, "", fmt::format("Invalid API Key provided: {}", MaskKey(key)));
    if (known->expires_at && *known->expires_at <= world.Now()) {
        throw Refused(401, "api_key_expired", fmt::format("Expired API Key provided: {}", known->masked));
    }
    if (known->kind == KeyKind::kPublishable) {
        throw Refused(403, "secret_key_required",
                      "This API call cannot be made with a publishable API key. Please use a secret API "
                      "key. You can find a list of your API keys at "
                      "https://dashboard.stripe.com/account/apikeys.");
    }
    return *known;
}

Account& AccountOf(World& world, const ApiKey& key, std::string_view stripe_account) {
    std::string id(stripe_account.empty() ? std::string_view(key.account) : stripe_account);
    auto* account = world.FindAccount(id);
    bool platform = key.account == world.Platform().id;
    bool own = account && key.account == id && (key.kind != KeyKind::kAccess || account->connected);
    if (own || (account && platform && account->connected)) return *account;
    throw Refused(403, "account_invalid",
                  fmt::format("The provided key '{}' does not have access to account '{}' (or that account "
                              "does not exist). Application access may have been revoked.",
                              key.masked, id));
}

void CheckPermission(const ApiKey& key, const Account& account, std::string_view method,
                     std::string_view path) {
    bool reads = method == "GET";
    bool through_application = key.kind == KeyKind::kAccess || key.account != account.id;
    if (through_application && account.scope == "read_only" && !reads) {
        throw Refused(403, "",
                      fmt::format("This application does not have the required permissions for this "
                                  "endpoint on account '{}'.",
                                  account.id));
    }
    if (key.kind != KeyKind::kRestricted) return;
    auto name = PermissionFor(path);
    bool may_write = key.permissions.contains(name + "_write");
    if (may_write || (reads && key.permissions.contains(name + "_read"))) return;
    throw Refused(403, "",
                  fmt::format("The provided key '{}' does not have the required permissions for this "
                              "endpoint on account '{}'. Having the 'rak_{}_{}' permission would allow this "
                              "request to continue.",
                              key.masked, account.id, name, reads ? "read" : "write"));
}

}  // namespace citadel::stripe_sim

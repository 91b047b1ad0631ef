#include "api/clerk_webhook_routes.h"

#include <boost/json.hpp>

#include "base/log.h"
#include "crypto/svix.h"
#include "store/merchants.h"
#include "store/users.h"

namespace citadel::api {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

std::string TextOf(const json::object& object, std::string_view name) {
    auto member = object.if_contains(name);
    return member && member->is_string() ? std::string(member->as_string()) : std::string();
}

// An address that Clerk says is not verified might be anybody's.
bool IsUnverified(const json::object& address) {
    auto verification = address.if_contains("verification");
    return verification && verification->is_object() &&
           TextOf(verification->as_object(), "status") != "verified";
}

// The entry that primary_email_address_id names; that may be null.
std::string PrimaryEmail(const json::object& user) {
    auto primary = TextOf(user, "primary_email_address_id");
    auto list = user.if_contains("email_addresses");
    if (primary.empty() || !list || !list->is_array()) return "";
    for (const auto& entry : list->as_array()) {
        if (!entry.is_object() || TextOf(entry.as_object(), "id") != primary) continue;
        return IsUnverified(entry.as_object()) ? "" : TextOf(entry.as_object(), "email_address");
    }
    return "";
}

http::Reply Received(const char* action) {
    json::object result{{"action", action}};
    return http::Json(200, json::serialize(json::object{{"received", true}, {"result", std::move(result)}}));
}

}  // namespace

std::variant<ClerkWebhook::UserEvent, std::string> ClerkWebhook::Read(const std::string& body) {
    json::error_code error;
    auto value = json::parse(body, error);
    if (error || !value.is_object()) return "The body must be a JSON object.";
    UserEvent event;
    event.type = TextOf(value.as_object(), "type");
    if (event.type.empty()) return "The event has no type.";
    auto data = value.as_object().if_contains("data");
    if (!event.type.starts_with("user.")) return event;
    if (!data || !data->is_object()) return "The event has no data.";
    const auto& user = data->as_object();
    event.user_id = TextOf(user, "id");
    if (event.user_id.empty()) return "The event names no user.";
    event.email = PrimaryEmail(user);
    if (auto updated = user.if_contains("updated_at"); updated && updated->is_int64())
        event.updated_ms = updated->get_int64();
    return event;
}

asio::awaitable<http::Reply> ClerkWebhook::Receive(http::Request request) {
    auto headers = crypto::FindSvixHeaders(request.headers);
    auto tolerance = clock_.Stretch(std::chrono::seconds(300));
    auto verdict = crypto::VerifySvix(headers, request.body, secrets_, clock_.Now(), tolerance);
    if (verdict != crypto::SvixVerdict::kValid) {
        log::Warn("clerk_webhook_refused",
                  {{"request_id", request.request_id}, {"why", crypto::Explain(verdict)}});
        co_return http::Problem(400, "signature_invalid", crypto::Explain(verdict));
    }
    auto read = Read(request.body);
    if (auto wrong = std::get_if<std::string>(&read)) co_return http::Problem(400, "event_invalid", *wrong);
    auto event = std::get<UserEvent>(std::move(read));
    event.svix_id = std::string(headers.id);
    bool fresh = false;
    if (event.type == "user.created" || event.type == "user.updated") {
        fresh = co_await Update(std::move(event));
    } else if (event.type == "user.deleted") {
        fresh = co_await Delete(std::move(event));
    } else {
        log::Info("clerk_webhook_ignored", {{"type", event.type}});
        co_return Received("ignored");
    }
    co_return Received(fresh ? "processed" : "duplicate");
}

// A user is a merchant from its first word on, whether Clerk's or its own: both make it, once.
asio::awaitable<bool> ClerkWebhook::Update(UserEvent event) {
    bool deleted = co_await store::IsDeletedUser(pool_, event.user_id);
    MerchantKey merchant{-1, 0};
    if (!deleted) merchant = co_await store::ProvisionMerchant(pool_, event.user_id, clock_.Now());
    bool fresh = co_await store::SetUserEmail(pool_, event.svix_id, event.user_id, merchant, event.email,
                                              event.updated_ms, clock_.Now());
    co_return fresh;
}

// The connection ends first: if we die in between, the delivery comes again and finds the rest to be done.
asio::awaitable<bool> ClerkWebhook::Delete(UserEvent event) {
    std::optional<MerchantKey> merchant = co_await store::FindMerchantOfUser(pool_, event.user_id);
    if (merchant) co_await accounts_.Disconnect(*merchant);
    bool fresh = co_await store::SetUserDeleted(pool_, event.svix_id, event.user_id, merchant, clock_.Now());
    co_return fresh;
}

}  // namespace citadel::api

// The routes about Connect: keys, OAuth without a browser, what Stripe lets an account do.
#include <fmt/format.h>

#include "stripe_sim/connect.h"
#include "stripe_sim/control.h"
#include "stripe_sim/control_body.h"
#include "stripe_sim/oauth.h"

namespace citadel::stripe_sim {
namespace {

struct KeyForm {
    KeyKind kind;
    std::string_view prefix;
};

KeyForm ReadKeyKind(const std::string& name) {
    if (name == "secret") return {KeyKind::kSecret, "sk_test_"};
    if (name == "restricted") return {KeyKind::kRestricted, "rk_test_"};
    if (name == "publishable") return {KeyKind::kPublishable, "pk_test_"};
    throw Refusal("\"kind\" is secret, restricted or publishable");
}

}  // namespace

json::object Control::PutKey(const json::object& body) {
    auto form = ReadKeyKind(Member<std::string>(body, "kind", "secret"));
    ApiKey key;
    key.account = AccountIn(body).id;
    key.kind = form.kind;
    key.permissions = Member(body, "permissions", key.permissions);
    if (auto text = Member<std::string>(body, "expiresAt", ""); !text.empty()) {
        key.expires_at = ParseTime(text);
        if (!key.expires_at) throw Refusal("\"expiresAt\" is an RFC 3339 time");
    }
    auto text = Member<std::string>(body, "key", "");
    if (text.empty()) text = world_.NewId(form.prefix, 32);
    world_.keys.Put(text, std::move(key));
    json::object answer;
    answer["key"] = text;
    return answer;
}

json::object Control::Authorize(const json::object& body) {
    auto& book = world_.oauth;
    book.client_id = Member(body, "clientId", book.client_id);
    book.redirect_uris = Member(body, "redirectUris", book.redirect_uris);
    json::object answer;
    answer["clientId"] = book.client_id;
    if (!body.contains("account")) return answer;
    auto& account = AccountIn(body);
    if (&account == &world_.Platform()) throw Refusal("the platform cannot connect itself");
    answer["code"] = GrantCode(world_, account, Member<std::string>(body, "scope", "read_write"));
    return answer;
}

json::object Control::SetAccount(const json::object& body) {
    auto& account = AccountIn(body);
    account.details_submitted = Member(body, "detailsSubmitted", account.details_submitted);
    EnableCharges(world_, account, Member(body, "chargesEnabled", account.charges_enabled));
    return json::object();
}

json::object Control::Deauthorize(const json::object& body) {
    stripe_sim::Deauthorize(world_, AccountIn(body));
    return json::object();
}

}  // namespace citadel::stripe_sim

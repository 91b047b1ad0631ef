#include "stripe_sim/oauth.h"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <algorithm>

#include "stripe_sim/authentication.h"
#include "stripe_sim/connect.h"
#include "stripe_sim/params.h"

namespace citadel::stripe_sim {
namespace {

constexpr auto kCodeLives = std::chrono::minutes(5);

struct OAuthError {
    int status;
    std::string error, description;
};

http::Reply ReplyWith(const OAuthError& refused) {
    json::object body;
    body["error"] = refused.error;
    body["error_description"] = refused.description;
    return http::Json(refused.status, json::serialize(body));
}

// The platform's secret key, as bearer or as client_secret.
void CheckSecret(const World& world, const http::Request& request, const Params& params) {
    auto given = params.TextOr("client_secret", KeyIn(request.header("Authorization")));
    if (given.empty()) throw OAuthError{401, "invalid_client", "No API key provided."};
    const auto* key = world.keys.Find(given);
    bool expired = key && key->expires_at && *key->expires_at <= world.Now();
    bool secret = key && key->kind == KeyKind::kSecret && key->account == world.platform->id;
    if (secret && !expired) return;
    throw OAuthError{401, "invalid_client", "Invalid API Key provided: " + MaskKey(given)};
}

json::object IssueTokens(World& world, const Account& account, const std::string& scope,
                         const std::string& refresh_token) {
    auto access = world.NewId("sk_test_", 32), publishable = world.NewId("pk_test_", 32);
    ApiKey key;
    key.account = account.id;
    key.kind = KeyKind::kPublishable;
    world.keys.Put(publishable, key);
    key.kind = KeyKind::kAccess;
    world.keys.Put(access, std::move(key));
    json::object answer;
    answer["access_token"] = access;
    answer["livemode"] = false;
    answer["refresh_token"] = refresh_token;
    answer["token_type"] = "bearer";
    answer["stripe_publishable_key"] = publishable;
    answer["stripe_user_id"] = account.id;
    answer["scope"] = scope;
    return answer;
}

std::string TextOf(const json::object& object, std::string_view name) {
    return std::string(object.at(name).as_string());
}

void RevokeIssued(World& world, const OAuthGrant& grant) {
    for (const auto& token : grant.tokens) {
        world.keys.Revoke(token);
        world.oauth.refresh_tokens.erase(token);
    }
}

json::object RedeemCode(World& world, const Params& params, const Cause& cause) {
    auto code = params.TextOr("code");
    if (code.empty()) throw OAuthError{400, "invalid_request", "No authorization code provided."};
    auto found = world.oauth.grants.find(code);
    if (found == world.oauth.grants.end())
        throw OAuthError{400, "invalid_grant", "Authorization code does not exist: " + code};
    auto& grant = found->second;
    if (grant.used) {
        RevokeIssued(world, grant);
        throw OAuthError{400, "invalid_grant",
                         "This authorization code has already been used. All tokens issued with this code "
                         "have been revoked."};
    }
    if (grant.made + kCodeLives <= world.Now())
        throw OAuthError{400, "invalid_grant", "Authorization code expired: " + code};
    grant.used = true;
    auto& account = *world.FindAccount(grant.account);
    Connect(world, account, grant.scope, cause);
    auto refresh = world.NewId("rt_", 32);
    world.oauth.refresh_tokens[refresh] = {account.id, grant.scope};
    auto answer = IssueTokens(world, account, grant.scope, refresh);
    grant.tokens = {TextOf(answer, "access_token"), refresh};
    return answer;
}

json::object RefreshAccess(World& world, const Params& params) {
    auto token = params.TextOr("refresh_token");
    if (token.empty()) throw OAuthError{400, "invalid_request", "No refresh token provided."};
    auto found = world.oauth.refresh_tokens.find(token);
    if (found == world.oauth.refresh_tokens.end())
        throw OAuthError{400, "invalid_grant", "Refresh token does not exist: " + MaskKey(token)};
    auto refresh = found->second;
    auto scope = params.TextOr("scope", refresh.scope);
    if (scope != refresh.scope && scope != "read_only")
        throw OAuthError{400, "invalid_scope", "The requested scope is wider than the one that was granted."};
    auto answer = IssueTokens(world, *world.FindAccount(refresh.account), scope, token);
    for (auto& [code, grant] : world.oauth.grants) {
        bool same = std::find(grant.tokens.begin(), grant.tokens.end(), token) != grant.tokens.end();
        if (same) grant.tokens.push_back(TextOf(answer, "access_token"));
    }
    return answer;
}

json::object ServeToken(World& world, const Params& params, const Cause& cause) {
    auto grant = params.TextOr("grant_type");
    if (grant == "authorization_code") return RedeemCode(world, params, cause);
    if (grant == "refresh_token") return RefreshAccess(world, params);
    throw OAuthError{400, "unsupported_grant_type", "grant_type must be authorization_code or refresh_token"};
}

json::object ServeDeauthorize(World& world, const Params& params, const Cause& cause) {
    auto client = params.TextOr("client_id"), id = params.TextOr("stripe_user_id");
    if (client != world.oauth.client_id)
        throw OAuthError{401, "invalid_client", "No such application: " + client};
    if (id.empty()) throw OAuthError{400, "invalid_request", "No stripe_user_id provided."};
    auto* account = world.FindAccount(id);
    if (!account || account == world.platform.get() || !account->connected) {
        throw OAuthError{400, "invalid_client",
                         fmt::format("This application is not connected to stripe account {}, or that "
                                     "account does not exist.",
                                     id)};
    }
    Deauthorize(world, *account, cause);
    json::object answer;
    answer["stripe_user_id"] = id;
    return answer;
}

}  // namespace

std::string GrantCode(World& world, const Account& account, std::string scope) {
    auto code = world.NewId("ac_", 32);
    OAuthGrant grant;
    grant.account = account.id;
    grant.scope = std::move(scope);
    grant.made = world.Now();
    world.oauth.grants.emplace(code, std::move(grant));
    return code;
}

http::Reply ServeOAuth(World& world, const http::Request& request, const Cause& cause) {
    try {
        Params params(http::ParseForm(request.body));
        CheckSecret(world, request, params);
        bool token = request.path == "/oauth/token";
        auto answer = token ? ServeToken(world, params, cause) : ServeDeauthorize(world, params, cause);
        return http::Json(200, json::serialize(answer));
    } catch (const OAuthError& error) {
        return ReplyWith(error);
    }
}

}  // namespace citadel::stripe_sim

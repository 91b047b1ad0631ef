// The page of GET /oauth/authorize and the merchant's answer to it. `approve` in the query answers for
// him at once: the id of an account, or "new".
#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <algorithm>

#include "stripe_sim/html.h"
#include "stripe_sim/oauth.h"
#include "stripe_sim/params.h"

namespace citadel::stripe_sim {
namespace {

constexpr std::size_t kAccountsShown = 50;

// Shown to the merchant: there is no address that can be trusted with it.
struct PageError {
    std::string message;
};
// Told to the platform by way of its redirect address.
struct RedirectError {
    std::string error, description;
};

// "http://localhost:3000/x" and its like.
bool IsOnThisMachine(std::string_view uri) {
    for (std::string_view scheme : {"http://", "https://"}) {
        if (!uri.starts_with(scheme)) continue;
        auto rest = uri.substr(scheme.size());
        auto authority = rest.substr(0, rest.find_first_of("/?#"));
        for (std::string_view host : {"127.0.0.1", "localhost", "[::1]"}) {
            bool port = authority.starts_with(std::string(host) + ":") &&
                        authority.find_first_not_of("0123456789", host.size() + 1) == authority.npos;
            if (authority == host || port) return true;
        }
    }
    return false;
}

std::string RedirectUri(const OAuthBook& book, const Params& params) {
    if (params.TextOr("client_id") != book.client_id)
        throw PageError{"No application matches the supplied client identifier"};
    auto uri = params.TextOr("redirect_uri");
    const auto& known = book.redirect_uris;
    if (uri.empty() && !known.empty()) return known.front();
    bool fits = known.empty() ? IsOnThisMachine(uri) : std::ranges::count(known, uri) > 0;
    if (fits) return uri;
    throw PageError{
        fmt::format("Invalid redirect URI '{}'. Ensure this uri exactly matches one of the uris specified in "
                    "your application settings",
                    uri)};
}

std::string ReadScope(const Params& params) {
    if (params.TextOr("response_type") != "code") {
        throw RedirectError{"unsupported_response_type",
                            "The response_type must be 'code', the only one there is."};
    }
    auto scope = params.TextOr("scope", "read_only");
    if (scope == "read_write" || scope == "read_only") return scope;
    throw RedirectError{"invalid_scope", fmt::format("The scope {} is unknown.", scope)};
}

http::Reply Redirect(std::string uri, const std::vector<http::Header>& answer) {
    http::Reply reply;
    reply.status = 302;
    char join = uri.find('?') == std::string::npos ? '?' : '&';
    for (const auto& [name, value] : answer) {
        uri += fmt::format("{}{}={}", join, name, http::PercentEncode(value));
        join = '&';
    }
    reply.content_type = "text/html; charset=utf-8";
    reply.headers.emplace_back("Location", std::move(uri));
    return reply;
}

Account& NewMerchant(World& world, const Params& params) {
    auto name = params.TextOr("stripe_user[business_name]", "New merchant");
    auto& account = world.AddAccount(std::move(name), world.platform->api_version);
    account.email = params.TextOr("stripe_user[email]", "merchant@example.com");
    account.country = params.TextOr("stripe_user[country]", account.country);
    account.currency = params.TextOr("stripe_user[currency]", account.currency);
    account.connected = false;
    return account;
}

std::string ShowAccounts(const World& world) {
    std::string options;
    std::size_t shown = 0;
    for (const auto* account : world.accounts_in_order) {
        if (shown++ == kAccountsShown) break;
        options += fmt::format("<option value=\"{}\">{} ({})</option>", account->id,
                               EscapeHtml(account->name), account->id);
    }
    return options + "<option value=\"new\">a new account</option>";
}

http::Reply ShowForm(const World& world, const http::Request& request, const std::string& scope) {
    std::string fields;
    for (const auto& [name, value] : request.query) {
        fields += fmt::format("<input type=\"hidden\" name=\"{}\" value=\"{}\">", EscapeHtml(name),
                              EscapeHtml(value));
    }
    auto content = fmt::format(
        "<p>{} asks for access to your Stripe account ({}).</p>"
        "<form method=\"post\" action=\"/oauth/authorize\">{}<select name=\"approve\">{}</select>"
        "<button name=\"action\" value=\"connect\">Connect</button> "
        "<button name=\"action\" value=\"cancel\">Cancel</button></form>",
        EscapeHtml(world.platform->name), EscapeHtml(scope), fields, ShowAccounts(world));
    return HtmlPage(200, "Connect with Stripe", content);
}

// nullptr: the merchant has not chosen yet.
Account* ChosenAccount(World& world, const Params& params) {
    if (params.TextOr("action") == "cancel")
        throw RedirectError{"access_denied", "The user denied your request"};
    auto chosen = params.TextOr("approve");
    if (chosen.empty()) return nullptr;
    if (chosen == "new") return &NewMerchant(world, params);
    auto* account = world.FindAccount(chosen);
    if (!account || account == world.platform.get())
        throw PageError{fmt::format("There is no account {} that could be connected", chosen)};
    return account;
}

http::Reply AnswerFor(World& world, const http::Request& request, const Params& params,
                      const std::string& uri) {
    std::vector<http::Header> answer;
    try {
        auto scope = ReadScope(params);
        auto* account = ChosenAccount(world, params);
        if (!account) return ShowForm(world, request, scope);
        answer = {{"scope", scope}, {"code", GrantCode(world, *account, scope)}};
    } catch (const RedirectError& refused) {
        answer = {{"error", refused.error}, {"error_description", refused.description}};
    }
    if (auto state = params.Text("state")) answer.emplace_back("state", *state);
    return Redirect(uri, answer);
}

}  // namespace

http::Reply ServeAuthorize(World& world, const http::Request& request) {
    auto pairs = request.method == "POST" ? http::ParseForm(request.body) : request.query;
    Params params(std::move(pairs));
    try {
        return AnswerFor(world, request, params, RedirectUri(world.oauth, params));
    } catch (const PageError& refused) {
        json::object error, body;
        error["message"] = refused.message;
        body["error"] = std::move(error);
        return http::Json(400, json::serialize(body));
    }
}

}  // namespace citadel::stripe_sim

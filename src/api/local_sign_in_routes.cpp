#include "api/local_sign_in_routes.h"

#include <boost/json.hpp>

#include <algorithm>

#include "base/log.h"
#include "store/users.h"

namespace citadel::api {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

http::Header SessionCookie(const std::string& token, const char* more) {
    return {"Set-Cookie", "__session=" + token + "; Path=/; HttpOnly; SameSite=Lax" + more};
}

http::Reply Foreign() {
    return http::Problem(403, "origin_not_allowed", "The demo's sign-in is for this engine's own pages.");
}

// Empty: the body is not {"email": "…"}.
std::string ReadEmail(const std::string& body) {
    json::error_code error;
    auto value = json::parse(body, error);
    if (error || !value.is_object() || value.as_object().size() != 1) return "";
    auto email = value.as_object().if_contains("email");
    if (!email || !email->is_string() || email->as_string().size() > 254) return "";
    auto text = std::string(email->as_string());
    return text.find('@') == text.npos ? "" : text;
}

}  // namespace

bool LocalSignIn::IsForeign(const http::Request& request) const {
    auto origin = request.header("Origin");
    return !origin.empty() && std::ranges::count(own_origins_, origin) == 0;
}

asio::awaitable<http::Reply> LocalSignIn::SignIn(http::Request request) {
    if (IsForeign(request)) co_return Foreign();
    auto email = ReadEmail(request.body);
    if (email.empty())
        co_return http::Problem(400, "body_invalid", "The body must be {\"email\": \"you@example.com\"}.");
    auto wanted = auth::LocalIssuer::UserOf(email);
    std::string user = co_await store::AdoptByEmailAcrossMerchants(pool_, email, wanted, clock_.Now());
    // Elsewhere Clerk's webhook tells the address; here nobody else would.
    MerchantKey merchant = co_await store::ProvisionMerchant(pool_, user, clock_.Now());
    co_await store::SetUserEmail(pool_, "local_" + user, user, merchant, email, 0, clock_.Now());
    auto token = issuer_.SignIn(user, own_origins_.front());
    log::Warn("demo_sign_in", {{"user", user}});
    http::Reply reply = http::Json(200, json::serialize(json::object{{"token", token}, {"userId", user}}));
    reply.headers.push_back(SessionCookie(token, ""));
    reply.headers.emplace_back("Cache-Control", "no-store");
    co_return reply;
}

asio::awaitable<http::Reply> LocalSignIn::SignOut(http::Request request) {
    if (IsForeign(request)) co_return Foreign();
    http::Reply reply;
    reply.status = 204;
    reply.headers.push_back(SessionCookie("", "; Max-Age=0"));
    co_return reply;
}

asio::awaitable<http::Reply> LocalSignIn::Accounts(http::Request) {
    std::vector<store::DemoAccount> accounts = co_await store::ListDemoAccountsAcrossMerchants(pool_);
    json::array data;
    for (const auto& account : accounts) data.push_back({{"name", account.name}, {"email", account.email}});
    co_return http::Json(200, json::serialize(json::object{{"data", std::move(data)}}));
}

}  // namespace citadel::api

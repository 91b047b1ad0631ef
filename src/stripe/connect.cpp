#include "stripe/connect.h"

#include <fmt/format.h>
#include <boost/json.hpp>

#include "stripe/client.h"
#include "stripe/failure.h"

namespace citadel::stripe {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

using Granted = std::variant<Grant, ConnectFailure>;
using Inspected = std::variant<KeyOwner, ConnectFailure>;

std::string TextOf(const json::object& object, std::string_view name) {
    auto member = object.if_contains(name);
    return member && member->is_string() ? std::string(member->as_string()) : std::string();
}

// An empty object for whatever is none: a body may be HTML or nothing.
json::object ReadObject(const http::Answer& answer) {
    json::error_code error;
    auto value = json::parse(answer.body, error);
    return !error && value.is_object() ? std::move(value.as_object()) : json::object();
}

// OAuth says what was wrong in a text `error`; anything else is trouble on the way, or Stripe's.
std::optional<ConnectFailure> FailureOf(const http::Answer& answer) {
    if (answer.ok()) return std::nullopt;
    ConnectFailure failure;
    if (answer.kind != http::Answer::Kind::kReply) {
        failure.detail = "Stripe could not be reached: " + answer.error;
        return failure;
    }
    auto body = ReadObject(answer);
    failure.error = TextOf(body, "error");
    failure.refused =
        answer.status >= 400 && answer.status < 500 && answer.status != 429 && !failure.error.empty();
    failure.detail = failure.refused ? "Stripe refused: " + TextOf(body, "error_description")
                                     : fmt::format("Stripe answered {}", answer.status);
    return failure;
}

Granted ReadGrant(const http::Answer& answer) {
    if (auto failure = FailureOf(answer)) return *failure;
    auto body = ReadObject(answer);
    Grant grant;
    grant.account = TextOf(body, "stripe_user_id");
    grant.access_token = Secret(TextOf(body, "access_token"));
    grant.refresh_token = Secret(TextOf(body, "refresh_token"));
    grant.scope = TextOf(body, "scope");
    auto live = body.if_contains("livemode");
    grant.livemode = live && live->is_bool() && live->as_bool();
    if (!grant.account.starts_with("acct_") || grant.access_token.empty())
        return ConnectFailure{false, "", "Stripe's answer could not be read"};
    return grant;
}

// What the business calls itself towards its customers, else in its own Stripe dashboard.
std::string NameOf(const json::object& account) {
    json::value value(account);
    auto named = [&](std::string_view pointer) {
        json::error_code error;
        auto found = value.find_pointer(pointer, error);
        return found && found->is_string() ? std::string(found->as_string()) : std::string();
    };
    auto name = named("/business_profile/name");
    return name.empty() ? named("/settings/dashboard/display_name") : name;
}

// What reading one of everything needs, by the names of Stripe's permissions.
struct Need {
    const char* path;
    const char* permission;
};
constexpr Need kNeeds[] = {{"/v1/invoices?limit=1", "Invoices"},
                           {"/v1/customers?limit=1", "Customers"},
                           {"/v1/subscriptions?limit=1", "Subscriptions"},
                           {"/v1/charges?limit=1", "Charges"},
                           {"/v1/payment_intents?limit=1", "PaymentIntents"}};

ConnectFailure KeyFailure(const Failure& failure, const char* permission) {
    switch (failure.kind) {
        case FailureKind::kAuthentication: return {true, "key_invalid", "Stripe does not know this key."};
        case FailureKind::kOutOfReach:
            return {
                true, "key_permissions",
                fmt::format("The key may not read {}; give it write access to Invoices and read access to "
                            "Customers, Subscriptions, Charges, PaymentIntents and the account.",
                            permission)};
        default: return {false, "", "Stripe could not tell: " + failure.message};
    }
}

}  // namespace

std::string Connect::AuthorizeUrl(std::string_view state, std::string_view redirect_uri) const {
    return fmt::format(
        "{}/oauth/authorize?response_type=code&client_id={}&scope=read_write&state={}&redirect_uri={}",
        settings_.connect_base, http::PercentEncode(settings_.client_id), http::PercentEncode(state),
        http::PercentEncode(redirect_uri));
}

asio::awaitable<http::Answer> Connect::PostForm(std::string path, std::string form) {
    http::Call call;
    call.method = "POST";
    call.url = settings_.connect_base + path;
    call.body = std::move(form);
    call.deadline = settings_.deadline;
    call.headers.emplace_back("Authorization", "Bearer " + settings_.platform_key.Reveal());
    call.headers.emplace_back("Stripe-Version", kApiVersion);
    call.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    http::Answer answer = co_await http_.Fetch(std::move(call));
    co_return answer;
}

asio::awaitable<Granted> Connect::RedeemCode(std::string code) {
    auto form = "grant_type=authorization_code&code=" + http::PercentEncode(code);
    http::Answer answer = co_await PostForm("/oauth/token", std::move(form));
    auto granted = ReadGrant(answer);
    if (auto grant = std::get_if<Grant>(&granted)) {
        http::Answer account = co_await GetWith(grant->access_token, "/v1/account");
        if (account.ok()) grant->name = NameOf(ReadObject(account));
    }
    co_return granted;
}

asio::awaitable<std::optional<ConnectFailure>> Connect::Deauthorize(std::string account) {
    auto form = fmt::format("client_id={}&stripe_user_id={}", http::PercentEncode(settings_.client_id),
                            http::PercentEncode(account));
    http::Answer answer = co_await PostForm("/oauth/deauthorize", std::move(form));
    auto failure = FailureOf(answer);
    // 400 means that this account is not connected any more; with 401 it is our own key or client id.
    bool gone = failure && failure->error == "invalid_client" && answer.status == 400;
    if (gone) failure.reset();
    co_return failure;
}

asio::awaitable<http::Answer> Connect::GetWith(Secret key, std::string path) {
    http::Call call;
    call.url = settings_.api_base + path;
    call.deadline = settings_.deadline;
    call.headers.emplace_back("Authorization", "Bearer " + key.Reveal());
    call.headers.emplace_back("Stripe-Version", kApiVersion);
    http::Answer answer = co_await http_.Fetch(std::move(call));
    co_return answer;
}

asio::awaitable<Inspected> Connect::InspectKey(Secret key) {
    http::Answer read = co_await GetWith(key, "/v1/account");
    if (auto failure = ReadFailure(read)) co_return KeyFailure(*failure, "the account");
    auto account = ReadObject(read);
    KeyOwner owner;
    owner.account = TextOf(account, "id");
    owner.livemode = key.Reveal().starts_with("rk_live");
    owner.name = NameOf(account);
    if (!owner.account.starts_with("acct_"))
        co_return ConnectFailure{false, "", "Stripe's answer could not be read"};
    for (const auto& need : kNeeds) {
        http::Answer answer = co_await GetWith(key, need.path);
        if (auto failure = ReadFailure(answer)) co_return KeyFailure(*failure, need.permission);
    }
    co_return owner;
}

}  // namespace citadel::stripe

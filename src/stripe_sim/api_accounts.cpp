// /v1/account and /v1/accounts: the platform opens, reads, changes and disconnects merchants' accounts.
#include <fmt/format.h>

#include <utility>

#include "stripe_sim/api_list.h"
#include "stripe_sim/authentication.h"
#include "stripe_sim/connect.h"

namespace citadel::stripe_sim {
namespace {

json::object GetAccount(ApiCall& call) { return Render(call.view, call.account); }

// Stripe answers an account that is not there like one without access.
Account& AccountIn(ApiCall& call) { return AccountOf(call.world, call.key, call.captures.at(0)); }

json::object GetAccountById(ApiCall& call) { return Render(call.view, AccountIn(call)); }

std::string CurrencyOf(std::string_view country) {
    static constexpr std::pair<std::string_view, std::string_view> kCurrencies[] = {
        {"AU", "aud"}, {"BR", "brl"}, {"CA", "cad"}, {"CH", "chf"}, {"GB", "gbp"}, {"JP", "jpy"},
        {"AT", "eur"}, {"BE", "eur"}, {"DE", "eur"}, {"ES", "eur"}, {"FR", "eur"}, {"IE", "eur"},
        {"IT", "eur"}, {"NL", "eur"}, {"PT", "eur"}, {"DK", "dkk"}, {"NO", "nok"}, {"SE", "sek"}};
    for (const auto& [known, currency] : kCurrencies) {
        if (known == country) return std::string(currency);
    }
    return "usd";
}

void CheckPlatform(const ApiCall& call) {
    if (&call.account == &call.world.Platform()) return;
    throw BadParameter("", "Only Stripe Connect platforms can work with other accounts.", "");
}

void ApplyToAccount(const ApiCall& call, Account& account) {
    account.email = call.params.TextOr("email", account.email);
    account.business_type = call.params.TextOr("business_type", account.business_type);
    account.currency = call.params.TextOr("default_currency", account.currency);
    account.name = call.params.TextOr("business_profile[name]", account.name);
    ApplyMetadata(account.metadata, call.params.Members("metadata"));
}

json::object CreateAccount(ApiCall& call) {
    CheckPlatform(call);
    auto type = call.params.OneOf("type", {"standard", "express", "custom"}).value_or("standard");
    auto country = call.params.TextOr("country", call.world.Platform().country);
    if (country.size() != 2) {
        throw BadParameter("country_unsupported", fmt::format("Country '{}' is unknown.", country),
                           "country");
    }
    auto& account = call.world.AddAccount("", std::string(call.version));
    account.type = std::move(type);
    account.currency = CurrencyOf(country);
    account.country = std::move(country);
    account.charges_enabled = account.details_submitted = false;  // nobody has filled in the papers yet
    ApplyToAccount(call, account);
    return Render(call.view, account);
}

// What differs between two renderings of the same object, with the older values.
json::object Changed(const json::object& before, const json::object& after) {
    json::object previous;
    for (const auto& [name, value] : before) {
        const auto* now = after.if_contains(name);
        if (now && *now != value) previous[name] = value;
    }
    return previous;
}

json::object UpdateAccount(ApiCall& call) {
    auto& account = AccountIn(call);
    auto before = Render(call.view, account);
    ApplyToAccount(call, account);
    auto after = Render(call.view, account);
    auto previous = Changed(before, after);
    if (!previous.empty()) AnnounceAccount(call.world, account, std::move(previous), call.cause);
    return after;
}

json::object DeleteAccount(ApiCall& call) {
    auto& account = AccountIn(call);
    if (&account == &call.world.Platform()) {
        throw BadParameter("", "You cannot delete your own account by API.", "account");
    }
    Deauthorize(call.world, account, call.cause);
    json::object object;
    object["id"] = account.id;
    object["object"] = "account";
    object["deleted"] = true;
    return object;
}

json::object ListAccounts(ApiCall& call) {
    CheckPlatform(call);
    auto keep = [&](const Account& account) {
        return account.connected && call.params.InRange("created", account.created);
    };
    return ListOf(call, "/v1/accounts", call.world.accounts_in_order, keep);
}

constexpr ApiRoute kRoutes[] = {
    {"GET", "/v1/account", "", GetAccount},
    {"POST", "/v1/accounts",
     "type country email metadata business_type default_currency business_profile[name]", CreateAccount},
    {"GET", "/v1/accounts", "limit starting_after ending_before created", ListAccounts},
    {"GET", "/v1/accounts/{}", "", GetAccountById},
    {"POST", "/v1/accounts/{}", "email metadata business_type default_currency business_profile[name]",
     UpdateAccount},
    {"DELETE", "/v1/accounts/{}", "", DeleteAccount}};

}  // namespace

std::span<const ApiRoute> AccountRoutes() { return kRoutes; }

}  // namespace citadel::stripe_sim

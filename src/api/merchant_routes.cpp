#include "api/merchant_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>

#include "api/answers.h"
#include "api/body.h"
#include "store/export.h"

namespace citadel::api {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

using Text = std::optional<std::string>;

// Empty texts take a setting away.
void Expect(const Text& text, std::string_view name, bool (*is)(std::string_view), std::string_view expected,
            bool may_be_empty = true) {
    if (!text || (may_be_empty && text->empty()) || (*is)(*text)) return;
    RefuseMember(name, expected);
}

bool IsRetryMode(std::string_view text) { return text == "observe" || text == "weave" || text == "own"; }

store::ProfileChange ReadChange(const http::Request& request) {
    Body body(request,
              {"billingCountry", "billingAddress", "brandColor", "logoUrl", "fromName", "supportEmail",
               "replyTo", "timezone", "locale", "retryMode", "digestEnabled"},
              {"id", "email", "name", "tier", "plan", "stripeConnected", "stripeAccountId", "createdAt"});
    store::ProfileChange change;
    change.billing_country = body.Text("billingCountry");
    Expect(change.billing_country, "billingCountry", IsCountry, "two capital letters (ISO 3166-1), or empty");
    change.billing_address = body.Text("billingAddress", 500, true);
    change.brand_color = body.Text("brandColor");
    Expect(change.brand_color, "brandColor", IsColor, "a colour such as #1a56db", false);
    change.logo_url = body.Text("logoUrl", 2048);
    Expect(change.logo_url, "logoUrl", IsHttpsUrl, "an https address, or empty");
    change.from_name = body.Text("fromName", 100);
    change.support_email = body.Text("supportEmail", 254);
    Expect(change.support_email, "supportEmail", IsEmailAddress, "an e-mail address, or empty");
    change.reply_to = body.Text("replyTo", 254);
    Expect(change.reply_to, "replyTo", IsEmailAddress, "an e-mail address, or empty");
    change.timezone = body.Text("timezone");
    Expect(change.timezone, "timezone", IsTimeZone, "an IANA time zone such as Europe/Vienna", false);
    change.locale = body.Text("locale");
    Expect(change.locale, "locale", IsLocale, "a language tag such as en or de-AT", false);
    change.retry_mode = body.Text("retryMode");
    Expect(change.retry_mode, "retryMode", IsRetryMode, "observe, weave or own", false);
    change.digest_enabled = body.Flag("digestEnabled");
    return change;
}

// A row of the database as the API writes: names in camelCase, ids as texts.
json::object InApiStyle(const std::string& row) {
    json::object styled;
    const auto parsed = json::parse(row);  // by name: a temporary would be gone before the loop begins
    for (const auto& [key, value] : parsed.as_object()) {
        std::string_view name(key.data(), key.size());
        bool id = name.ends_with("_id") && value.is_int64();
        styled[ToCamelCase(name)] = id ? json::value(std::to_string(value.get_int64())) : value;
    }
    return styled;
}

// The cursor of a section is the key of its last row, which may hold any character.
std::string HexOf(std::string_view text) {
    std::string hex;
    for (unsigned char c : text) hex += fmt::format("{:02x}", c);
    return hex;
}

std::string TextOfHex(std::string_view hex) {
    std::string escaped;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) escaped += "%" + std::string(hex.substr(i, 2));
    auto text = http::PercentDecode(escaped, false);
    if (hex.size() % 2 != 0 || HexOf(text) != hex || text.find('\0') != std::string::npos)
        throw BadInput("invalid_parameter", "\"cursor\" must be of `next` in the answer before.");
    return text;
}

}  // namespace

asio::awaitable<http::Reply> MerchantRoutes::Me(Caller caller, http::Request) {
    std::optional<store::MerchantProfile> profile = co_await store::ReadProfile(pool_, caller.merchant);
    if (!profile) co_return NotFound();
    co_return Answer(ToJson(*profile));
}

asio::awaitable<http::Reply> MerchantRoutes::Change(Caller caller, http::Request request) {
    auto id = ReadId(request.captures.at(0));
    if (id != caller.merchant.id) co_return NotFound();
    store::ProfileChange change = ReadChange(request);
    std::optional<store::MerchantProfile> profile = co_await store::ReadProfile(pool_, caller.merchant);
    if (!profile) co_return NotFound();
    if (profile->stripe_connected && request.header("X-Merchant-Stripe-Id") != profile->stripe_account_id) {
        co_return http::Problem(
            403, "stripe_account_mismatch",
            "X-Merchant-Stripe-Id must be the account that is connected to this merchant.");
    }
    profile = co_await store::ChangeProfile(pool_, caller.merchant, std::move(change));
    if (!profile) co_return NotFound();
    co_return Answer(ToJson(*profile));
}

asio::awaitable<http::Reply> MerchantRoutes::Export(Caller caller, http::Request request) {
    std::vector<std::string_view> names(store::ExportSections().begin(), store::ExportSections().end());
    auto section = ReadFilter(request, "section", names);
    auto after = TextOfHex(QueryValue(request, "cursor"));
    if (section.empty() && !after.empty())
        throw BadInput("invalid_parameter", "\"cursor\" goes with the \"section\" that it is of.");
    if (section == "merchant") after.clear();
    json::object sections, next;
    for (const auto& name : store::ExportSections()) {
        if (!section.empty() && name != section) continue;
        store::ExportPage page = co_await store::ReadExportPage(pool_, caller.merchant, name, after);
        json::array rows;
        for (const auto& row : page.rows) rows.push_back(InApiStyle(row));
        sections[name] = std::move(rows);
        if (!page.next.empty()) next[name] = HexOf(page.next);
    }
    json::object body{{"exportedAt", FormatTime(clock_.Now())}};
    body["sections"] = std::move(sections);
    body["next"] = std::move(next);
    co_return Answer(body);
}

}  // namespace citadel::api

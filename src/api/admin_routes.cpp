#include "api/admin_routes.h"

#include <fmt/format.h>

#include <charconv>

#include "api/answers.h"
#include "api/body.h"
#include "base/log.h"

namespace citadel::api {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

// A cursor over (bucket, merchant): two hexadecimal numbers.
std::string CursorFor(MerchantKey key) { return fmt::format("m1{:02x}{:x}", key.bucket, key.id); }

MerchantKey ReadCursor(const http::Request& request) {
    auto cursor = QueryValue(request, "cursor");
    if (cursor.empty()) return MerchantKey{-1, 0};
    MerchantKey key;
    auto read = [](std::string_view text, auto& number) {
        auto parsed = std::from_chars(text.data(), text.data() + text.size(), number, 16);
        return !text.empty() && parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
    };
    bool fits = cursor.size() > 4 && cursor.starts_with("m1") && read(cursor.substr(2, 2), key.bucket) &&
                read(cursor.substr(4), key.id);
    if (!fits) throw BadInput("invalid_parameter", "\"cursor\" must be the nextCursor of the page before.");
    return key;
}

// `limit` alone; the cursor is of another kind here.
int ReadLimit(http::Request request) {
    std::erase_if(request.query, [](const auto& pair) { return pair.first == "cursor"; });
    return ReadPageOrder(request).limit;
}

}  // namespace

asio::awaitable<void> AdminRoutes::Audit(const http::Request& request, std::string action,
                                         std::string outcome, std::string detail) {
    store::AuditLine line;
    line.action = std::move(action);
    if (!request.captures.empty()) line.subject = request.captures.front();
    line.outcome = std::move(outcome);
    line.detail = std::move(detail);
    line.request_id = request.request_id;
    line.remote_address = request.remote_address;
    log::Info("admin_act", {{"action", line.action},
                            {"subject", line.subject},
                            {"outcome", line.outcome},
                            {"request_id", line.request_id}});
    co_await store::WriteAudit(pool_, std::move(line), clock_.Now());
}

asio::awaitable<http::Reply> AdminRoutes::ListMerchants(http::Request request) {
    auto after = ReadCursor(request);
    auto limit = ReadLimit(request);
    std::vector<store::AdminMerchant> merchants =
        co_await store::ListMerchantsForAdminAcrossMerchants(pool_, after, limit + 1);
    bool has_more = merchants.size() > static_cast<std::size_t>(limit);
    if (has_more) merchants.resize(static_cast<std::size_t>(limit));
    json::array data;
    for (const auto& merchant : merchants) data.push_back(ToJson(merchant));
    co_await Audit(request, "merchants.list", "done", fmt::format("{} shown", merchants.size()));
    json::object body{{"hasMore", has_more}, {"nextCursor", nullptr}};
    if (has_more) body["nextCursor"] = CursorFor(merchants.back().key);
    body["data"] = std::move(data);
    co_return Answer(body);
}

asio::awaitable<http::Reply> AdminRoutes::EraseMerchant(http::Request request) {
    auto id = ReadId(request.captures.at(0));
    std::optional<store::AdminMerchant> merchant;
    if (id) merchant = co_await store::FindMerchantAcrossMerchants(pool_, *id);
    if (!merchant) co_return NotFound();
    co_await Audit(request, "merchants.erase", "begun", "");
    std::optional<std::string> refusal;
    if (revoke_) refusal = co_await revoke_(merchant->key);
    if (refusal) {
        co_await Audit(request, "merchants.erase", "refused", *refusal);
        co_return http::Problem(502, "stripe_revoke_failed",
                                "Access could not be revoked at Stripe, so nothing was erased: " + *refusal);
    }
    std::int64_t rows = co_await store::EraseMerchant(pool_, merchant->key);
    co_await Audit(request, "merchants.erase", "done", fmt::format("{} rows", rows));
    json::object body{{"id", std::to_string(*id)}, {"erased", true}, {"rows", rows}};
    co_return Answer(body);
}

}  // namespace citadel::api

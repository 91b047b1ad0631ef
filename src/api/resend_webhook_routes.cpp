#include "api/resend_webhook_routes.h"

#include <boost/json.hpp>

#include <charconv>

#include "base/log.h"
#include "crypto/svix.h"

namespace citadel::api {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr std::size_t kIdBytesMax = 255;
constexpr std::size_t kDetailBytesMax = 500;

const json::value* Member(const json::value* value, std::string_view name) {
    auto object = value ? value->if_object() : nullptr;
    return object ? object->if_contains(name) : nullptr;
}

// Without NUL, which PostgreSQL's text cannot hold; cut to `bytes_max`.
std::string Text(const json::value* value, std::size_t bytes_max = kIdBytesMax) {
    if (!value || !value->is_string()) return {};
    std::string text(std::string_view(value->as_string()).substr(0, bytes_max));
    std::erase(text, '\0');
    return text;
}

std::string Tag(const json::value* tags, std::string_view name) {
    if (!tags) return {};
    if (tags->is_object()) return Text(Member(tags, name));
    if (!tags->is_array()) return {};
    for (const auto& each : tags->as_array()) {
        if (Text(Member(&each, "name")) == name) return Text(Member(&each, "value"));
    }
    return {};
}

std::int64_t Number(const std::string& text) {
    std::int64_t number = 0;
    auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    bool whole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
    return whole ? number : 0;
}

// What people read in the timeline: "General, The recipient's mail server said no".
std::string DetailOf(const json::value* data) {
    std::string detail;
    for (auto [part, name] : {std::pair{"bounce", "subType"},
                              {"bounce", "message"},
                              {"failed", "reason"},
                              {"suppressed", "message"}}) {
        auto text = Text(Member(Member(data, part), name), kDetailBytesMax);
        if (text.empty()) continue;
        if (!detail.empty()) detail += ", ";
        detail += text;
    }
    // A cut may have fallen into the middle of a character.
    while (!detail.empty() && (static_cast<unsigned char>(detail.back()) & 0x80)) detail.pop_back();
    return detail;
}

http::Reply Received(std::string_view action, std::string_view reason) {
    json::object result{{"action", action}, {"reason", reason}};
    return http::Json(200, json::serialize(json::object{{"received", true}, {"result", std::move(result)}}));
}

}  // namespace

ReadWord ReadMailWord(std::string_view body) {
    ReadWord read;
    boost::system::error_code error;
    auto event = json::parse(body, error);
    auto type = Text(Member(&event, "type"));
    if (error || type.empty()) {
        read.why_not = "the body is no JSON object with a type";
        return read;
    }
    read.readable = true;
    auto data = Member(&event, "data");
    auto tags = Member(data, "tags");
    auto& word = read.word;
    word.merchant.id = Number(Tag(tags, "merchant"));
    word.merchant.bucket = BucketOf(word.merchant.id);
    word.email_id = Number(Tag(tags, "mail"));
    word.provider_id = Text(Member(data, "email_id"));
    word.said_at = ParseTime(Text(Member(&event, "created_at"))).value_or(Time{});
    if (!type.starts_with("email.") || word.provider_id.empty()) {
        read.why_not = "not about a mail";
        return read;
    }
    read.about_mail = true;
    read.named = word.merchant.id > 0 && word.email_id > 0;
    word.type = type.substr(std::string_view("email.").size());
    word.for_good = Text(Member(Member(data, "bounce"), "type")) == "Permanent";
    word.detail = DetailOf(data);
    return read;
}

asio::awaitable<http::Reply> ResendWebhook::Receive(http::Request request) {
    auto headers = crypto::FindSvixHeaders(request.headers);
    auto tolerance = clock_.Stretch(std::chrono::seconds(300));
    auto verdict = crypto::VerifySvix(headers, request.body, secrets_, clock_.Now(), tolerance);
    if (verdict != crypto::SvixVerdict::kValid) {
        log::Warn("webhook_refused", {{"request_id", request.request_id}, {"why", crypto::Explain(verdict)}});
        co_return http::Problem(400, "signature_invalid", crypto::Explain(verdict));
    }
    auto read = ReadMailWord(request.body);
    if (!read.readable) co_return http::Problem(400, "event_invalid", read.why_not);
    if (!read.about_mail) co_return Received("ignored", read.why_not);
    read.word.word_id = headers.id.substr(0, kIdBytesMax);
    if (read.word.type == "failed") {
        log::Error("mail_failed", {{"mail", read.word.email_id}, {"why", read.word.detail}});
    }
    if (!read.named) read.word = co_await store::NameMailAcrossMerchants(pool_, std::move(read.word));
    Time now = clock_.Now();
    auto type = read.word.type;
    store::MailWordVerdict booked = co_await store::BookMailWord(pool_, std::move(read.word), now);
    switch (booked) {
        case store::MailWordVerdict::kBooked: co_return Received("processed", type);
        case store::MailWordVerdict::kDuplicate: co_return Received("duplicate", "told before");
        case store::MailWordVerdict::kUnknownMail: break;
    }
    co_return Received("ignored", "no such mail");
}

}  // namespace citadel::api

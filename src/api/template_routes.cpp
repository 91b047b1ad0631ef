#include "api/template_routes.h"

#include <fmt/format.h>

#include "api/answers.h"
#include "api/body.h"
#include "email/markdown.h"
#include "email/samples.h"
#include "email/values.h"
#include "store/email_templates.h"
#include "store/merchant_profile.h"

namespace citadel::api {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr std::int64_t kAttemptMax = 9;

struct Letter {
    email::MailKind kind{};
    std::string name;
    int attempt = 1;
};

// Nothing: there is no such letter.
std::optional<Letter> ReadLetter(const http::Request& request) {
    auto kind = email::MailKindOf(request.captures.at(0));
    auto attempt = ReadId(request.captures.at(1));
    if (!kind || !attempt || *attempt < 1 || *attempt > kAttemptMax) return std::nullopt;
    return Letter{*kind, request.captures.at(0), static_cast<int>(*attempt)};
}

// The merchant's own text, else the built-in one.
email::OwnText TextInUse(const Letter& letter, const std::optional<store::OwnTemplate>& own,
                         const store::MerchantProfile& merchant) {
    if (own) return {own->subject, own->body};
    return email::BuiltInText(letter.kind, letter.attempt, merchant.locale);
}

// What the request leaves out is as `in_use`; without that it must leave out nothing. Throws BadInput for
// what may not be stored.
email::OwnText ReadOwnText(const http::Request& request,
                           std::optional<email::OwnText> in_use = std::nullopt) {
    Body body(request, {"subject", "body"});
    std::optional<std::string> subject;
    if (in_use) subject = body.Text("subject", email::kOwnSubjectBytesMax);
    else subject = body.NeedText("subject", email::kOwnSubjectBytesMax);
    auto markdown = body.Text("body", email::kOwnBodyBytesMax, true);
    if (!markdown && !in_use) RefuseMember("body", "the letter's text in Markdown");
    email::OwnText text;
    text.subject = subject ? std::move(*subject) : std::move(in_use->subject);
    text.body = markdown ? std::move(*markdown) : std::move(in_use->body);
    if (auto fault = email::CheckOwnText(text)) throw BadInput(fault->code, fault->detail);
    return text;
}

json::object ToJson(const Letter& letter, const email::OwnText& text, std::optional<Time> updated_at) {
    return {{"kind", letter.name}, {"attempt", letter.attempt},        {"subject", text.subject},
            {"body", text.body},   {"custom", updated_at.has_value()}, {"updatedAt", OrNull(updated_at)}};
}

std::string SenderName(const store::MerchantProfile& merchant) {
    return merchant.from_name.empty() ? merchant.name : merchant.from_name;
}

// With example values, under the merchant's own letterhead.
email::Mail RenderSample(const Letter& letter, const store::MerchantProfile& merchant, email::OwnText text) {
    auto context = email::SampleContext(letter.kind, letter.attempt, merchant.locale);
    if (!SenderName(merchant).empty()) context.merchant_name = SenderName(merchant);
    context.brand_color = merchant.brand_color;
    context.logo_url = merchant.logo_url;
    context.support_email = merchant.support_email;
    context.timezone = merchant.timezone;
    context.own = std::move(text);
    return email::Render(context);
}

http::Reply Refuse(const email::Sent& sent) {
    if (sent.result == email::Sent::Result::kTryLater) {
        http::Reply reply =
            http::Problem(503, "mail_unavailable", "The mail could not be handed over; try again.");
        reply.headers.emplace_back("Retry-After", "5");
        return reply;
    }
    return http::Problem(409, "mail_refused", "The mail was not sent: " + sent.error);
}

}  // namespace

asio::awaitable<http::Reply> TemplateRoutes::Read(Caller caller, http::Request request) {
    auto letter = ReadLetter(request);
    if (!letter) co_return NotFound();
    std::optional<store::OwnTemplate> own =
        co_await store::ReadTemplate(pool_, caller.merchant, letter->name, letter->attempt);
    std::optional<store::MerchantProfile> merchant = co_await store::ReadProfile(pool_, caller.merchant);
    if (!merchant) co_return NotFound();
    std::optional<Time> updated_at;
    if (own) updated_at = own->updated_at;
    co_return Answer(ToJson(*letter, TextInUse(*letter, own, *merchant), updated_at));
}

asio::awaitable<http::Reply> TemplateRoutes::Write(Caller caller, http::Request request) {
    auto letter = ReadLetter(request);
    if (!letter) co_return NotFound();
    auto text = ReadOwnText(request);
    auto now = clock_.Now();
    store::OwnTemplate own{text.subject, text.body, now};
    co_await store::WriteTemplate(pool_, caller.merchant, letter->name, letter->attempt, std::move(own));
    co_return Answer(ToJson(*letter, text, now));
}

asio::awaitable<http::Reply> TemplateRoutes::Reset(Caller caller, http::Request request) {
    auto letter = ReadLetter(request);
    if (!letter) co_return NotFound();
    co_await store::DeleteTemplate(pool_, caller.merchant, letter->name, letter->attempt);
    http::Reply reply = co_await Read(std::move(caller), std::move(request));
    co_return reply;
}

asio::awaitable<http::Reply> TemplateRoutes::Preview(Caller caller, http::Request request) {
    auto letter = ReadLetter(request);
    if (!letter) co_return NotFound();
    std::optional<store::OwnTemplate> own =
        co_await store::ReadTemplate(pool_, caller.merchant, letter->name, letter->attempt);
    std::optional<store::MerchantProfile> merchant = co_await store::ReadProfile(pool_, caller.merchant);
    if (!merchant) co_return NotFound();
    auto text = ReadOwnText(request, TextInUse(*letter, own, *merchant));
    email::Mail mail = RenderSample(*letter, *merchant, std::move(text));
    json::object body{{"subject", mail.subject}, {"html", mail.html}, {"text", mail.text}};
    co_return Answer(body);
}

asio::awaitable<http::Reply> TemplateRoutes::Test(Caller caller, http::Request request) {
    auto letter = ReadLetter(request);
    if (!letter) co_return NotFound();
    auto text = ReadOwnText(request);
    std::optional<store::MerchantProfile> merchant = co_await store::ReadProfile(pool_, caller.merchant);
    if (!merchant) co_return NotFound();
    if (merchant->email.empty())
        co_return http::Problem(409, "no_address",
                                "There is no address of yours that a test could be sent to.");
    email::Envelope envelope;
    envelope.mail = RenderSample(*letter, *merchant, std::move(text));
    envelope.from = fmt::format("{} <{}>", email::DisplayName(SenderName(*merchant)), email_from_);
    envelope.to = merchant->email;
    envelope.entity_ref_id = fmt::format("cit-test-{}-{}", caller.merchant.id, request.request_id);
    envelope.idempotency_key = envelope.entity_ref_id;
    email::Sent sent = co_await sender_.Send(std::move(envelope));
    if (sent.result != email::Sent::Result::kSent) co_return Refuse(sent);
    co_return Answer(json::object{{"to", merchant->email}});
}

}  // namespace citadel::api

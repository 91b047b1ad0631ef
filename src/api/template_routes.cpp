#include "api/template_routes.h"

#include "api/answers.h"
#include "api/body.h"
#include "email/languages.h"
#include "email/samples.h"
#include "store/email_templates.h"

namespace citadel::api {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr std::int64_t kAttemptsMax = 20;

struct Letter {
    email::MailKind kind;
    store::TemplateName name;
};

// Nothing: there is no such letter.
std::optional<Letter> LetterOf(const http::Request& request) {
    auto kind = email::MailKindOf(request.captures.at(0));
    auto attempt = ReadId(request.captures.at(1));
    if (!kind || !attempt || *attempt < 1 || *attempt > kAttemptsMax) return std::nullopt;
    return Letter{*kind, {request.captures.at(0), static_cast<int>(*attempt)}};
}

std::optional<email::OwnText> ReadText(const http::Request& request, bool needed) {
    Body body(request, {"subject", "body"});
    if (!needed && !body.Has("subject") && !body.Has("body")) return std::nullopt;
    email::OwnText text;
    text.subject = body.NeedText("subject", email::kOwnSubjectBytesMax);
    text.body = body.Text("body", email::kOwnBodyBytesMax, true).value_or("");
    if (text.body.empty()) RefuseMember("body", "there, and not empty");
    auto fault = email::CheckOwnText(text);
    if (fault) throw BadInput(fault->code, fault->detail);
    return text;
}

json::object ToJson(const Letter& letter, const std::optional<store::TemplateText>& own, const std::string& locale) {
    json::object answer{{"kind", letter.name.kind}, {"attempt", letter.name.attempt}};
    auto built_in = email::BuiltInText(letter.kind, letter.name.attempt, locale);
    answer["subject"] = own ? own->subject : built_in.subject;
    answer["body"] = own ? own->body : built_in.body;
    answer["custom"] = own.has_value();
    answer["updatedAt"] = nullptr;
    if (own) answer["updatedAt"] = FormatTime(own->updated_at);
    return answer;
}

}  // namespace

asio::awaitable<http::Reply> TemplateRoutes::Show(Caller caller, http::Request request) {
    auto letter = LetterOf(request);
    std::optional<store::MerchantProfile> merchant = co_await store::ReadProfile(pool_, caller.merchant);
    if (!letter || !merchant) co_return NotFound();
    std::optional<store::TemplateText> own = co_await store::ReadTemplate(pool_, caller.merchant, letter->name);
    co_return Answer(ToJson(*letter, own, merchant->locale));
}

asio::awaitable<http::Reply> TemplateRoutes::Write(Caller caller, http::Request request) {
    auto letter = LetterOf(request);
    if (!letter) co_return NotFound();
    auto text = ReadText(request, true);
    store::TemplateText own;
    own.subject = text->subject;
    own.body = text->body;
    own.updated_at = clock_.Now();
    co_await store::WriteTemplate(pool_, caller.merchant, letter->name, own);
    co_return Answer(ToJson(*letter, own, "en"));
}

asio::awaitable<http::Reply> TemplateRoutes::Delete(Caller caller, http::Request request) {
    auto letter = LetterOf(request);
    if (!letter) co_return NotFound();
    co_await store::DeleteTemplate(pool_, caller.merchant, letter->name);
    http::Reply reply = co_await Show(std::move(caller), std::move(request));
    co_return reply;
}

asio::awaitable<http::Reply> TemplateRoutes::Preview(Caller caller, http::Request request) {
    auto letter = LetterOf(request);
    std::optional<store::MerchantProfile> merchant = co_await store::ReadProfile(pool_, caller.merchant);
    if (!letter || !merchant) co_return NotFound();
    auto context = email::SampleContext(letter->kind, letter->name.attempt, email::PickLocale("", merchant->locale));
    context.own = ReadText(request, false);
    if (!context.own) {
        std::optional<store::TemplateText> own = co_await store::ReadTemplate(pool_, caller.merchant, letter->name);
        if (own) context.own = email::OwnText{own->subject, own->body};
    }
    context.merchant_name = merchant->from_name.empty() ? merchant->name : merchant->from_name;
    if (context.merchant_name.empty()) context.merchant_name = "Acme";
    context.timezone = merchant->timezone;
    context.brand_color = merchant->brand_color;
    context.logo_url = merchant->logo_url;
    context.support_email = merchant->support_email;
    std::string wrong;
    email::Mail mail;
    try {
        mail = email::Render(context);
    } catch (const email::BadMail& bad) {
        wrong = bad.what();
    }
    if (!wrong.empty()) co_return http::Problem(400, "template_invalid", wrong);
    json::object answer{{"subject", mail.subject}, {"html", mail.html}, {"text", mail.text}};
    co_return Answer(answer);
}

}  // namespace citadel::api

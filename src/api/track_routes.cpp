#include "api/track_routes.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/log.h"
#include "email/values.h"
#include "stripe/portal.h"

namespace citadel::api {

namespace asio = boost::asio;

namespace {

// One transparent dot, the smallest GIF there is.
constexpr unsigned char kDot[] = {0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x01, 0x00, 0x01, 0x00, 0x80,
                                  0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0x21, 0xf9, 0x04,
                                  0x01, 0x00, 0x00, 0x00, 0x00, 0x2c, 0x00, 0x00, 0x00, 0x00, 0x01,
                                  0x00, 0x01, 0x00, 0x00, 0x02, 0x02, 0x44, 0x01, 0x00, 0x3b};

http::Reply Dot() {
    http::Reply reply;
    reply.content_type = "image/gif";
    reply.body.assign(reinterpret_cast<const char*>(kDot), sizeof kDot);
    reply.headers.emplace_back("Cache-Control", "no-store");
    return reply;
}

http::Reply Page(int status, std::string_view page, const std::string& locale,
                 const std::string& merchant_name) {
    http::Reply reply;
    reply.status = status;
    reply.content_type = "text/html; charset=utf-8";
    reply.body = email::RenderPage(page, locale, merchant_name);
    reply.headers.emplace_back("Cache-Control", "no-store");
    if (status == 503) reply.headers.emplace_back("Retry-After", "30");
    return reply;
}

http::Reply Redirect(std::string url) {
    http::Reply reply;
    reply.status = 302;
    reply.content_type = "text/plain; charset=utf-8";
    reply.headers.emplace_back("Location", std::move(url));
    reply.headers.emplace_back("Cache-Control", "no-store");
    reply.headers.emplace_back("Referrer-Policy", "no-referrer");
    return reply;
}

// People see a page in a browser; programs are told as everywhere else.
http::Reply Forged(const http::Request& request) {
    if (request.header("Accept").find("text/html") != std::string_view::npos)
        return Page(403, "forged", std::string(request.header("Accept-Language").substr(0, 2)), "");
    return http::Problem(403, "token_invalid", "This link was not made here, or it is not complete.");
}

store::LetterKey KeyOf(const email::LetterRef& ref) {
    return {ref.merchant, ref.recovery_id, std::string(email::NameOf(ref.kind)), ref.attempt};
}

}  // namespace

asio::awaitable<http::Reply> Tracking::Open(http::Request request) {
    auto ref = links_.ReadOpen(request.captures.at(0));
    // HEAD is somebody looking whether the picture is there, not somebody opening the mail.
    if (!ref || request.method != "GET") co_return Dot();
    try {
        co_await store::RecordOpen(pool_, KeyOf(*ref), clock_.Now());
    } catch (const Trouble& trouble) {
        // The reader gets the picture all the same; an opening that is not counted harms nobody.
        log::Warn("open_not_counted", {{"error", trouble.what()}});
    }
    co_return Dot();
}

asio::awaitable<http::Reply> Tracking::Click(http::Request request) {
    auto ref = links_.ReadClick(request.captures.at(0));
    if (!ref) co_return Forged(request);
    if (request.method != "GET") co_return http::Json(200, "");
    Time now = clock_.Now();
    auto letter = co_await store::RecordClick(pool_, KeyOf(*ref), now);
    // The merchant, and all that was its, has been erased.
    if (!letter) co_return Page(410, "ended", "en", "");
    http::Reply reply = co_await Lead(*letter, *ref, now);
    co_return reply;
}

// A page where a card can be entered; nullopt: Stripe made none.
asio::awaitable<std::optional<std::string>> Tracking::MakePortal(stripe::Client client,
                                                                 store::ClickedLetter letter,
                                                                 email::LetterRef ref, Time now) {
    std::optional<std::string> url;
    if (letter.customer_id.empty()) co_return url;
    // The click's own time, as it was committed: another click, another session.
    auto key =
        fmt::format("cit_portal_{}{}_{}_{}", ref.kind == email::MailKind::kCardExpiring ? "notice_" : "",
                    ref.merchant.id, ref.recovery_id, now.time_since_epoch().count());
    auto session =
        co_await stripe::CreatePortalSession(client, letter.customer_id, letter.locale.substr(0, 2), key);
    if (auto made = std::get_if<std::string>(&session)) {
        url = *made;
        co_return url;
    }
    const auto& failure = std::get<stripe::Failure>(session);
    log::Warn("portal_not_made", {{"recovery", ref.recovery_id}, {"error", failure.message}});
    co_return url;
}

asio::awaitable<http::Reply> Tracking::Lead(store::ClickedLetter letter, email::LetterRef ref, Time now) {
    auto page = [&letter](int status, std::string_view name) {
        return Page(status, name, letter.locale, letter.merchant_name);
    };
    if (!letter.connected) co_return page(200, letter.status == "recovered" ? "paid" : "ended");
    stripe::Client client = stripe_.For(letter.account);
    if (ref.kind == email::MailKind::kCardExpiring) {
        auto portal = co_await MakePortal(client, letter, ref, now);
        if (portal && email::IsSafeLink(*portal)) co_return Redirect(*portal);
        co_return page(503, "later");
    }
    auto read = co_await client.RetrieveInvoice(letter.invoice_id);
    if (auto failure = std::get_if<stripe::Failure>(&read)) {
        log::Warn("click_unread", {{"recovery", ref.recovery_id}, {"error", failure->message}});
        if (failure->kind == stripe::FailureKind::kNotFound) co_return page(200, "ended");
        if (letter.status == "recovered") co_return page(200, "paid");
        // Stripe's page of yesterday is better than none while Stripe's API is away.
        if (email::IsSafeLink(letter.hosted_invoice_url)) co_return Redirect(letter.hosted_invoice_url);
        co_return page(503, "later");
    }
    const auto& invoice = std::get<stripe::LiveInvoice>(read).invoice;
    if (invoice.status == "paid") co_return page(200, "paid");
    if (invoice.status != "open") co_return page(200, "ended");
    if (email::IsSafeLink(invoice.hosted_invoice_url)) co_return Redirect(invoice.hosted_invoice_url);
    auto portal = co_await MakePortal(client, letter, ref, now);
    if (portal && email::IsSafeLink(*portal)) co_return Redirect(*portal);
    co_return page(503, "later");
}

}  // namespace citadel::api

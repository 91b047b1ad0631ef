#include "api/digest_routes.h"

#include <fmt/format.h>

#include "base/log.h"
#include "base/types.h"
#include "crypto/signed_id.h"
#include "store/digests.h"

namespace citadel::api {

namespace asio = boost::asio;

namespace {

// Nothing of the request stands in these pages.
http::Reply Page(int status, std::string_view title, std::string_view body) {
    http::Reply reply;
    reply.status = status;
    reply.content_type = "text/html; charset=utf-8";
    reply.headers.emplace_back("Cache-Control", "no-store");
    reply.headers.emplace_back("Referrer-Policy", "no-referrer");
    // The server's own, but for the button.
    reply.headers.emplace_back(
        "Content-Security-Policy",
        "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
    reply.body = fmt::format(R"html(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{0}</title>
</head>
<body>
<main>
<h1>{0}</h1>
{1}
</main>
</body>
</html>
)html",
                             title, body);
    return reply;
}

http::Reply Forged() {
    return Page(
        403, "This link is not valid",
        "<p>Please open the link from your e-mail again, and take care that it is complete. The digest "
        "can also be switched off in the settings.</p>");
}

}  // namespace

std::optional<std::int64_t> DigestStop::MerchantIn(const http::Request& request) const {
    for (const auto& secret : link_secrets_) {
        if (auto id = crypto::ReadSignedId(secret, crypto::kDigestStop, request.captures.at(0))) return id;
    }
    return std::nullopt;
}

asio::awaitable<http::Reply> DigestStop::Ask(http::Request request) {
    if (!MerchantIn(request)) co_return Forged();
    co_return Page(200, "Stop the weekly digest?",
                   "<form method=\"post\"><button type=\"submit\">Send no more of these</button></form>");
}

asio::awaitable<http::Reply> DigestStop::Stop(http::Request request) {
    auto id = MerchantIn(request);
    if (!id) co_return Forged();
    MerchantKey merchant{BucketOf(*id), *id};
    bool known = co_await store::StopDigests(pool_, merchant);
    log::Info("digest_stopped", {{"merchant", merchant.id}, {"known", known}});
    co_return Page(200, "No more weekly digests", "<p>They can be switched on again in the settings.</p>");
}

}  // namespace citadel::api

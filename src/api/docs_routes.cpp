#include "api/docs_routes.h"

#include <boost/json/parse.hpp>

#include "api/docs_page.h"
#include "crypto/base64.h"
#include "crypto/digest.h"

namespace citadel::api {

namespace asio = boost::asio;

DocsRoutes::DocsRoutes()
    : page_(MakeDocsPage(boost::json::parse(kOpenApiDocument))),
      policy_("default-src 'none'; style-src 'sha256-" +
              crypto::Base64(*crypto::DecodeHex(crypto::Sha256Hex(kDocsStyle))) +
              "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'") {}

asio::awaitable<http::Reply> DocsRoutes::OpenApi(http::Request) {
    co_return http::Json(200, kOpenApiDocument);
}

asio::awaitable<http::Reply> DocsRoutes::Page(http::Request) {
    http::Reply reply;
    reply.content_type = "text/html; charset=utf-8";
    reply.body = page_;
    reply.headers.emplace_back("Content-Security-Policy", policy_);
    co_return reply;
}

}  // namespace citadel::api

// The API about itself: docs/openapi.json as it stands, and a page made from it that loads nothing from
// anywhere.
#pragma once
#include <string>

#include "http/message.h"

namespace citadel::api {

extern const char* const kOpenApiDocument;  // docs/openapi.json, embedded by cmake/EmbedApiDocument.cmake

class DocsRoutes {
  public:
    DocsRoutes();

    boost::asio::awaitable<http::Reply> OpenApi(http::Request request);  // GET /openapi.json
    boost::asio::awaitable<http::Reply> Page(http::Request request);     // GET /docs

  private:
    std::string page_;
    std::string policy_;  // the page's own style by its hash, and nothing else
};

}  // namespace citadel::api

// The dashboard: one page, which finds its own way (/, /recoveries, …), and the files it is made of. Files
// have a hash of their content in their name and may be kept for ever; the page is asked for each time and
// answered 304 when it is still the same.
#pragma once
#include <map>
#include <string>

#include "api/web_assets.h"
#include "http/message.h"

namespace citadel::api {

class WebPages {
  public:
    struct Options {
        std::string clerk_publishable_key;  // pk_…; empty: Clerk's components are not used
        bool local_issuer = false;          // the demo's own sign-in (api/local_sign_in_routes)
    };
    // Throws Trouble (kConfiguration) when the key is none of Clerk's.
    explicit WebPages(const Options& options);

    // For every address that no other route takes: a file, or the page for whoever asks for one; otherwise
    // 404.
    boost::asio::awaitable<http::Reply> Serve(http::Request request);

  private:
    struct Page {
        std::string html;
        std::string etag;
    };
    Page MakePage(const Options& options, std::string_view session) const;
    http::Reply PageFor(const http::Request& request) const;

    std::map<std::string_view, const WebAsset*> files_;
    std::string policy_;  // Content-Security-Policy of the page
    Page with_session_;
    Page without_session_;
};

}  // namespace citadel::api

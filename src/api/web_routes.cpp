#include "api/web_routes.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "crypto/base64.h"

namespace citadel::api {

namespace asio = boost::asio;

namespace {

constexpr std::string_view kIndex = "/index.html";

// Nothing but our own files, no inline script. Styles that a letter's preview carries in its attributes may
// be applied; logos come from the merchants' own https addresses.
constexpr std::string_view kOwnFilesOnly =
    "default-src 'none'; script-src 'self'{0}; style-src-elem 'self'{1}; style-src-attr 'unsafe-inline'; "
    "img-src 'self' data: https:; font-src 'self'; connect-src 'self'{0}; frame-src 'self'{2}; "
    "worker-src 'self'{3}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

// A publishable key names the host of Clerk's script: pk_live_ and the base64 of "clerk.example.com$".
std::string ClerkHost(const std::string& key) {
    auto second = key.find('_', 3);
    if (!key.starts_with("pk_") || second == std::string::npos) return "";
    auto host = crypto::DecodeBase64(key.substr(second + 1));
    if (!host || !host->ends_with('$')) return "";
    host->pop_back();
    bool plain = !host->empty() && std::ranges::all_of(*host, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '.' || c == '-';
    });
    return plain ? *host : "";
}

std::string PolicyFor(const std::string& key) {
    if (key.empty()) return fmt::format(fmt::runtime(kOwnFilesOnly), "", "", "", "");
    auto host = ClerkHost(key);
    if (host.empty()) {
        throw Trouble(TroubleKind::kConfiguration,
                      "CLERK_PUBLISHABLE_KEY must be a publishable key of Clerk, pk_live_… or pk_test_…");
    }
    // What Clerk's documentation asks a policy to allow for its components.
    auto scripts = fmt::format(" https://{} https://challenges.cloudflare.com", host);
    return fmt::format(fmt::runtime(kOwnFilesOnly), scripts, " 'unsafe-inline'",
                       " https://challenges.cloudflare.com", " blob:");
}

void Fill(std::string& html, std::string_view name, std::string_view content) {
    auto empty = fmt::format(R"(<meta name="citadel:{}" content="" />)", name);
    auto at = html.find(empty);
    CITADEL_CHECK(at != std::string::npos, "web/index.html has no place for what the engine fills in");
    html.replace(at, empty.size(), fmt::format(R"(<meta name="citadel:{}" content="{}" />)", name, content));
}

bool HasSessionCookie(std::string_view cookies) {
    constexpr std::string_view kName = "__session=";
    for (auto at = cookies.find(kName); at != cookies.npos; at = cookies.find(kName, at + 1)) {
        bool whole = at == 0 || cookies[at - 1] == ' ' || cookies[at - 1] == ';';
        auto after = at + kName.size();
        if (whole && after < cookies.size() && cookies[after] != ';') return true;
    }
    return false;
}

// "gzip" as one of the codings, and not refused with a weight of 0.
bool TakesGzip(std::string_view codings) {
    auto at = codings.find("gzip");
    if (at == codings.npos) return false;
    auto weight = codings.substr(at + 4, codings.find(',', at) - at - 4);
    return weight.find("q=0") == weight.npos || weight.find("q=0.") != weight.npos;
}

bool Holds(std::string_view if_none_match, const std::string& etag) {
    return if_none_match == "*" || if_none_match.find(etag) != if_none_match.npos;
}

bool IsBelow(std::string_view path, std::string_view folder) {
    return path == folder || (path.starts_with(folder) && path[folder.size()] == '/');
}

// An address that somebody looks at: no file's and none of the machine's own.
bool IsPagePath(std::string_view path) {
    if (!path.starts_with('/')) return false;
    for (auto folder : {"/api", "/dev", "/assets", "/_sim"}) {
        if (IsBelow(path, folder)) return false;
    }
    return path.substr(path.rfind('/')).find('.') == path.npos;
}

http::Reply FileReply(const http::Request& request, const WebAsset& file) {
    http::Reply reply;
    bool hashed = file.path.starts_with("/assets/");
    bool zipped = !file.gzip.empty() && TakesGzip(request.header("Accept-Encoding"));
    auto etag = fmt::format("\"{}{}\"", file.digest, zipped ? "-gz" : "");
    reply.content_type = file.content_type;
    reply.headers.emplace_back("Cache-Control",
                               hashed ? "public, max-age=31536000, immutable" : "public, max-age=3600");
    reply.headers.emplace_back("ETag", etag);
    if (!file.gzip.empty()) reply.headers.emplace_back("Vary", "Accept-Encoding");
    if (Holds(request.header("If-None-Match"), etag)) {
        reply.status = 304;
        return reply;
    }
    if (zipped) reply.headers.emplace_back("Content-Encoding", "gzip");
    reply.body = zipped ? file.gzip : file.plain;
    return reply;
}

}  // namespace

WebPages::WebPages(const Options& options) : policy_(PolicyFor(options.clerk_publishable_key)) {
    for (const auto& file : WebAssets()) files_.emplace(file.path, &file);
    CITADEL_CHECK(files_.contains(kIndex), "the dashboard was built without its page");
    with_session_ = MakePage(options, "present");
    without_session_ = MakePage(options, "none");
}

WebPages::Page WebPages::MakePage(const Options& options, std::string_view session) const {
    const WebAsset& index = *files_.at(kIndex);
    Page page;
    page.html = index.plain;
    std::string_view way = options.local_issuer ? "local" : "none";
    if (!options.clerk_publishable_key.empty()) way = "clerk";
    Fill(page.html, "sign-in", way);
    Fill(page.html, "clerk-key", options.clerk_publishable_key);
    Fill(page.html, "session", session);
    page.etag = fmt::format("\"{}-{:x}\"", index.digest, std::hash<std::string>()(page.html));
    return page;
}

http::Reply WebPages::PageFor(const http::Request& request) const {
    const Page& page = HasSessionCookie(request.header("Cookie")) ? with_session_ : without_session_;
    http::Reply reply;
    reply.content_type = "text/html; charset=utf-8";
    reply.headers.emplace_back("Cache-Control", "no-cache");
    reply.headers.emplace_back("ETag", page.etag);
    reply.headers.emplace_back("Vary", "Cookie");
    reply.headers.emplace_back("Content-Security-Policy", policy_);
    if (Holds(request.header("If-None-Match"), page.etag)) reply.status = 304;
    else reply.body = page.html;
    return reply;
}

asio::awaitable<http::Reply> WebPages::Serve(http::Request request) {
    bool reads = request.method == "GET" || request.method == "HEAD";
    if (reads) {
        auto file = files_.find(request.path);
        if (file != files_.end() && file->first != kIndex) co_return FileReply(request, *file->second);
        if (IsPagePath(request.path)) co_return PageFor(request);
    }
    co_return http::Problem(404, "not_found", "There is nothing at this address; see /openapi.json.");
}

}  // namespace citadel::api

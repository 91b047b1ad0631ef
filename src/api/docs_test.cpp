// The document is the truth: every route is in it, under the method and for the caller that it says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

#include "api/docs_page.h"
#include "api/docs_routes.h"
#include "api/edge.h"
#include "api/routes.h"
#include "support/run.h"

namespace citadel::api {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

postgres::ConnectionOptions NobodyListens() {
    postgres::ConnectionOptions options;
    options.url = "postgresql://citadel@127.0.0.1:1/citadel";
    return options;
}

// Says who is calling by the bearer token "user:NAME".
class TrustingAuthenticator final : public auth::Authenticator {
  public:
    asio::awaitable<std::variant<auth::Session, auth::Refusal>> Authenticate(http::Request request) override {
        std::string_view bearer = request.header("Authorization");
        std::variant<auth::Session, auth::Refusal> verdict = auth::Refusal::kMissing;
        if (bearer == "Bearer expired") verdict = auth::Refusal::kExpired;
        else if (bearer.starts_with("Bearer user:"))
            verdict = auth::Session{std::string(bearer.substr(7)), "sess_1"};
        else if (!bearer.empty()) verdict = auth::Refusal::kInvalid;
        co_return verdict;
    }
};

// The API's routes in their ring, without a database: whatever gets past the doors is answered 503.
class Api {
  public:
    explicit Api(Access::Keys keys = {.worker = Secret("w-secret"), .admin = Secret("a-secret")},
                 Edge::Options edge = {}, RateLimit caller = {})
        : access_(&authenticator_, pool_, clock_, std::move(keys), caller), merchants_(pool_, clock_),
          dashboard_(pool_, clock_), recoveries_(pool_, clock_, {}), tasks_(pool_, clock_, {}),
          templates_(pool_, clock_, sender_, "letters@citadel.example"), workers_(pool_, clock_),
          admin_(pool_, clock_, {}), metrics_(pool_, clock_), edge_(router_, metrics_, std::move(edge)) {
        AddMerchantApi(router_,
                       {access_, merchants_, dashboard_, recoveries_, tasks_, templates_, workers_, admin_});
        AddDocs(router_, docs_);
        AddMetrics(router_, metrics_);
    }

    // Trouble is what the server answers 503 for.
    http::Reply Call(http::Request request) {
        try {
            return testing::Await(io_, edge_.Serve(std::move(request)));
        } catch (const std::exception&) {
            return http::Problem(503, "database_unavailable", "");
        }
    }
    http::Reply Call(const std::string& method, const std::string& path,
                     std::vector<http::Header> headers = {}, std::string body = "") {
        http::Request request;
        request.method = method;
        request.target = request.path = path;
        request.headers = std::move(headers);
        request.body = std::move(body);
        request.remote_address = "192.0.2.1";
        return Call(std::move(request));
    }
    const http::Router& router() const { return router_; }

  private:
    asio::io_context io_{1};
    ManualClock clock_{*ParseTime("2026-01-01T00:00:00Z")};
    postgres::Pool pool_{io_, NobodyListens(), 1};
    TrustingAuthenticator authenticator_;
    Access access_;
    MerchantRoutes merchants_;
    DashboardRoutes dashboard_;
    RecoveryRoutes recoveries_;
    TaskRoutes tasks_;
    email::ConsoleSender sender_;
    TemplateRoutes templates_;
    WorkerRoutes workers_;
    AdminRoutes admin_;
    DocsRoutes docs_;
    Metrics metrics_;
    http::Router router_;
    Edge edge_;
};

std::string CodeOf(const http::Reply& reply) {
    auto body = json::parse(reply.body).as_object();
    return body.contains("code") ? std::string(body.at("code").as_string()) : "";
}

std::string_view HeaderOf(const http::Reply& reply, std::string_view name) {
    return http::FindHeader(reply.headers, name);
}

const std::vector<http::Header> kMerchant = {{"Authorization", "Bearer user:a"}};
const std::vector<http::Header> kWorker = {{"X-Worker-Secret", "w-secret"}};
const std::vector<http::Header> kAdmin = {{"X-Admin-Key", "a-secret"}};

// Which callers the document lets in.
std::string WhoMay(const json::object& operation) {
    std::string who;
    for (const auto& requirement : operation.at("security").as_array()) {
        for (const auto& [name, scopes] : requirement.as_object()) {
            if (name == "clerkBearer") who = "merchant";
            if (name == "workerSecret") who = "worker";
            if (name == "adminKey") who = "admin";
        }
    }
    return who;
}

TEST(ApiDocument, HasEveryRouteAndTheDoorsAreAsItSays) {
    Api api;
    auto document = json::parse(kOpenApiDocument);
    const auto& paths = document.at("paths").as_object();
    int locked = 0;
    for (const auto& route : api.router().Routes()) {
        auto method = route.substr(0, route.find(' ')), path = route.substr(route.find(' ') + 1);
        ASSERT_TRUE(paths.contains(path)) << route;
        std::string verb = method;
        for (char& c : verb) c = static_cast<char>(std::tolower(c));
        const auto& item = paths.at(path).as_object();
        ASSERT_TRUE(item.contains(verb)) << route;
        auto who = WhoMay(item.at(verb).as_object());
        if (who.empty()) continue;
        ++locked;
        for (const auto& [caller, headers] :
             {std::pair{"merchant", kMerchant}, {"worker", kWorker}, {"admin", kAdmin}}) {
            auto status = api.Call(method, path, headers).status;
            if (caller == who) EXPECT_NE(status, 401) << route << " as " << caller;
            else EXPECT_EQ(status, 401) << route << " as " << caller;
        }
        EXPECT_EQ(api.Call(method, path).status, 401) << route;
    }
    EXPECT_GE(locked, 26);
}

TEST(ApiDocument, IsServedAndReadable) {
    Api api;
    EXPECT_EQ(api.Call("GET", "/openapi.json").body, kOpenApiDocument);
    auto page = api.Call("GET", "/docs");
    EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
    EXPECT_THAT(page.body, ::testing::HasSubstr("GET /api/dashboard"));
    // Nothing is loaded from anywhere, and nothing may be.
    for (const char* loads : {"<script", "<link", "<img", "src=", "@import", "http://", "https://"})
        EXPECT_THAT(page.body, ::testing::Not(::testing::HasSubstr(loads)));
    EXPECT_THAT(std::string(HeaderOf(page, "Content-Security-Policy")),
                ::testing::StartsWith("default-src 'none'; style-src 'sha256-"));
}

TEST(ApiDocsPage, EscapesWhatStandsInTheDocument) {
    auto document = json::parse(R"({"info":{"title":"<script>","description":"a & `b`"},"tags":[{"name":"t"}],
        "paths":{"/x<y":{"get":{"tags":["t"],"summary":"\"q\"","security":[],"responses":{}}}},
        "components":{"schemas":{}}})");
    auto page = MakeDocsPage(document);
    EXPECT_THAT(page, ::testing::Not(::testing::HasSubstr("<script>")));
    EXPECT_THAT(page, ::testing::HasSubstr("a &amp; <code>b</code>"));
    EXPECT_THAT(page, ::testing::HasSubstr("/x&lt;y"));
}

TEST(ApiDoors, AWrongKeyIsRefusedAndAnUnsetOneClosesTheApi) {
    Api api;
    for (const char* wrong : {"", "w", "w-secre", "w-secret2", "a-secret"})
        EXPECT_EQ(api.Call("POST", "/api/worker/claim", {{"X-Worker-Secret", wrong}}).status, 401) << wrong;
    EXPECT_EQ(api.Call("POST", "/api/worker/claim", kWorker).status, 503);
    Api closed({});
    EXPECT_EQ(closed.Call("POST", "/api/worker/claim", {{"X-Worker-Secret", ""}}).status, 403);
    EXPECT_EQ(closed.Call("GET", "/api/admin/merchants", kAdmin).status, 403);
    EXPECT_EQ(CodeOf(closed.Call("GET", "/api/admin/merchants")), "api_disabled");
}

TEST(ApiDoors, ARefusedSessionSaysWhy) {
    Api api;
    auto expired = api.Call("GET", "/api/dashboard", {{"Authorization", "Bearer expired"}});
    EXPECT_EQ(expired.status, 401);
    EXPECT_EQ(CodeOf(expired), "token_expired");
    EXPECT_EQ(HeaderOf(expired, "WWW-Authenticate"), "Bearer");
    EXPECT_EQ(CodeOf(api.Call("GET", "/api/dashboard", {{"Authorization", "Bearer forged"}})),
              "token_invalid");
}

TEST(ApiInput, ABodyIsJudgedBeforeAnythingIsTouched) {
    Api api;
    auto refused = api.Call("POST", "/api/worker/claim", kWorker, R"({"limit": 0})");
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(CodeOf(refused), "invalid_member");
    EXPECT_THAT(refused.body, ::testing::HasSubstr("limit"));
    EXPECT_EQ(CodeOf(api.Call("POST", "/api/worker/claim", kWorker, R"({"limits": 1})")), "unknown_member");
}

TEST(ApiEdge, AnAddressThatAsksTooOften_WaitsAndWebhooksDoNot) {
    Api api({}, {.per_address = {.per_second = 1, .burst = 2}});
    EXPECT_EQ(HeaderOf(api.Call("GET", "/openapi.json"), "RateLimit"), "\"address\";r=1;t=1");
    EXPECT_EQ(api.Call("GET", "/openapi.json").status, 200);
    auto refused = api.Call("GET", "/openapi.json");
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(CodeOf(refused), "rate_limited");
    EXPECT_EQ(HeaderOf(refused, "Retry-After"), "1");
    EXPECT_EQ(HeaderOf(refused, "RateLimit-Policy"), "\"address\";q=2;w=2");
    EXPECT_EQ(api.Call("POST", "/api/webhooks/stripe").status,
              404);  // this router has none, and no limit either
    EXPECT_EQ(api.Call("GET", "/metrics").status, 200);
}

TEST(ApiEdge, AMerchantsShareIsItsOwn) {
    Api api({}, {}, {.per_second = 1, .burst = 1});
    EXPECT_EQ(api.Call("GET", "/api/dashboard", kMerchant).status, 503);
    auto refused = api.Call("GET", "/api/dashboard", kMerchant);
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(HeaderOf(refused, "RateLimit-Policy"), "\"caller\";q=1;w=1");
    EXPECT_EQ(api.Call("GET", "/api/dashboard", {{"Authorization", "Bearer user:b"}}).status, 503);
}

TEST(ApiEdge, OnlyTrustedProxiesSayWhoseAddressItIs) {
    auto ask = [](Api& api, const char* forwarded) {
        return api.Call("GET", "/openapi.json", {{"X-Forwarded-For", forwarded}}).status;
    };
    Api direct({}, {.per_address = {.per_second = 1, .burst = 1}});
    EXPECT_EQ(ask(direct, "198.51.100.1"), 200);
    EXPECT_EQ(ask(direct, "198.51.100.2"), 429);
    Api behind({}, {.per_address = {.per_second = 1, .burst = 1}, .trusted_proxies = 1});
    EXPECT_EQ(ask(behind, "198.51.100.1"), 200);
    EXPECT_EQ(ask(behind, "203.0.113.9, 198.51.100.1"), 429);  // the left one anybody can write
    EXPECT_EQ(ask(behind, "198.51.100.2"), 200);
}

TEST(ApiEdge, CorsIsClosedUnlessConfigured) {
    const std::vector<http::Header> page = {{"Origin", "https://app.example.com"}};
    Api closed;
    EXPECT_EQ(HeaderOf(closed.Call("GET", "/openapi.json", page), "Access-Control-Allow-Origin"), "");
    EXPECT_EQ(closed.Call("OPTIONS", "/openapi.json", page).status, 405);
    Api open({}, {.cors_origins = {"https://app.example.com"}});
    EXPECT_EQ(HeaderOf(open.Call("GET", "/openapi.json", page), "Access-Control-Allow-Origin"),
              "https://app.example.com");
    EXPECT_EQ(open.Call("OPTIONS", "/api/tasks", page).status, 204);
    for (const char* other : {"https://evil.example.com", "https://app.example.com.evil.com", "null"})
        EXPECT_EQ(
            HeaderOf(open.Call("GET", "/openapi.json", {{"Origin", other}}), "Access-Control-Allow-Origin"),
            "");
}

TEST(ApiMetrics, CountByRouteAndNotByAddress) {
    Api api;
    for (int i = 0; i < 50; ++i) api.Call("GET", "/api/tasks/" + std::to_string(i));
    api.Call("GET", "/nowhere/" + std::string(20, 'x'));
    api.Call("BREW", "/openapi.json");
    auto text = api.Call("GET", "/metrics").body;
    EXPECT_THAT(text, ::testing::HasSubstr(
                          R"(citadel_requests_total{method="GET",route="/api/tasks/{id}",status="401"} 50)"));
    EXPECT_THAT(text, ::testing::HasSubstr(R"({method="GET",route="",status="404"} 1)"));
    EXPECT_THAT(text, ::testing::HasSubstr(R"({method="other",route="",status="405"} 1)"));
    EXPECT_THAT(text, ::testing::HasSubstr("citadel_database_up 0"));
    EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr("nowhere")));
}

}  // namespace
}  // namespace citadel::api

#include "api/web_routes.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "support/raw_http.h"
#include "support/server_thread.h"

namespace citadel::api {
namespace {

using testing::RawAnswer;
using testing::RawConnection;

class Dashboard {
  public:
    explicit Dashboard(const WebPages::Options& options = {})
        : pages_(options),
          server_(io_, [this](http::Request request) { return pages_.Serve(std::move(request)); }) {}

    RawAnswer Ask(const std::string& method, const std::string& path, const std::string& headers = "") {
        RawConnection connection(server_.port());
        connection.Send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
        return connection.Read(method == "HEAD");
    }

  private:
    boost::asio::io_context io_{1};
    WebPages pages_;
    testing::ServerThread server_;
};

// Any file with a hash in its name that is worth compressing.
const WebAsset& SomeScript() {
    for (const auto& file : WebAssets()) {
        if (file.path.starts_with("/assets/index-") && file.path.ends_with(".js")) return file;
    }
    ADD_FAILURE() << "no script was embedded";
    return WebAssets().front();
}

bool Says(const RawAnswer& answer, const std::string& header, std::string_view words) {
    return answer.header(header).find(words) != std::string::npos;
}

TEST(WebPages, GiveThePageToWhoeverLooksAtAnAddressOfTheDashboard) {
    Dashboard dashboard;
    for (auto path :
         {"/", "/recoveries", "/recoveries/17", "/templates/payment_failed/1", "/?connected=true"}) {
        auto answer = dashboard.Ask("GET", path);
        EXPECT_EQ(answer.status, 200) << path;
        EXPECT_EQ(answer.header("content-type"), "text/html; charset=utf-8");
        EXPECT_TRUE(answer.Says("<div id=\"root\">")) << path;
    }
}

TEST(WebPages, LeaveTheApiToItselfAndTakeNoOtherMethods) {
    Dashboard dashboard;
    for (auto path : {"/api", "/api/nothing", "/dev/nothing", "/assets/gone-123.js", "/robots.txt"}) {
        auto answer = dashboard.Ask("GET", path);
        EXPECT_EQ(answer.status, 404) << path;
        EXPECT_EQ(answer.header("content-type"), "application/problem+json");
    }
    EXPECT_EQ(dashboard.Ask("POST", "/recoveries").status, 404);
    EXPECT_EQ(dashboard.Ask("GET", "/apiary").status, 200);
}

TEST(WebPages, RefuseInlineScriptAndForeignHosts) {
    Dashboard dashboard;
    auto answer = dashboard.Ask("GET", "/");
    EXPECT_TRUE(Says(answer, "content-security-policy", "default-src 'none'; script-src 'self';"));
    EXPECT_TRUE(Says(answer, "content-security-policy", "connect-src 'self';"));
    EXPECT_FALSE(Says(answer, "content-security-policy", "clerk"));
    EXPECT_FALSE(answer.Says("<script>"));
}

TEST(WebPages, AllowClerkItsOwnHostOnlyWhereItsKeyIsSet) {
    Dashboard dashboard({.clerk_publishable_key = "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k"});  // clerk.example.com$
    auto answer = dashboard.Ask("GET", "/");
    EXPECT_TRUE(Says(answer, "content-security-policy", "script-src 'self' https://clerk.example.com "));
    EXPECT_TRUE(answer.Says(R"(name="citadel:sign-in" content="clerk")"));
    EXPECT_TRUE(answer.Says(R"(content="pk_test_Y2xlcmsuZXhhbXBsZS5jb20k")"));
}

TEST(WebPages, RefuseAKeyThatIsNoneOfClerks) {
    for (auto key : {"sk_test_Y2xlcmsuZXhhbXBsZS5jb20k", "pk_test_", "pk_test_!!",
                     "pk_test_Y2xlcmsuZXhhbXBsZS5jb20", "pk_test_Ij48c2NyaXB0PiQ="}) {  // "><script>$
        EXPECT_THROW(WebPages({.clerk_publishable_key = key}), Trouble) << key;
    }
}

TEST(WebPages, SayWhetherASessionCameAlongAndHowToSignIn) {
    Dashboard dashboard({.local_issuer = true});
    auto stranger = dashboard.Ask("GET", "/");
    auto known = dashboard.Ask("GET", "/", "Cookie: theme=dark; __session=eyJ\r\n");
    auto left = dashboard.Ask("GET", "/", "Cookie: __session=; my__session=eyJ\r\n");
    EXPECT_TRUE(stranger.Says(R"(name="citadel:sign-in" content="local")"));
    EXPECT_TRUE(stranger.Says(R"(name="citadel:session" content="none")"));
    EXPECT_TRUE(known.Says(R"(name="citadel:session" content="present")"));
    EXPECT_TRUE(left.Says(R"(name="citadel:session" content="none")"));
    EXPECT_NE(stranger.header("etag"), known.header("etag"));
    EXPECT_TRUE(Says(known, "vary", "Cookie"));
}

TEST(WebPages, AskForThePageEachTimeAndKeepFilesForEver) {
    Dashboard dashboard;
    EXPECT_EQ(dashboard.Ask("GET", "/").header("cache-control"), "no-cache");
    auto script = dashboard.Ask("GET", std::string(SomeScript().path));
    EXPECT_EQ(script.status, 200);
    EXPECT_EQ(script.header("cache-control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(script.header("content-type"), "text/javascript; charset=utf-8");
    EXPECT_EQ(script.body, SomeScript().plain);
}

TEST(WebPages, CompressForWhoeverCanReadIt) {
    Dashboard dashboard;
    std::string path(SomeScript().path);
    auto zipped = dashboard.Ask("GET", path, "Accept-Encoding: br, gzip;q=0.8\r\n");
    EXPECT_EQ(zipped.header("content-encoding"), "gzip");
    EXPECT_EQ(zipped.body, SomeScript().gzip);
    EXPECT_LT(zipped.body.size(), SomeScript().plain.size() / 2);
    for (auto codings : {"", "Accept-Encoding: br\r\n", "Accept-Encoding: gzip;q=0, br\r\n"}) {
        auto plain = dashboard.Ask("GET", path, codings);
        EXPECT_EQ(plain.header("content-encoding"), "") << codings;
        EXPECT_EQ(plain.body.size(), SomeScript().plain.size());
        EXPECT_EQ(plain.header("vary"), "Accept-Encoding");
    }
}

TEST(WebPages, AnswerNotModifiedForWhatIsThereAlready) {
    Dashboard dashboard;
    for (auto path : {std::string("/"), std::string(SomeScript().path)}) {
        auto first = dashboard.Ask("GET", path);
        auto again = dashboard.Ask("GET", path, "If-None-Match: " + first.header("etag") + "\r\n");
        EXPECT_EQ(again.status, 304) << path;
        EXPECT_EQ(again.header("etag"), first.header("etag"));
        EXPECT_EQ(again.header("content-length"), "") << path;
        EXPECT_EQ(dashboard.Ask("GET", path, "If-None-Match: \"another\"\r\n").status, 200);
    }
}

TEST(WebPages, AnswerHeadLikeGetWithoutTheBody) {
    Dashboard dashboard;
    auto head = dashboard.Ask("HEAD", "/");
    auto get = dashboard.Ask("GET", "/");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("content-length"), get.header("content-length"));
    EXPECT_EQ(head.body, "");
}

}  // namespace
}  // namespace citadel::api

#include "api/track_routes.h"

#include <gtest/gtest.h>

#include "http/router.h"
#include "support/raw_http.h"
#include "support/server_thread.h"

namespace citadel::api {
namespace {

using testing::RawAnswer;
using testing::RawConnection;
using testing::RawRequest;

const Time kNow = *ParseTime("2026-01-01T00:00:00Z");

// The routes without a database and without Stripe.
class Routes {
  public:
    Routes()
        : pool_(io_, NobodyListens(), 1), stripe_(http_, {}), tracking_(pool_, clock_, stripe_, links()),
          server_(io_, [this](http::Request request) { return router_.Route(std::move(request)); }) {
        router_.Add("GET", "/api/track/open/{token}",
                    [this](http::Request request) { return tracking_.Open(std::move(request)); });
        router_.Add("GET", "/api/track/click/{token}",
                    [this](http::Request request) { return tracking_.Click(std::move(request)); });
    }

    static email::TrackingLinks links() {
        return email::TrackingLinks("https://citadel.example", {Secret("a secret of sixteen bytes or more")});
    }
    RawAnswer Get(const std::string& path, const std::string& headers = "") {
        RawConnection connection(server_.port());
        connection.Send(RawRequest("GET", path, "", headers));
        return connection.Read();
    }
    static std::string PathOf(const std::string& url) { return url.substr(url.find("/api/")); }

  private:
    static postgres::ConnectionOptions NobodyListens() {
        postgres::ConnectionOptions options;
        options.url = "postgresql://citadel@127.0.0.1:1/citadel";
        return options;
    }

    boost::asio::io_context io_{1};
    ManualClock clock_{kNow};
    postgres::Pool pool_;
    http::Client http_{io_};
    stripe::ClientFactory stripe_;
    Tracking tracking_;
    http::Router router_;
    testing::ServerThread server_;
};

const email::LetterRef kLetter{{BucketOf(77), 77}, 12, email::MailKind::kPaymentFailed, 1};

TEST(TrackRoutes, ThePictureAlwaysComes) {
    Routes routes;
    for (const auto& path : {std::string("/api/track/open/nonsense"), std::string("/api/track/open/%00%ff"),
                             Routes::PathOf(Routes::links().OpenUrl(kLetter))}) {
        auto answer = routes.Get(path);
        EXPECT_EQ(answer.status, 200) << path;
        EXPECT_EQ(answer.header("content-type"), "image/gif");
        EXPECT_EQ(answer.header("cache-control"), "no-store");
        EXPECT_EQ(answer.body.substr(0, 6), "GIF89a");
        EXPECT_EQ(answer.body.size(), 43u);
    }
}

TEST(TrackRoutes, AForgedClickLeadsNowhere) {
    Routes routes;
    auto open_token = Routes::links().OpenUrl(kLetter);
    for (const char* path : {"https:%2F%2Fevil.example", "..%2F..%2Fevil", "a/b"}) {
        auto answer = routes.Get(std::string("/api/track/click/") + path);
        EXPECT_EQ(answer.status, 404) << path;  // an encoded slash is a slash: no token at all
        EXPECT_EQ(answer.header("location"), "");
    }
    for (const auto& token : {std::string("nonsense"), std::string("https:%3Aevil.example"),
                              std::string("..%5C..evil"), open_token.substr(open_token.rfind('/') + 1)}) {
        auto answer = routes.Get("/api/track/click/" + token + "?url=https://evil.example");
        EXPECT_EQ(answer.status, 403) << token;
        EXPECT_EQ(answer.header("location"), "");
        EXPECT_TRUE(answer.Says("\"code\":\"token_invalid\""));
    }
    auto page =
        routes.Get("/api/track/click/nonsense", "Accept: text/html,*/*\r\nAccept-Language: de-DE,de\r\n");
    EXPECT_EQ(page.status, 403);
    EXPECT_TRUE(page.Says("Dieser Link ist nicht gültig"));
}

TEST(TrackRoutes, AClickWhileTheDatabaseIsAwayIsAskedToComeAgain) {
    Routes routes;
    auto answer = routes.Get(Routes::PathOf(Routes::links().ClickUrl(kLetter)));
    EXPECT_EQ(answer.status, 503);
    EXPECT_NE(answer.header("retry-after"), "");
}

}  // namespace
}  // namespace citadel::api

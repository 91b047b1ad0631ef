#include "api/resend_webhook_routes.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "crypto/svix.h"
#include "support/fixtures.h"
#include "support/raw_http.h"
#include "support/server_thread.h"

namespace citadel::api {
namespace {

namespace json = boost::json;
using testing::RawAnswer;
using testing::RawConnection;
using testing::RawRequest;

const Time kNow = *ParseTime("2026-01-01T00:00:00Z");
const Secret kSecret("whsec_UfuW249wkyqENxY+stgPtUehC+1qF331");

std::string Word(const std::string& type, const std::string& data) {
    return R"({"type":")" + type + R"(","created_at":"2026-01-01T00:00:00.000Z","data":)" + data + "}";
}

TEST(ReadMailWord, TakesTagsAsAnObjectAndAsAList) {
    for (auto tags : {R"({"merchant":"77","mail":"12"})",
                      R"([{"name":"merchant","value":"77"},{"name":"mail","value":"12"}])"}) {
        auto read =
            ReadMailWord(Word("email.delivered", std::string(R"({"email_id":"re_1","tags":)") + tags + "}"));
        EXPECT_TRUE(read.about_mail && read.named) << tags;
        EXPECT_EQ(read.word.merchant.id, 77);
        EXPECT_EQ(read.word.merchant.bucket, BucketOf(77));
        EXPECT_EQ(read.word.email_id, 12);
        EXPECT_EQ(read.word.provider_id, "re_1");
        EXPECT_EQ(read.word.type, "delivered");
        EXPECT_EQ(read.word.said_at, kNow);
    }
}

TEST(ReadMailWord, OnlyAPermanentBounceIsForGood) {
    auto read = [](const std::string& bounce) {
        return ReadMailWord(
                   Word("email.bounced",
                        R"({"email_id":"re_1","tags":{"merchant":"7","mail":"1"},"bounce":)" + bounce + "}"))
            .word;
    };
    auto permanent = read(R"({"type":"Permanent","subType":"NoEmail","message":"no such mailbox"})");
    EXPECT_TRUE(permanent.for_good);
    EXPECT_EQ(permanent.detail, "NoEmail, no such mailbox");
    EXPECT_FALSE(read(R"({"type":"Transient","subType":"MailboxFull"})").for_good);
    EXPECT_FALSE(read(R"({"type":"Undetermined"})").for_good);
    EXPECT_FALSE(read(R"("Permanent")").for_good);
    EXPECT_FALSE(read("null").for_good);
}

TEST(ReadMailWord, WithoutOurTagsTheServicesIdIsWhatIsLeft) {
    for (auto data : {R"({"email_id":"re_1"})", R"({"email_id":"re_1","tags":{}})",
                      R"({"email_id":"re_1","tags":{"merchant":"x","mail":"1"}})",
                      R"({"email_id":"re_1","tags":{"merchant":"-5","mail":"1"}})",
                      R"({"email_id":"re_1","tags":["merchant",7,null]})"}) {
        auto read = ReadMailWord(Word("email.opened", data));
        EXPECT_TRUE(read.about_mail) << data;
        EXPECT_FALSE(read.named) << data;
    }
    for (auto data : {"{}", "null", "[]", "7", R"({"email_id":7,"tags":{"merchant":"7","mail":"1"}})"}) {
        auto read = ReadMailWord(Word("email.opened", data));
        EXPECT_TRUE(read.readable) << data;
        EXPECT_FALSE(read.about_mail) << data;
    }
    EXPECT_FALSE(ReadMailWord(Word("contact.created", R"({"email_id":"re_1"})")).about_mail);
    for (auto body : {"", "nonsense", "[]", "{}", R"({"type":7})"}) {
        EXPECT_FALSE(ReadMailWord(body).readable) << body;
    }
}

TEST(ReadMailWord, NulAndEndlessTextsDoNoHarm) {
    auto body = Word("email.failed",
                     R"({"email_id":"re\u0000_1","tags":{"merchant":"7","mail":"1"},"failed":{"reason":")" +
                         std::string(100'000, 'x') + R"("}})");
    auto read = ReadMailWord(body);
    EXPECT_EQ(read.word.provider_id, "re_1");
    EXPECT_LE(read.word.detail.size(), 500u);
}

// The route without a database: whatever gets as far as the commit is answered 503.
class Route {
  public:
    Route()
        : pool_(io_, NobodyListens(), 1), webhook_(pool_, clock_, {kSecret}),
          server_(io_, [this](http::Request request) { return webhook_.Receive(std::move(request)); }) {}

    RawAnswer Post(const std::string& body, const std::string& headers) {
        RawConnection connection(server_.port());
        connection.Send(RawRequest("POST", "/api/webhooks/resend", body, headers));
        return connection.Read();
    }
    static std::string Signed(const std::string& body, Time at = kNow) {
        return "svix-id: msg_1\r\nsvix-timestamp: " + std::to_string(ToUnixSeconds(at)) +
               "\r\nsvix-signature: " + crypto::SignSvix("msg_1", body, kSecret, at) + "\r\n";
    }

  private:
    static postgres::ConnectionOptions NobodyListens() {
        postgres::ConnectionOptions options;
        options.url = "postgresql://citadel@127.0.0.1:1/citadel";
        return options;
    }

    boost::asio::io_context io_{1};
    ManualClock clock_{kNow};
    postgres::Pool pool_;
    ResendWebhook webhook_;
    testing::ServerThread server_;
};

const std::string kDelivered =
    Word("email.delivered", R"({"email_id":"re_1","tags":{"merchant":"7","mail":"1"}})");

TEST(ResendWebhookRoute, RefusesWhatIsNotSignedByResend) {
    Route route;
    auto other = Word("email.complained", R"({"email_id":"re_1","tags":{"merchant":"7","mail":"1"}})");
    auto too_late = kNow - std::chrono::seconds(301);
    for (const auto& headers : {std::string(), Route::Signed(other), Route::Signed(kDelivered, too_late)}) {
        auto answer = route.Post(kDelivered, headers);
        EXPECT_EQ(answer.status, 400);
        EXPECT_TRUE(answer.Says("\"code\":\"signature_invalid\"")) << answer.body;
    }
}

TEST(ResendWebhookRoute, TheDatabaseAwayIsNeverAFalseYes) {
    Route route;
    auto answer = route.Post(kDelivered, Route::Signed(kDelivered));
    EXPECT_EQ(answer.status, 503);
    EXPECT_NE(answer.header("retry-after"), "");
}

TEST(ResendWebhookRoute, SaysThatItHeardWhatConcernsNobody) {
    Route route;
    auto body = Word("domain.updated", "{}");
    auto answer = route.Post(body, Route::Signed(body));
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.Says("\"action\":\"ignored\"")) << answer.body;
    body = "[]";
    EXPECT_EQ(route.Post(body, Route::Signed(body)).status, 400);
}

}  // namespace
}  // namespace citadel::api

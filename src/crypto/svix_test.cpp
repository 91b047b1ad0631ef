#include "crypto/svix.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "support/fixtures.h"

namespace citadel::crypto {
namespace {

using std::chrono::seconds;
using Headers = std::vector<std::pair<std::string, std::string>>;

const Time kNow = FromUnixSeconds(1767225600);
const Secret kSecret("whsec_dGVzdC1vbmx5LWtleQ==");

SvixVerdict Verify(const Headers& headers, std::string_view body, Time now = kNow) {
    return VerifySvix(FindSvixHeaders(headers), body, std::span(&kSecret, 1), now);
}

Headers Signed(std::string_view body, Time at = kNow) {
    return {{"svix-id", "msg_1"},
            {"svix-timestamp", std::to_string(ToUnixSeconds(at))},
            {"svix-signature", SignSvix("msg_1", body, kSecret, at)}};
}

TEST(Svix, EveryPublishedVectorGetsItsVerdict) {
    int seen = 0;
    auto fixture = ReadFixture("svix_signature_vectors.json");
    for (const auto& vector : fixture.at("vectors").as_array()) {
        std::vector<Secret> secrets;
        for (const auto& secret : vector.at("secrets").as_array())
            secrets.emplace_back(boost::json::value_to<std::string>(secret));
        Headers headers;
        for (const auto& [name, value] : vector.at("headers").as_object())
            headers.emplace_back(name, value.as_string());
        auto verdict =
            VerifySvix(FindSvixHeaders(headers), std::string_view(vector.at("payload").as_string()), secrets,
                       FromUnixSeconds(vector.at("now").as_int64()));
        EXPECT_EQ(verdict == SvixVerdict::kValid, vector.at("expect").as_string() == "valid")
            << vector.at("id") << ": " << vector.at("why");
        ++seen;
    }
    EXPECT_EQ(seen, 41);
}

TEST(Svix, EachFaultHasItsOwnVerdict) {
    auto good = Signed("{}");
    EXPECT_EQ(Verify(good, "{}"), SvixVerdict::kValid);
    EXPECT_EQ(Verify({}, "{}"), SvixVerdict::kMissing);
    EXPECT_EQ(Verify(good, ""), SvixVerdict::kMissing);
    EXPECT_EQ(Verify(good, "{ }"), SvixVerdict::kMismatch);
    EXPECT_EQ(Verify(good, "{}", kNow + seconds(300)), SvixVerdict::kValid);
    EXPECT_EQ(Verify(good, "{}", kNow + seconds(301)), SvixVerdict::kTooOld);
    EXPECT_EQ(Verify(good, "{}", kNow - seconds(300)), SvixVerdict::kValid);
    EXPECT_EQ(Verify(good, "{}", kNow - seconds(301)), SvixVerdict::kTooNew);
    good[1].second = "-1";
    EXPECT_EQ(Verify(good, "{}"), SvixVerdict::kMalformed);
    good[1].second = "9223372036854775807";
    EXPECT_EQ(Verify(good, "{}"), SvixVerdict::kTooNew);
}

TEST(Svix, HeadersOfTheTwoNamesAreNotMixed) {
    auto headers = Signed("{}");
    headers[2].first = "webhook-signature";
    EXPECT_EQ(Verify(headers, "{}"), SvixVerdict::kMissing);
    headers[0].first = "Webhook-Id";
    headers[1].first = "WEBHOOK-TIMESTAMP";
    EXPECT_EQ(Verify(headers, "{}"), SvixVerdict::kValid);
}

TEST(Svix, ASecretThatIsNoneNeverMatches) {
    for (const char* text : {"", "whsec_", "whsec_!!", "not base64 at all"}) {
        Secret secret(text);
        EXPECT_FALSE(IsSvixSecret(secret)) << text;
        EXPECT_EQ(VerifySvix(FindSvixHeaders(Signed("{}")), "{}", std::span(&secret, 1), kNow),
                  SvixVerdict::kMismatch);
    }
    EXPECT_TRUE(IsSvixSecret(kSecret));
}

}  // namespace
}  // namespace citadel::crypto

#include "stripe/signature.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <array>
#include <limits>
#include <vector>

#include "support/fixtures.h"

namespace citadel::stripe {
namespace {

using std::chrono::seconds;

const Time kNow = FromUnixSeconds(1767225600);
const Secret kSecret("whsec_testOnly");

SignatureVerdict Verify(std::string_view header, std::string_view body) {
    return VerifySignature(header, body, std::span(&kSecret, 1), kNow);
}

TEST(Signature, EveryPublishedVectorGetsItsVerdict) {
    int seen = 0;
    auto fixture = ReadFixture("stripe_signature_vectors.json");
    for (const auto& vector : fixture.at("vectors").as_array()) {
        std::vector<Secret> secrets;
        for (const auto& secret : vector.at("secrets").as_array()) {
            secrets.emplace_back(boost::json::value_to<std::string>(secret));
        }
        const auto& header = vector.at("header");
        auto verdict = VerifySignature(header.is_null() ? "" : std::string_view(header.as_string()),
                                       std::string_view(vector.at("payload").as_string()), secrets,
                                       FromUnixSeconds(vector.at("now").as_int64()),
                                       seconds(vector.at("tolerance").as_int64()));
        EXPECT_EQ(verdict == SignatureVerdict::kValid, vector.at("expect").as_string() == "valid")
            << vector.at("id") << ": " << vector.at("why");
        ++seen;
    }
    EXPECT_EQ(seen, 56);
}

TEST(Signature, WhatWeSignWeAccept) {
    EXPECT_EQ(Verify(SignPayload("{}", kSecret, kNow), "{}"), SignatureVerdict::kValid);
}

TEST(Signature, EachFaultHasItsOwnVerdict) {
    auto good = SignPayload("{}", kSecret, kNow);
    EXPECT_EQ(Verify("", "{}"), SignatureVerdict::kMissing);
    EXPECT_EQ(Verify(good, ""), SignatureVerdict::kMissing);
    EXPECT_EQ(Verify("t=1767225600", "{}"), SignatureVerdict::kMalformed);
    EXPECT_EQ(Verify("t=,v1=00", "{}"), SignatureVerdict::kMalformed);
    EXPECT_EQ(Verify(SignPayload("{}", kSecret, kNow - seconds(301)), "{}"), SignatureVerdict::kTooOld);
    EXPECT_EQ(Verify(good, "{ }"), SignatureVerdict::kMismatch);
}

TEST(Signature, ToleranceIsInclusiveAndCountsWholeSeconds) {
    auto just_inside = SignPayload("{}", kSecret, kNow - seconds(300));
    EXPECT_EQ(Verify(just_inside, "{}"), SignatureVerdict::kValid);
    auto verdict = VerifySignature(just_inside, "{}", std::span(&kSecret, 1), kNow + seconds(1));
    EXPECT_EQ(verdict, SignatureVerdict::kTooOld);
}

TEST(Signature, AnEmptyConfiguredSecretMatchesNothing) {
    const std::array<Secret, 1> empty;
    EXPECT_EQ(VerifySignature(SignPayload("{}", empty[0], kNow), "{}", empty, kNow),
              SignatureVerdict::kMismatch);
    EXPECT_EQ(VerifySignature(SignPayload("{}", kSecret, kNow), "{}", {}, kNow), SignatureVerdict::kMismatch);
}

TEST(Signature, TimestampsAtTheEdgeOfTheTypeDoNotOverflow) {
    auto latest = std::to_string(std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(Verify("t=" + latest + ",v1=00", "{}"), SignatureVerdict::kMismatch);
    EXPECT_EQ(Verify("t=" + latest + "0,v1=00", "{}"), SignatureVerdict::kMalformed);
    EXPECT_EQ(Verify("t=-" + latest + ",v1=00", "{}"), SignatureVerdict::kMalformed);
}

TEST(Signature, EveryVerdictIsExplainedWithoutTheSecret) {
    for (auto verdict : {SignatureVerdict::kValid, SignatureVerdict::kMissing, SignatureVerdict::kMalformed,
                         SignatureVerdict::kTooOld, SignatureVerdict::kMismatch}) {
        EXPECT_TRUE(Explain(verdict).ends_with("."));
        EXPECT_EQ(Explain(verdict).find("whsec"), std::string_view::npos);
    }
}

}  // namespace
}  // namespace citadel::stripe

#include "crypto/signed_id.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace citadel::crypto {
namespace {

const Secret kSecret("of links");

RC_GTEST_PROP(SignedId, IsReadByWhoSignedIt, ()) {
    auto id = *rc::gen::nonNegative<std::int64_t>();
    RC_ASSERT(ReadSignedId(kSecret, kDigestStop, SignId(kSecret, kDigestStop, id)) == id);
}

RC_GTEST_PROP(SignedId, WithOneDigitChanged_IsNone, ()) {
    auto token = SignId(kSecret, kDigestStop, *rc::gen::nonNegative<std::int64_t>());
    auto& digit = token[*rc::gen::inRange<std::size_t>(0, token.size())];
    digit = digit == '0' ? '1' : '0';
    RC_ASSERT(!ReadSignedId(kSecret, kDigestStop, token));
}

TEST(SignedId, OfAnotherPurposeOrSecretOrLength_IsNone) {
    auto token = SignId(kSecret, kDigestStop, 42);
    EXPECT_FALSE(ReadSignedId(kSecret, "something-else", token));
    EXPECT_FALSE(ReadSignedId(Secret("another"), kDigestStop, token));
    EXPECT_FALSE(ReadSignedId(kSecret, kDigestStop, token + "0"));
    EXPECT_FALSE(ReadSignedId(kSecret, kDigestStop, ""));
}

TEST(SignedId, WithoutASecret_NothingIsValid) {
    EXPECT_FALSE(ReadSignedId(Secret(), kDigestStop, SignId(Secret(), kDigestStop, 42)));
}

}  // namespace
}  // namespace citadel::crypto

#include "crypto/base64.h"

#include <gtest/gtest.h>

namespace citadel::crypto {
namespace {

TEST(Base64, AgreesWithRfc4648) {
    const std::pair<const char*, const char*> kVectors[] = {{"", ""},
                                                            {"f", "Zg=="},
                                                            {"fo", "Zm8="},
                                                            {"foo", "Zm9v"},
                                                            {"foob", "Zm9vYg=="},
                                                            {"fooba", "Zm9vYmE="},
                                                            {"foobar", "Zm9vYmFy"}};
    for (auto [bytes, text] : kVectors) {
        EXPECT_EQ(Base64(bytes), text);
        EXPECT_EQ(DecodeBase64(text), bytes);
    }
}

TEST(Base64, EveryByteComesBackInBothAlphabets) {
    std::string bytes;
    for (int i = 0; i < 256; ++i) {
        bytes += static_cast<char>(255 - i);
        EXPECT_EQ(DecodeBase64(Base64(bytes)), bytes);
        EXPECT_EQ(DecodeBase64Url(Base64Url(bytes)), bytes);
    }
    EXPECT_EQ(Base64Url("\xfb\xff"), "-_8");
}

TEST(Base64, DecodingIsStrict) {
    EXPECT_EQ(DecodeBase64("Zg"), "f");
    for (const char* bad : {"Z", "Zg=", "Zg===", "Zm9v=", "Zh==", "Zg==Zg==", "Z g=", "-_8=", "=", "===="}) {
        EXPECT_EQ(DecodeBase64(bad), std::nullopt) << bad;
    }
    for (const char* bad : {"Zg==", "+/8", "Zh", "Zm9vY"})
        EXPECT_EQ(DecodeBase64Url(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace citadel::crypto

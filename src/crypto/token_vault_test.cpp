#include "crypto/token_vault.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/error.h"
#include "crypto/base64.h"
#include "crypto/digest.h"

namespace citadel::crypto {
namespace {

const std::string kHex(64, 'a');
const std::string kOtherHex = std::string(63, 'a') + "b";

TokenVault Vault(const std::string& keys = "k1:" + kHex) { return TokenVault(ParseEncryptionKeys(keys)); }

bool Opens(const TokenVault& vault, const Sealed& sealed, const std::string& identity) {
    try {
        vault.Open(sealed, identity);
        return true;
    } catch (const Trouble&) {
        return false;
    }
}

RC_GTEST_PROP(TokenVault, GivesBackWhatWasSealed, (const std::string& text, const std::string& identity)) {
    auto sealed = Vault().Seal(Secret(text), identity);
    RC_ASSERT(Vault().Open(sealed, identity).Reveal() == text);
    RC_ASSERT(sealed.key_id == "k1");
}

RC_GTEST_PROP(TokenVault, AnyChangedByteIsNoticed, (const std::string& text, const std::string& identity)) {
    auto sealed = Vault().Seal(Secret(text), identity);
    auto bytes = *DecodeBase64Url(sealed.text);
    auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
    auto flip = *rc::gen::inRange(1, 256);
    bytes[at] = static_cast<char>(bytes[at] ^ flip);
    RC_ASSERT(!Opens(Vault(), {sealed.key_id, Base64Url(bytes)}, identity));
}

RC_GTEST_PROP(TokenVault, AnyOtherIdentityIsNoticed,
              (const std::string& text, const std::string& identity, const std::string& other)) {
    RC_PRE(identity != other);
    RC_ASSERT(!Opens(Vault(), Vault().Seal(Secret(text), identity), other));
}

RC_GTEST_PROP(TokenVault, ACutTextIsNoticed, (const std::string& text)) {
    auto sealed = Vault().Seal(Secret(text), "row");
    auto bytes = *DecodeBase64Url(sealed.text);
    auto kept = *rc::gen::inRange<std::size_t>(0, bytes.size());
    RC_ASSERT(!Opens(Vault(), {sealed.key_id, Base64Url(bytes.substr(0, kept))}, "row"));
}

TEST(TokenVault, NeverSealsTwiceAlike) {
    EXPECT_NE(Vault().Seal(Secret("x"), "row").text, Vault().Seal(Secret("x"), "row").text);
}

TEST(TokenVault, TheFirstKeySealsAndAllOpen) {
    auto old = Vault("k1:" + kHex).Seal(Secret("token"), "row");
    auto both = Vault("k2:" + kOtherHex + ",k1:" + kHex);
    EXPECT_EQ(both.Open(old, "row").Reveal(), "token");
    EXPECT_EQ(both.Seal(Secret("token"), "row").key_id, "k2");
    EXPECT_FALSE(Opens(Vault("k2:" + kOtherHex), old, "row"));
    EXPECT_FALSE(Opens(Vault("k1:" + kOtherHex), old, "row")) << "another key of the same name";
}

TEST(TokenVault, TheNameOfTheKeyIsBoundToo) {
    auto sealed = Vault("k1:" + kHex).Seal(Secret("token"), "row");
    sealed.key_id = "k2";
    EXPECT_FALSE(Opens(Vault("k2:" + kHex), sealed, "row"));
}

TEST(TokenVault, WithoutAKeyNothingIsSealed) {
    EXPECT_TRUE(Vault("").empty());
    EXPECT_THROW(Vault("").Seal(Secret("x"), "row"), Trouble);
    EXPECT_FALSE(Opens(Vault(), {"k1", "not base64!"}, "row"));
    EXPECT_FALSE(Opens(Vault(), {"k1", ""}, "row"));
}

TEST(EncryptionKeys, AreHexOrPairsWithIdsOfTheirOwn) {
    auto one = ParseEncryptionKeys(kHex);
    ASSERT_EQ(one.size(), 1u);
    EXPECT_EQ(one[0].id, "default");
    EXPECT_EQ(Hex(one[0].bytes.Reveal()), kHex);
    auto two = ParseEncryptionKeys(" k2:" + kOtherHex + " , " + kHex);
    ASSERT_EQ(two.size(), 2u);
    EXPECT_EQ(two[0].id, "k2");
    EXPECT_TRUE(ParseEncryptionKeys("").empty());
    for (const auto& bad : {std::string("abc"), kHex + "a", "k1:" + kHex.substr(1), ":" + kHex, "k 1:" + kHex,
                            kHex + "," + kHex, std::string(64, 'g')}) {
        try {
            ParseEncryptionKeys(bad);
            ADD_FAILURE() << "accepted";
        } catch (const std::invalid_argument& refused) {
            EXPECT_EQ(std::string(refused.what()).find(bad), std::string::npos) << "a secret in a message";
        }
    }
}

TEST(Digest, AgreesWithThePublishedVector) {
    EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(DecodeHex("00fF"), std::string("\0\xff", 2));
    EXPECT_EQ(DecodeHex("0g"), std::nullopt);
    EXPECT_EQ(DecodeHex("0"), std::nullopt);
}

}  // namespace
}  // namespace citadel::crypto

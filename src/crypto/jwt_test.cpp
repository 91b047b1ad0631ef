// The published vectors are judged in auth/session_test.cpp, whole; here is what they leave out.
#include "crypto/jwt.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "crypto/base64.h"

namespace citadel::crypto {
namespace {

namespace json = boost::json;

const SigningKey& Ours() {
    static const SigningKey key = SigningKey::Generate("k1");
    return key;
}

JwtFault FaultOf(const std::string& token) {
    auto verdict = VerifyJwt(token, KeySet::Parse(Ours().PublicSet()));
    auto fault = std::get_if<JwtFault>(&verdict);
    if (!fault) throw std::runtime_error("the token was accepted");
    return *fault;
}

TEST(Jwt, WhatWeSignWeAcceptAndRead) {
    auto verdict =
        VerifyJwt(Ours().Sign({{"sub", "user_1"}}, {{"cat", "x"}}), KeySet::Parse(Ours().PublicSet()));
    const auto& jwt = std::get<Jwt>(verdict);
    EXPECT_EQ(jwt.claims.at("sub").as_string(), "user_1");
    EXPECT_EQ(jwt.header.at("cat").as_string(), "x");
}

TEST(Jwt, AChangedByteAnywhereIsRefused) {
    auto token = Ours().Sign({{"sub", "user_1"}});
    for (std::size_t at = 0; at < token.size(); ++at) {
        auto changed = token;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        if (changed == token) continue;
        EXPECT_FALSE(std::holds_alternative<Jwt>(VerifyJwt(changed, KeySet::Parse(Ours().PublicSet()))))
            << at;
        if (at > 40) at += 6;  // each check costs a little
    }
}

TEST(Jwt, EachFaultHasItsName) {
    auto token = Ours().Sign({{"sub", "user_1"}});
    EXPECT_EQ(FaultOf(""), JwtFault::kMalformed);
    EXPECT_EQ(FaultOf(token + "."), JwtFault::kMalformed);
    EXPECT_EQ(FaultOf(token + "="), JwtFault::kMalformed);
    EXPECT_EQ(FaultOf(std::string(20'000, 'A')), JwtFault::kMalformed);
    EXPECT_EQ(FaultOf(Ours().Sign({}, {{"crit", "x"}})), JwtFault::kRefusedHeader);
    EXPECT_EQ(FaultOf(Ours().Sign({}, {{"typ", "at+jwt"}})), JwtFault::kRefusedHeader);
    EXPECT_EQ(FaultOf(Ours().Sign({}, {{"kid", "k2"}})), JwtFault::kUnknownKey);
    EXPECT_EQ(FaultOf(SigningKey::Generate("k1").Sign({})), JwtFault::kBadSignature);
    EXPECT_EQ(NameOf(JwtFault::kBadSignature), "bad_signature");
}

TEST(Jwt, AKeySetMustHaveAKeyThatIsMeantForThis) {
    for (const char* bad :
         {"", "[]", "{}", R"({"keys":7})", R"({"keys":[]})", R"({"keys":[1,{"kid":"a"}]})"}) {
        EXPECT_THROW(KeySet::Parse(bad), std::invalid_argument) << bad;
    }
    auto set = json::parse(Ours().PublicSet());
    auto& key = set.at("keys").as_array()[0].as_object();
    EXPECT_TRUE(KeySet::Parse(json::serialize(set)).Has("k1"));
    auto without = [&](const char* name, const std::string& value) {
        auto kept = key[name];
        key[name] = value;
        EXPECT_THROW(KeySet::Parse(json::serialize(set)), std::invalid_argument) << name;
        key[name] = kept;
    };
    without("use", "enc");
    without("alg", "RS512");
    without("alg", "HS256");
    without("kty", "oct");
    without("kid", "");
    without("n", "AQAB");
    without("n", Base64Url(std::string(128, '\xff')));  // 1024 bits
    without("e", "");
}

TEST(Jwt, ThePublicSetHoldsNoPrivatePart) {
    auto key = json::parse(Ours().PublicSet()).at("keys").as_array()[0].as_object();
    for (const char* part : {"d", "p", "q", "dp", "dq", "qi"}) EXPECT_FALSE(key.contains(part)) << part;
}

}  // namespace
}  // namespace citadel::crypto

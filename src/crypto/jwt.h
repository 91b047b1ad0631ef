// Compact JSON Web Tokens signed with RS256, judged against a JWK set, and nothing else: no other algorithm,
// no key from the token's own header (jwk, jku, x5u, x5c), no critical extensions, no second spelling of a
// signature. What the claims must say is the caller's business (auth/session).
#pragma once
#include <boost/json/object.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace citadel::crypto {

// The keys of a JWK set that can check a session token: RSA of 2048 bits or more, for signatures, published
// for RS256 if the set says for what, with a kid. Others are passed over.
class KeySet {
  public:
    // Throws std::invalid_argument when the text is no JWK set or holds no such key.
    static KeySet Parse(std::string_view text);
    bool Has(const std::string& key_id) const { return keys_.contains(key_id); }

  private:
    friend class Verification;
    std::map<std::string, std::shared_ptr<void>> keys_;
};

struct Jwt {
    boost::json::object header;
    boost::json::object claims;
};

enum class JwtFault {
    kMalformed,      // not three parts of base64url, two of them JSON objects
    kRefusedHeader,  // another alg or typ, crit
    kUnknownKey,     // a kid that is not in the set, or none
    kBadSignature,
};
std::string_view NameOf(JwtFault fault);  // for logs: "bad_signature"

std::variant<Jwt, JwtFault> VerifyJwt(std::string_view token, const KeySet& keys);

// A key pair made here, for the local issuer of the demo and for tests.
class SigningKey {
  public:
    // 2048 bits; takes some tenths of a second.
    static SigningKey Generate(std::string key_id);
    std::string PublicSet() const;  // {"keys": [ … ]}
    // `header` beside alg, kid and typ.
    std::string Sign(const boost::json::object& claims,
                     const std::map<std::string, std::string>& header = {}) const;

  private:
    std::string key_id_;
    std::shared_ptr<void> key_;
};

}  // namespace citadel::crypto

#include "crypto/jwt.h"

#include <cjose/cjose.h>
#include <boost/json.hpp>

#include <optional>
#include <stdexcept>

#include "crypto/base64.h"

namespace citadel::crypto {

namespace json = boost::json;

namespace {

constexpr std::size_t kTokenBytesMax = 16 << 10;
constexpr std::size_t kKeyBitsLeast = 2048;

using Key = std::shared_ptr<void>;
using Header = std::unique_ptr<cjose_header_t, void (*)(cjose_header_t*)>;
using Signed = std::unique_ptr<cjose_jws_t, void (*)(cjose_jws_t*)>;

Key Hold(cjose_jwk_t* key) {
    return Key(key, [](void* held) { cjose_jwk_release(static_cast<cjose_jwk_t*>(held)); });
}
cjose_jwk_t* Get(const Key& key) { return static_cast<cjose_jwk_t*>(key.get()); }

// Empty when there is no such member or it is not a text.
std::string TextOf(const json::object& object, std::string_view name) {
    auto member = object.if_contains(name);
    return member && member->is_string() ? std::string(member->as_string()) : std::string();
}

std::optional<json::object> ReadObject(std::string_view text) {
    json::error_code error;
    auto value = json::parse(text, error);
    if (error || !value.is_object()) return std::nullopt;
    return std::move(value.as_object());
}

// Nothing but modulus and exponent goes into the library: whatever else the set says of a key is not asked
// for.
Key ImportKey(const json::object& jwk) {
    auto usage = TextOf(jwk, "use"), algorithm = TextOf(jwk, "alg");
    bool fits = TextOf(jwk, "kty") == "RSA" && (usage.empty() || usage == "sig") &&
                (algorithm.empty() || algorithm == "RS256");
    auto modulus = DecodeBase64Url(TextOf(jwk, "n"));
    if (!fits || !modulus || modulus->size() * 8 < kKeyBitsLeast) return nullptr;
    auto text =
        json::serialize(json::object{{"kty", "RSA"}, {"n", TextOf(jwk, "n")}, {"e", TextOf(jwk, "e")}});
    cjose_err error{};
    auto key = cjose_jwk_import(text.data(), text.size(), &error);
    return key ? Hold(key) : nullptr;
}

}  // namespace

KeySet KeySet::Parse(std::string_view text) {
    auto set = ReadObject(text);
    auto list = set ? set->if_contains("keys") : nullptr;
    if (!list || !list->is_array()) throw std::invalid_argument("not a JWK set: it has no list \"keys\"");
    KeySet keys;
    for (const auto& entry : list->as_array()) {
        if (!entry.is_object()) continue;
        auto id = TextOf(entry.as_object(), "kid");
        auto key = ImportKey(entry.as_object());
        if (key && !id.empty()) keys.keys_[id] = std::move(key);
    }
    if (keys.keys_.empty()) throw std::invalid_argument("the JWK set has no RSA key for RS256");
    return keys;
}

std::string_view NameOf(JwtFault fault) {
    switch (fault) {
        case JwtFault::kMalformed: return "malformed";
        case JwtFault::kRefusedHeader: return "refused_header";
        case JwtFault::kUnknownKey: return "unknown_key";
        case JwtFault::kBadSignature: return "bad_signature";
    }
    return "malformed";
}

// One token being judged.
class Verification {
  public:
    Verification(std::string_view token, const KeySet& keys) : token_(token), keys_(keys) {}

    std::variant<Jwt, JwtFault> Judge() {
        if (!Split()) return JwtFault::kMalformed;
        if (TextOf(jwt_.header, "alg") != "RS256" || jwt_.header.contains("crit"))
            return JwtFault::kRefusedHeader;
        if (jwt_.header.contains("typ") && TextOf(jwt_.header, "typ") != "JWT")
            return JwtFault::kRefusedHeader;
        auto key = keys_.keys_.find(TextOf(jwt_.header, "kid"));
        if (key == keys_.keys_.end()) return JwtFault::kUnknownKey;
        cjose_err error{};
        Signed token(cjose_jws_import(token_.data(), token_.size(), &error), cjose_jws_release);
        if (!token || !cjose_jws_verify(token.get(), Get(key->second), &error))
            return JwtFault::kBadSignature;
        return std::move(jwt_);
    }

  private:
    bool Split() {
        if (token_.size() > kTokenBytesMax) return false;
        auto first = token_.find('.');
        auto second = first == token_.npos ? token_.npos : token_.find('.', first + 1);
        if (second == token_.npos) return false;
        auto header = DecodeBase64Url(token_.substr(0, first));
        auto claims = DecodeBase64Url(token_.substr(first + 1, second - first - 1));
        auto signature = DecodeBase64Url(token_.substr(second + 1));  // a fourth part has a dot
        if (!header || !claims || !signature) return false;
        auto header_object = ReadObject(*header), claims_object = ReadObject(*claims);
        if (!header_object || !claims_object) return false;
        jwt_ = {std::move(*header_object), std::move(*claims_object)};
        return true;
    }

    std::string_view token_;
    const KeySet& keys_;
    Jwt jwt_;
};

std::variant<Jwt, JwtFault> VerifyJwt(std::string_view token, const KeySet& keys) {
    return Verification(token, keys).Judge();
}

SigningKey SigningKey::Generate(std::string key_id) {
    static constexpr std::uint8_t kExponent[] = {1, 0, 1};
    cjose_err error{};
    auto key = cjose_jwk_create_RSA_random(kKeyBitsLeast, kExponent, sizeof kExponent, &error);
    if (!key) throw std::runtime_error("no RSA key could be made");
    SigningKey made;
    made.key_id_ = std::move(key_id);
    made.key_ = Hold(key);
    return made;
}

std::string SigningKey::PublicSet() const {
    cjose_err error{};
    char* text = cjose_jwk_to_json(Get(key_), false, &error);
    if (!text) throw std::runtime_error("the public key could not be written");
    auto key = json::parse(text).as_object();
    cjose_get_dealloc()(text);
    key["kid"] = key_id_;
    key["use"] = "sig";
    key["alg"] = "RS256";
    return json::serialize(json::object{{"keys", json::array{std::move(key)}}});
}

std::string SigningKey::Sign(const json::object& claims,
                             const std::map<std::string, std::string>& header) const {
    cjose_err error{};
    Header head(cjose_header_new(&error), cjose_header_release);
    auto all = header;
    all.insert({{"alg", "RS256"}, {"kid", key_id_}, {"typ", "JWT"}});
    for (const auto& [name, value] : all) {
        if (!head || !cjose_header_set(head.get(), name.c_str(), value.c_str(), &error))
            throw std::runtime_error("the token's header could not be made");
    }
    auto text = json::serialize(claims);
    Signed token(cjose_jws_sign(Get(key_), head.get(), reinterpret_cast<const std::uint8_t*>(text.data()),
                                text.size(), &error),
                 cjose_jws_release);
    const char* compact = nullptr;
    if (!token || !cjose_jws_export(token.get(), &compact, &error))
        throw std::runtime_error("the token could not be signed");
    return compact;
}

}  // namespace citadel::crypto

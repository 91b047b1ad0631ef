#include "crypto/hmac.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdexcept>

#include "crypto/digest.h"

namespace citadel::crypto {

std::string HmacSha256(std::string_view key, std::string_view message) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    auto bytes = reinterpret_cast<const unsigned char*>(message.data());
    const char* key_bytes = key.empty() ? "" : key.data();  // OpenSSL takes a null key for "the one before"
    if (!HMAC(EVP_sha256(), key_bytes, static_cast<int>(key.size()), bytes, message.size(), digest,
              &length)) {
        throw std::runtime_error("HMAC-SHA-256 failed");
    }
    return {reinterpret_cast<const char*>(digest), length};
}

std::string HmacSha256Hex(std::string_view key, std::string_view message) {
    return Hex(HmacSha256(key, message));
}

bool ConstantTimeEquals(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace citadel::crypto

#include "base/secret.h"

#include <openssl/crypto.h>

namespace citadel {

Secret::~Secret() { OPENSSL_cleanse(text_.data(), text_.size()); }

bool Secret::Equals(std::string_view other) const {
    return other.size() == text_.size() && CRYPTO_memcmp(text_.data(), other.data(), other.size()) == 0;
}

}  // namespace citadel

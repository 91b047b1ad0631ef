// Seals secrets for the database: AES-256-GCM, a fresh random nonce each time, the key's name beside the
// text, and an identity (of the row and column) as associated data, so that a sealed text that was moved, cut
// or changed does not open. Several keys may open; the first one seals.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace citadel::crypto {

struct EncryptionKey {
    std::string id;
    Secret bytes;  // 32
};

// 64 hex characters, named "default", or id:hex pairs, comma separated; an id is of letters, digits, - and _.
// Empty text: none. Throws std::invalid_argument, whose text does not repeat what it was given.
std::vector<EncryptionKey> ParseEncryptionKeys(std::string_view text);

struct Sealed {
    std::string key_id;
    std::string text;  // base64url of nonce, ciphertext and tag
};

class TokenVault {
  public:
    explicit TokenVault(std::vector<EncryptionKey> keys) : keys_(std::move(keys)) {}

    bool empty() const { return keys_.empty(); }
    bool Knows(std::string_view key_id) const { return Find(key_id) != nullptr; }
    const std::string& newest() const { return keys_.front().id; }  // not when empty()

    // Throws Trouble(kConfiguration) when there is no key.
    Sealed Seal(const Secret& secret, std::string_view identity) const;
    // Throws Trouble: kConfiguration when the key is not among ours, kRejected when the text is not what was
    // sealed for that identity.
    Secret Open(const Sealed& sealed, std::string_view identity) const;

  private:
    const EncryptionKey* Find(std::string_view key_id) const;

    std::vector<EncryptionKey> keys_;
};

}  // namespace citadel::crypto

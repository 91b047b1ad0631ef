#include "crypto/token_vault.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "base/error.h"
#include "crypto/base64.h"
#include "crypto/digest.h"

namespace citadel::crypto {
namespace {

constexpr std::size_t kKeyBytes = 32, kNonceBytes = 12, kTagBytes = 16;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)>;

const unsigned char* Bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

void Must(bool ok) {
    if (!ok) throw std::runtime_error("AES-256-GCM failed");
}

// The key's name is bound as well, with a byte between that neither of them has.
std::string AssociatedData(std::string_view key_id, std::string_view identity) {
    return std::string(key_id) + '\0' + std::string(identity);
}

Cipher Begin(bool seal, const EncryptionKey& key, std::string_view nonce, std::string_view associated) {
    Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    Must(cipher && EVP_CipherInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, Bytes(key.bytes.Reveal()),
                                     Bytes(nonce), seal ? 1 : 0) == 1);
    int length = 0;
    Must(EVP_CipherUpdate(cipher.get(), nullptr, &length, Bytes(associated),
                          static_cast<int>(associated.size())) == 1);
    return cipher;
}

bool IsId(std::string_view id) {
    auto fits = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_'; };
    return !id.empty() && id.size() <= 64 && std::ranges::all_of(id, fits);
}

std::string_view Trim(std::string_view text) {
    auto first = text.find_first_not_of(" \t\r\n");
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace

std::vector<EncryptionKey> ParseEncryptionKeys(std::string_view text) {
    std::vector<EncryptionKey> keys;
    while (!text.empty()) {
        auto part = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), part.size() + 1));
        part = Trim(part);
        if (part.empty()) continue;
        auto colon = part.find(':');
        auto id = colon == part.npos ? std::string_view("default") : part.substr(0, colon);
        auto bytes = DecodeHex(colon == part.npos ? part : part.substr(colon + 1));
        if (!bytes || bytes->size() != kKeyBytes)
            throw std::invalid_argument("64 hex characters, or id:hex pairs, comma separated");
        if (!IsId(id)) throw std::invalid_argument("id:hex pairs whose ids are letters, digits, - and _");
        auto same = [&](const EncryptionKey& key) { return key.id == id; };
        if (std::ranges::any_of(keys, same)) throw std::invalid_argument("id:hex pairs with an id each");
        keys.push_back({std::string(id), Secret(std::move(*bytes))});
    }
    return keys;
}

const EncryptionKey* TokenVault::Find(std::string_view key_id) const {
    for (const auto& key : keys_) {
        if (key.id == key_id) return &key;
    }
    return nullptr;
}

Sealed TokenVault::Seal(const Secret& secret, std::string_view identity) const {
    if (keys_.empty())
        throw Trouble(TroubleKind::kConfiguration, "ENCRYPTION_KEY must be set to keep secrets");
    const auto& key = keys_.front();
    const auto& plain = secret.Reveal();
    std::string sealed(kNonceBytes + plain.size() + kTagBytes, '\0');
    Must(RAND_bytes(Bytes(sealed), kNonceBytes) == 1);
    auto cipher =
        Begin(true, key, std::string_view(sealed).substr(0, kNonceBytes), AssociatedData(key.id, identity));
    int length = 0;
    auto* out = Bytes(sealed) + kNonceBytes;
    Must(EVP_CipherUpdate(cipher.get(), out, &length, Bytes(plain), static_cast<int>(plain.size())) == 1);
    Must(EVP_CipherFinal_ex(cipher.get(), out + length, &length) == 1);
    Must(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, out + plain.size()) == 1);
    return {key.id, Base64Url(sealed)};
}

Secret TokenVault::Open(const Sealed& sealed, std::string_view identity) const {
    const auto* key = Find(sealed.key_id);
    if (!key) {
        throw Trouble(TroubleKind::kConfiguration, "ENCRYPTION_KEY must list the key \"" + sealed.key_id +
                                                       "\": stored secrets are sealed under it");
    }
    auto bytes = DecodeBase64Url(sealed.text);
    if (!bytes || bytes->size() < kNonceBytes + kTagBytes)
        throw Trouble(TroubleKind::kRejected, "a stored secret is damaged");
    std::string_view all = *bytes;
    auto text = all.substr(kNonceBytes, all.size() - kNonceBytes - kTagBytes);
    std::string tag(all.substr(all.size() - kTagBytes));
    auto cipher = Begin(false, *key, all.substr(0, kNonceBytes), AssociatedData(key->id, identity));
    std::string plain(text.size() + 1, '\0');  // never empty: OpenSSL wants somewhere to write
    int length = 0, rest = 0;
    Must(EVP_CipherUpdate(cipher.get(), Bytes(plain), &length, Bytes(text), static_cast<int>(text.size())) ==
         1);
    Must(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1);
    if (EVP_CipherFinal_ex(cipher.get(), Bytes(plain) + length, &rest) != 1) {
        throw Trouble(TroubleKind::kRejected,
                      "a stored secret does not open: it was changed, or moved here "
                      "from another row");
    }
    plain.resize(text.size());
    return Secret(std::move(plain));
}

}  // namespace citadel::crypto

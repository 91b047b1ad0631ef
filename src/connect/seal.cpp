#include "connect/seal.h"

#include <fmt/format.h>

namespace citadel::connect {
namespace {

std::string Identity(MerchantKey merchant, const std::string& account, const std::string& kind,
                     std::string_view column) {
    return fmt::format("stripe_credentials/{}/{}/{}/{}/{}", merchant.bucket, merchant.id, account, kind,
                       column);
}

}  // namespace

void SealTokens(const crypto::TokenVault& vault, MerchantKey merchant, const Tokens& tokens,
                store::Credential& credential) {
    auto access =
        vault.Seal(tokens.access, Identity(merchant, credential.account, credential.kind, "access"));
    credential.key_id = access.key_id;
    credential.sealed_access = access.text;
    credential.sealed_refresh.clear();
    if (tokens.refresh.empty()) return;
    credential.sealed_refresh =
        vault.Seal(tokens.refresh, Identity(merchant, credential.account, credential.kind, "refresh")).text;
}

Tokens OpenTokens(const crypto::TokenVault& vault, MerchantKey merchant,
                  const store::Credential& credential) {
    Tokens tokens;
    tokens.access = vault.Open({credential.key_id, credential.sealed_access},
                               Identity(merchant, credential.account, credential.kind, "access"));
    if (credential.sealed_refresh.empty()) return tokens;
    tokens.refresh = vault.Open({credential.key_id, credential.sealed_refresh},
                                Identity(merchant, credential.account, credential.kind, "refresh"));
    return tokens;
}

}  // namespace citadel::connect

// Which secret a sealed text is: the identity that it is bound to, and credentials sealed and opened as a
// whole.
#pragma once
#include <string>

#include "base/types.h"
#include "crypto/token_vault.h"
#include "store/credentials.h"

namespace citadel::connect {

// What opens an account, in the clear: OAuth's tokens, or a restricted key as `access`.
struct Tokens {
    Secret access;
    Secret refresh;
};

// Fills key_id, sealed_access and sealed_refresh; account and kind have to be set.
void SealTokens(const crypto::TokenVault& vault, MerchantKey merchant, const Tokens& tokens,
                store::Credential& credential);
// Throws Trouble as TokenVault::Open does.
Tokens OpenTokens(const crypto::TokenVault& vault, MerchantKey merchant, const store::Credential& credential);

}  // namespace citadel::connect

// The restricted keys of merchants who connected with one, opened when a call to Stripe needs one. Remembered
// for a second of wall time, so that a burst of calls for one account asks the database once.
#pragma once
#include <chrono>
#include <map>
#include <string>

#include "crypto/token_vault.h"
#include "postgres/pool.h"
#include "stripe/client.h"

namespace citadel::connect {

class SealedOwnKeys final : public stripe::OwnKeys {
  public:
    SealedOwnKeys(postgres::Pool& pool, const crypto::TokenVault& vault) : pool_(pool), vault_(vault) {}

    // Throws Trouble: the database is away, or the key cannot be opened.
    boost::asio::awaitable<Secret> KeyOf(std::string account) override;

  private:
    struct Seen {
        Secret key;
        std::chrono::steady_clock::time_point at;
    };

    postgres::Pool& pool_;
    const crypto::TokenVault& vault_;
    std::map<std::string, Seen> seen_;
};

}  // namespace citadel::connect

// What opens a merchant's Stripe account, sealed by the caller (connect/seal), and what Stripe still has to
// be told of merchants who left.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/types.h"
#include "postgres/pool.h"

namespace citadel::store {

struct Credential {
    std::string account;  // acct_…
    std::string kind;     // oauth, restricted_key
    std::string key_id;
    std::string sealed_access;
    std::string sealed_refresh;  // empty: there is none
    std::string scope;
    bool livemode = false;
    std::string business_name;  // becomes the name of a merchant who has none; not kept with the credential
};

enum class ConnectVerdict {
    kConnected,
    kAccountInUse,       // another merchant has it connected
    kOtherAccount,       // this merchant has another account connected
    kRevocationPending,  // Stripe has not confirmed yet that the last access to it ended
};
// Connects the account and stores its credential, or does nothing at all. An account that is connected to
// nobody any more may come to another merchant.
boost::asio::awaitable<ConnectVerdict> ConnectAccount(postgres::Pool& pool, MerchantKey merchant,
                                                      Credential credential, Time now);

struct ConnectedAccount {
    std::string account;
    Time connected_at{};
    std::string kind;  // empty: connected by the operator, no credential
};
boost::asio::awaitable<std::optional<ConnectedAccount>> FindConnectedAccount(postgres::Pool& pool,
                                                                             MerchantKey merchant);

// Ends the connection in one transaction, with everything that Stripe's account.application.deauthorized does
// (store/events), wipes the tokens, and notes that Stripe has to be told (of OAuth's access; a restricted key
// is for its owner to delete). Doing it again changes nothing.
boost::asio::awaitable<void> DisconnectAccount(postgres::Pool& pool, ConnectedAccount account, Time now);

// A row as it is kept: whose it is, and sealed.
struct SealedRow {
    MerchantKey merchant;
    Credential credential;
};
// The restricted key of whoever has that account connected.
boost::asio::awaitable<std::optional<SealedRow>> FindRestrictedKeyAcrossMerchants(postgres::Pool& pool,
                                                                                  std::string account);

struct OwedRevocation {
    MerchantKey merchant;
    std::string account;
    int tries = 0;  // this one included
};
// Takes what is owed and due (of one merchant: at once) for one caller, who has until `next_try_at` to do it.
boost::asio::awaitable<std::vector<OwedRevocation>> TakeOwedRevocationsAcrossMerchants(postgres::Pool& pool,
                                                                                       Time now,
                                                                                       Duration lease,
                                                                                       int limit);
boost::asio::awaitable<std::vector<OwedRevocation>> TakeOwedRevocations(postgres::Pool& pool,
                                                                        MerchantKey merchant, Time now,
                                                                        Duration lease);
boost::asio::awaitable<void> SettleRevocation(postgres::Pool& pool, OwedRevocation revocation);
boost::asio::awaitable<void> PostponeRevocation(postgres::Pool& pool, OwedRevocation revocation,
                                                Time next_try_at, std::string error);

// For rotate-keys: credentials that are not under `key_id`, in the order of their key, behind `after`.
boost::asio::awaitable<std::vector<SealedRow>> ListNotUnderKeyAcrossMerchants(postgres::Pool& pool,
                                                                              std::string key_id,
                                                                              MerchantKey after, int limit);
// False: the row has changed meanwhile, or is gone, and was left alone.
boost::asio::awaitable<bool> ReplaceSealed(postgres::Pool& pool, MerchantKey merchant, Credential was,
                                           Credential now_is, Time now);
// How many credentials are sealed under each key.
boost::asio::awaitable<std::map<std::string, std::int64_t>> CountByKeyAcrossMerchants(postgres::Pool& pool);

}  // namespace citadel::store

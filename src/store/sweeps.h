// The daily comparison with Stripe: whose turn it is, which failed invoices we never heard of, and which
// open recoveries Stripe no longer has an open invoice for.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "postgres/pool.h"
#include "store/work.h"

namespace citadel::store {

struct Sweep {
    MerchantKey merchant;
    std::string account;
    bool first = false;  // never compared before: what failed before we came is taken in
};

// The account whose last comparison is the oldest, and before `swept_before`; under a lease, so that no
// two processes compare one account at once and a crash only delays it.
boost::asio::awaitable<std::optional<Sweep>> ClaimSweepAcrossMerchants(postgres::Pool& pool,
                                                                       Time swept_before, Time lease_until,
                                                                       Time now);
boost::asio::awaitable<void> FinishSweep(postgres::Pool& pool, Sweep sweep, Time now);

// Of these invoices those that have no recovery.
boost::asio::awaitable<std::vector<std::string>> ListUnknownInvoices(postgres::Pool& pool,
                                                                     MerchantKey merchant,
                                                                     std::vector<std::string> invoices);
// Open recoveries that failed since then and whose invoice is not among these are looked at soon (a run
// reads the invoice and finds its end). Returns how many.
boost::asio::awaitable<std::int64_t> HastenMissing(postgres::Pool& pool, MerchantKey merchant,
                                                   std::vector<std::string> open_invoices, Time failed_since,
                                                   Time now);

}  // namespace citadel::store

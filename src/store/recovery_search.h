// Recoveries by what somebody remembers of them: a name, an address, an invoice.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <string>

#include "postgres/pool.h"
#include "store/recoveries_view.h"

namespace citadel::store {

// Those whose customer's name or address or whose invoice's number contains `words` in any case, or whose
// invoice or customer has them as its id. `status` empty: all. Looks through a bounded number of recoveries
// at once: a page may be short, or empty, and still have more after it.
boost::asio::awaitable<Page<RecoveryLine>> SearchRecoveries(postgres::Pool& pool, MerchantKey merchant,
                                                            std::string status, std::string words,
                                                            PageOrder order);

}  // namespace citadel::store

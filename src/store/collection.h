// Who collects an open invoice: Stripe by itself, or we alone (retry mode "own"). That it is we is written
// down before Stripe is told, so that no crash leaves an invoice that nobody collects.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "postgres/pool.h"
#include "store/work.h"

namespace citadel::store {

// The number of this change, for its idempotency key; nullopt: the lease is lost or the recovery closed.
boost::asio::awaitable<std::optional<int>> TakeCollection(postgres::Pool& pool, Task task,
                                                          std::int64_t recovery_id);

struct TakenInvoice {
    std::int64_t recovery_id = 0;
    std::string invoice_id;
    int change = 0;
};
// Open invoices that Stripe does not collect because of us.
boost::asio::awaitable<std::vector<TakenInvoice>> ListTaken(postgres::Pool& pool, MerchantKey merchant);
boost::asio::awaitable<void> MarkGivenBack(postgres::Pool& pool, MerchantKey merchant,
                                           std::int64_t recovery_id);

}  // namespace citadel::store

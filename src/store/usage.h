// What the platform is paid by: lines of the ledger that say "recovered", told to the platform's meter at
// Stripe one by one. As with charges, the intent is committed before the call, with all that the call says;
// the identifier is made of the line's key alone, so the same line has the same identifier for ever.
//
// Told are the lines of merchants who are customers of the platform: from their first plan on, and up to the
// end of the last one. Whether Stripe bills a line is its own matter, by the subscription of that time.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

#include "postgres/pool.h"
#include "store/work.h"

namespace citadel::store {

struct UsageReport {
    MerchantKey merchant;
    std::int64_t log_id = 0;
    std::string event_name;
    std::string customer_id;  // at the platform, cus_…
    std::string identifier;
    std::int64_t quantity = 0;  // invoices
    Money amount;
    Time happened_at{};
    Time intended_at{};     // when it was last sent, or was about to be
    bool in_doubt = false;  // an earlier run intended it, and nobody knows whether Stripe has it
};

// The reports in doubt, oldest first; only if there are none, up to `limit` new ones, intended by this call.
// So what may be in doubt is never more than one batch. `event_name` may hold {currency}.
// nullopt: the lease is lost.
boost::asio::awaitable<std::optional<std::vector<UsageReport>>> IntendUsageReportsAcrossMerchants(
    postgres::Pool& pool, Task task, std::string event_name, int limit, Time now);

// About to be sent afresh, after Stripe was found not to have it.
boost::asio::awaitable<void> RenewUsageReport(postgres::Pool& pool, MerchantKey merchant, std::int64_t log_id,
                                              Time now);

struct UsageVerdict {
    MerchantKey merchant;
    std::int64_t log_id = 0;
    std::string set_aside_because;  // empty: Stripe has it
};
// Each once; what is settled stays as it is.
boost::asio::awaitable<void> SettleUsageReports(postgres::Pool& pool, std::vector<UsageVerdict> batch,
                                                Time now);

// What is known to be reported of this merchant under that name and customer, from `since` to before `until`.
struct UsageSum {
    std::int64_t reports = 0;
    std::int64_t quantity = 0;
    std::int64_t amount = 0;
};
boost::asio::awaitable<UsageSum> SumReportedUsage(postgres::Pool& pool, MerchantKey merchant,
                                                  std::string event_name, std::string customer_id, Time since,
                                                  Time until);

struct UsageBacklog {
    std::int64_t waiting = 0;    // lines not yet told, those in doubt included
    std::optional<Time> oldest;  // when the oldest of them happened: its age is the backlog's
    std::int64_t set_aside = 0;  // refused for good, ever
    std::string last_refusal;    // why the newest of those was
};
boost::asio::awaitable<UsageBacklog> ReadUsageBacklogAcrossMerchants(postgres::Pool& pool);

}  // namespace citadel::store

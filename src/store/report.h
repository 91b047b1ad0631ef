// Figures over all tenants for the demo's report and for tests: read from the tables, not remembered.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <map>
#include <string>
#include <vector>

#include "base/types.h"
#include "postgres/pool.h"

namespace citadel::store {

struct Report {
    std::int64_t failed = 0;  // invoices whose failure opened a recovery
    std::int64_t recovered = 0;
    std::int64_t stopped = 0;
    std::int64_t exhausted = 0;
    std::int64_t open = 0;
    std::int64_t attempts = 0;   // charge slots that the bank answered
    std::int64_t unsettled = 0;  // charge slots in doubt
    std::int64_t emails = 0;
    std::int64_t stranded = 0;  // open recoveries without a task: nobody would ever look at them again
    std::int64_t tasks_failed = 0;
    std::vector<Money> recovered_amounts;        // by currency, gross
    std::map<std::string, std::int64_t> causes;  // recovered invoices by cause
};
boost::asio::awaitable<Report> ReadReportAcrossMerchants(postgres::Pool& pool);

// Which of these events, as (account, event id), are not in processed_events.
struct EventName {
    std::string account;
    std::string event_id;
};
boost::asio::awaitable<std::int64_t> CountMissingEventsAcrossMerchants(postgres::Pool& pool,
                                                                       std::vector<EventName> events);

struct SentMail {
    std::int64_t email_id = 0;
    std::string account;
    std::string customer_id;
    std::string invoice_id;
};
// Mails that were sent and have an id above `after`, oldest first.
boost::asio::awaitable<std::vector<SentMail>> ListSentMailsAcrossMerchants(postgres::Pool& pool,
                                                                           std::int64_t after, int limit);

}  // namespace citadel::store

// What came back by whom, why renewals failed, and what is open: the sums that the daily figures do not
// carry. Read by index of what ended in the days asked for and of what is open, so that the cost does not
// grow with history.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

#include "base/types.h"
#include "postgres/pool.h"
#include "store/work.h"

namespace citadel::store {

struct Breakdown {
    struct Open {
        std::string currency;
        std::int64_t count = 0;
        std::int64_t amount = 0;  // minor units, as all amounts
    };
    struct Cause {
        std::string cause;  // retry, stripe_retry, customer_after_mail, customer
        std::string currency;
        std::int64_t count = 0;
        std::int64_t amount = 0;  // less what was refunded or disputed later
    };
    // Those whose newest decline was told in the same words.
    struct Declined {
        DeclineFacts decline;
        std::string currency;
        std::int64_t count = 0;
        std::int64_t amount = 0;
        std::int64_t recovered_count = 0;
        std::int64_t recovered_amount = 0;
    };
    std::vector<Open> open;          // now, whenever they began
    std::vector<Cause> causes;       // of what came back in those days
    std::vector<Declined> declined;  // of what first failed in those days
};

// Both days included, YYYY-MM-DD, UTC.
boost::asio::awaitable<Breakdown> ReadBreakdown(postgres::Pool& pool, MerchantKey merchant, std::string from,
                                                std::string to);

}  // namespace citadel::store

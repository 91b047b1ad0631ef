// report_usage: tells the platform's meter at Stripe what was recovered, line by line of the ledger, in the
// order in which it happened. Each line is intended before it is sent and settled after; what a crash left in
// doubt is sent again under its own identifier while Stripe surely knows that, after that the meter is read.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <string>

#include "recovery/tools.h"
#include "store/self_scheduled.h"

namespace citadel::recovery {

struct UsageReporting {
    // {currency} in it stands for the line's: amounts of several currencies need a meter each.
    std::string event_name = "citadel_recovered";
    int batch = 100;
    std::chrono::minutes every{60};
};

// What the task is to be ended with; the next run is at once while there is more to tell.
boost::asio::awaitable<store::SelfScheduledEnd> ReportUsage(const Tools& tools,
                                                            const UsageReporting& reporting,
                                                            store::Task task);

}  // namespace citadel::recovery

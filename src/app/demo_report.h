// What the demo says at its end: figures read from the database, judged by the simulator's own ledger.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

#include "app/sim_remote.h"
#include "store/report.h"

namespace citadel::app {

struct DemoReport {
    store::Report engine;
    std::int64_t events_lost = 0;  // acknowledged to the simulator and not in the database
    std::int64_t tasks_lost = 0;   // open recoveries nobody will look at again, slots left in doubt
    std::int64_t duplicate_charges = 0;
    std::int64_t charges_after_stop = 0;
    bool books_balanced = false;          // metrics equal the ledger, and both equal the simulator's truth
    std::vector<std::string> complaints;  // what is wrong, in words; empty when all is well

    bool ok() const { return complaints.empty(); }
};

boost::asio::awaitable<DemoReport> MakeDemoReport(postgres::Pool& pool, SimRemote& sim);

std::string ToText(const DemoReport& report, int days, int merchants);
std::string ToJson(const DemoReport& report);

}  // namespace citadel::app

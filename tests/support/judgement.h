// The last word on a run of the main job against the simulator: what must be true at rest, whatever went
// wrong on the way.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>

#include "app/sim_remote.h"
#include "postgres/pool.h"
#include "support/test_database.h"

namespace citadel::testing {

// No slot in doubt; each open recovery driven by exactly one task, and no closed one by any.
void ExpectNothingLeftBehind(Sql& sql);

// Slot by slot the bank was asked exactly where the database says so, and said what the database says.
// `ledger`: what GET /_sim/ledger?driver=engine answers.
void ExpectTheBanksView(const boost::json::object& ledger, Sql& sql);

// The same, and no event or task lost, no charge doubled, none after a stop, no rule of the simulator's
// verdict broken; books balanced; failures, attempts and sums equal to the simulator's ledger.
void ExpectTheMainJobDone(boost::asio::io_context& io, postgres::Pool& pool, app::SimRemote& simulator,
                          Sql& sql);

}  // namespace citadel::testing

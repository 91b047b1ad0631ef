// A merchant's history as SQL makes it, in seconds where the engine would take an afternoon: the ledger, the
// days that it adds up to, the recoveries and tasks that it tells of.
#pragma once
#include <cstdint>
#include <string>

#include "plain_sql.h"

namespace citadel::bench {

// Nine rows of ten belong to `asked`, over a year for each million and at least one; the rest to all the
// other merchants. The merchant has as many open recoveries and waiting tasks however long its history is.
void FillLedger(const std::string& url, const Tenant& asked, std::int64_t rows);

}  // namespace citadel::bench

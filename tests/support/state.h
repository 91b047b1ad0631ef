// What the database says, as text that two runs can be compared by: recoveries, open tasks, sums of the
// ledger and the daily figures, without ids and without the times at which things were done here.
#pragma once
#include <string>

#include "support/test_database.h"

namespace citadel::testing {

// Of every account, recoveries named by the customer's address.
std::string StateOf(Sql& sql);
// Of one account, without names, so that the same story told to two accounts can be compared.
std::string StateOfAccount(Sql& sql, const std::string& account);

// Days on which daily_metrics and the ledger differ; 0 when the books balance.
std::int64_t BookDifferences(const std::string& url);
// Open recoveries that no task will ever look at again.
std::int64_t Stranded(Sql& sql);

// Connects accounts PREFIX1 … PREFIXcount, each to a merchant of its own.
void AddMerchants(Sql& sql, const std::string& prefix, int count);

}  // namespace citadel::testing

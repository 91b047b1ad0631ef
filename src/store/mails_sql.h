// What the statements have in common that commit the intent of a mail: the day's gate of its address, the
// row, and the answer. For store/*.cpp.
#pragma once
#include <string>

#include "store/mails.h"

namespace citadel::store {

// The end of such a statement. Expects the CTEs `allowed` (bucket, merchant_id, recovery_id; at most one row)
// and `known`, the row of the same mail if there is one. `more` are CTEs that may look at `written`, the new
// row. A mail that is already there is handed out again without asking for its address a second time.
std::string StoreMailSql(const std::string& more = "");

// $1 to $16 of it: the merchant, what the mail is about ($3), the mail, now, and the end of the day that the
// address is left in peace.
postgres::Params MailParams(MerchantKey merchant, std::int64_t about, const MailIntent& mail, Time now);

MailPermit PermitOf(const postgres::Rows& rows, MailIntent mail, Time now);

}  // namespace citadel::store

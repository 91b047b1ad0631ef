// What the mail service tells of a mail: booked once by the word's own id, each first counted once. A hard
// bounce or a complaint suppresses the address for that merchant in the same transaction: no mail to it can
// be intended after that, its open recoveries are told, and the merchant reads of it.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <string>

#include "base/clock.h"
#include "base/types.h"
#include "postgres/pool.h"

namespace citadel::store {

struct MailWord {
    MerchantKey merchant;
    std::int64_t email_id = 0;
    std::string provider_id;  // the mail's id at the service
    std::string word_id;      // of this word: a redelivery has the same
    std::string type;         // delivered, opened, clicked, bounced, complained, suppressed, failed, …
    bool for_good = false;    // bounced: the address is dead, not merely busy
    std::string detail;
    Time said_at{};
};

// Whose mail the service has under that id; for words that came without our tags. merchant.id 0: nobody's.
boost::asio::awaitable<MailWord> NameMailAcrossMerchants(postgres::Pool& pool, MailWord word);

enum class MailWordVerdict { kBooked, kDuplicate, kUnknownMail };

boost::asio::awaitable<MailWordVerdict> BookMailWord(postgres::Pool& pool, MailWord word, Time now);

}  // namespace citadel::store

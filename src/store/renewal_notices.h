// A renewal that Stripe has told of beforehand, and the letter that its card may need. Such a letter hangs on
// no recovery: its notice names it, and there is one for each card and expiry, whatever renews how often.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

#include "store/mails.h"
#include "store/work.h"

namespace citadel::store {

struct RenewalNotice {
    std::int64_t id = 0;
    std::string customer_id;
    std::string subscription_id;
    Time renews_at{};
    Money due;
    bool recovery_open = false;  // of the same customer, who is being written to
    // Its letter, once there is one.
    std::string card;
    std::string card_expires;
    std::optional<std::int64_t> unsettled_mail;  // intended, and nobody knows what became of it
};
// What a task without a recovery is about; nullopt: nothing (any more).
boost::asio::awaitable<std::optional<RenewalNotice>> ReadRenewalNotice(postgres::Pool& pool, Task task);

// Whom the letter asks to replace what.
struct NoticedCard {
    std::string fingerprint;
    std::string expires;  // "2027-03"
};
// The intent is committed only while the lease is ours, the account connected, the merchant one who writes,
// and no recovery of the customer open. A letter that asked for this card before is handed out again, as
// stored.
boost::asio::awaitable<MailPermit> IntendNotice(postgres::Pool& pool, Task task, std::int64_t notice_id,
                                                NoticedCard card, MailIntent mail, Time now);

}  // namespace citadel::store

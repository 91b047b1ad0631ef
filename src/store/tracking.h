// What became of a letter in its reader's hands, told by our own links: each first is counted once, in the
// ledger and in the day's figures, however often a link is fetched.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/types.h"
#include "postgres/pool.h"

namespace citadel::store {

// The key of a logical mail.
struct LetterKey {
    MerchantKey merchant;
    std::int64_t recovery_id = 0;  // of a card_expiring letter: its notice
    std::string kind;
    int attempt = 1;
};

boost::asio::awaitable<void> RecordOpen(postgres::Pool& pool, LetterKey letter, Time now);

// Where a click has to lead.
struct ClickedLetter {
    std::string account;  // Stripe-Account
    bool connected = false;
    std::string merchant_name;  // as customers know it
    std::string locale;         // of the letter
    std::string invoice_id;     // empty, as are status and URL, where no recovery is concerned
    std::string customer_id;
    std::string status;              // of the recovery
    std::string hosted_invoice_url;  // as last read; empty: unknown
};
// nullopt: there is no such letter (any more). A click on an open recovery gives the letter credit for what
// the customer pays in the week after it.
boost::asio::awaitable<std::optional<ClickedLetter>> RecordClick(postgres::Pool& pool, LetterKey letter,
                                                                 Time now);

}  // namespace citadel::store

// Recoveries as their merchant reads them: lists, one with its timeline, and what a customer is entitled to.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/types.h"
#include "postgres/pool.h"
#include "store/page.h"

namespace citadel::store {

struct RecoveryLine {
    std::int64_t id = 0;
    std::string invoice_id;
    std::string invoice_number;
    std::string customer_id;
    std::string customer_name;
    std::string customer_email;
    std::string subscription_id;
    std::string status;  // open, recovered, stopped, exhausted
    std::string reason;  // of its end; empty while open
    std::string cause;   // recovered: who brought it back
    std::string currency;
    std::int64_t amount_due = 0;  // minor units
    std::int64_t amount_recovered = 0;
    std::int64_t amount_reversed = 0;
    bool needs_customer = false;
    std::int64_t slots_used = 0;
    std::int64_t mails_sent = 0;
    std::int64_t stripe_attempts = 0;
    std::string decline_code;
    std::string advice_code;
    std::string policy;
    std::string hosted_invoice_url;
    Time first_failed_at{};
    std::optional<Time> last_attempt_at;
    std::optional<Time> next_action_at;
    std::optional<Time> stripe_next_attempt_at;
    Time opened_at{};
    std::optional<Time> closed_at;
};

// The columns of a RecoveryLine, of an alias r, in the order that ReadRecoveryLine expects.
extern const char* const kRecoveryLineColumns;
inline constexpr int kRecoveryLineWidth = 28;
RecoveryLine ReadRecoveryLine(const postgres::Rows& rows, int row, int first_column = 0);

// `status` empty: all.
boost::asio::awaitable<Page<RecoveryLine>> ListRecoveries(postgres::Pool& pool, MerchantKey merchant,
                                                          std::string status, PageOrder order);
boost::asio::awaitable<std::optional<RecoveryLine>> ReadRecovery(postgres::Pool& pool, MerchantKey merchant,
                                                                 std::int64_t recovery_id);

// One thing that happened: an event of Stripe, an attempt at the bank, a mail, a decision.
struct TimelineEntry {
    Time at{};
    std::string kind;    // event, attempt, mail, decision
    std::string name;    // type, driver, kind, action
    std::string reason;  // in words
    std::string outcome;
    std::optional<std::int64_t> number;  // of the attempt or the mail
    std::optional<std::int64_t> amount;
    std::string currency;
    std::string decline_code;
    std::string rule;
    std::optional<Time> next_at;
    std::string event_id;
};

struct RecoveryStory {
    RecoveryLine recovery;
    std::vector<TimelineEntry> timeline;  // oldest first; at most the newest 500 of each kind
};
boost::asio::awaitable<std::optional<RecoveryStory>> ReadRecoveryStory(postgres::Pool& pool,
                                                                       MerchantKey merchant,
                                                                       std::int64_t recovery_id);

struct Entitlement {
    std::int64_t open_recoveries = 0;  // 0: nothing of this customer's is being recovered
    std::vector<Money> due;
    std::optional<Time> newest_failure_at;
    std::optional<Time> next_action_at;
    bool needs_customer = false;
};
boost::asio::awaitable<Entitlement> ReadEntitlement(postgres::Pool& pool, MerchantKey merchant,
                                                    std::string customer_id);

}  // namespace citadel::store

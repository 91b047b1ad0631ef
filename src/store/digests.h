// The weekly digest: its figures, and the mail as a row before it is a request. A week is Monday to Monday on
// the merchant's own calendar; which one a task is about follows from when it was due. One mail a merchant
// and ISO week, and none that is intended after the merchant's "no more" was committed.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

#include "postgres/pool.h"
#include "store/work.h"

namespace citadel::store {

// A day on the merchant's own calendar, by its number.
using Day = std::chrono::sys_days;

// What came back in one of the last eight weeks.
struct RecoveredLine {
    int weeks_ago = 0;  // 0: the week that the digest is about, 7: the oldest
    std::string cause;  // retry, stripe_retry, customer_after_mail, customer
    std::int64_t count = 0;
    Money amount;
};

struct OpenLine {
    std::int64_t count = 0;
    Money amount;
    std::int64_t planned = 0;        // of them: something is planned within a week
    std::int64_t need_customer = 0;  // of them: only the customer can pay
    std::optional<Day> next_action;  // the first thing planned
};

struct DigestFacts {
    std::string merchant_name;
    std::string email;
    std::string locale;
    std::string brand_color;
    bool wanted = false;  // connected, and not switched off
    std::string week;     // "2026-W11": the ISO week it is sent in
    Day monday{};         // that the week it is about began with
    std::vector<RecoveredLine> recovered;
    std::vector<OpenLine> open;
    std::int64_t letters_sent = 0;  // to customers, in that week; of these:
    std::int64_t letters_delivered = 0;
    std::int64_t letters_opened = 0;
    std::int64_t letters_clicked = 0;
};

// One each, in order. A task whose lease is lost, or whose merchant is gone, gets facts that want nothing.
boost::asio::awaitable<std::vector<DigestFacts>> ReadDigestFacts(postgres::Pool& pool,
                                                                 std::vector<Task> batch);

struct DigestMail {
    Task task;
    std::string week;
    std::string entity_ref_id;  // the idempotency key too: made of merchant and week
    std::string to;
    std::string from;
    std::string unsubscribe_url;  // empty: none
    std::string subject;
    std::string html;
    std::string text;
};

struct StoredDigest {
    DigestMail mail;       // as first stored, which may be older than the one handed in
    Time intended_at{};    // since when it may have been sent; now, if it surely was not
    bool settled = false;  // sent or refused before: do not send again
};

// nullopt: refused, since the merchant left or wants none, or the lease is lost; nothing may be sent.
boost::asio::awaitable<std::vector<std::optional<StoredDigest>>> IntendDigests(postgres::Pool& pool,
                                                                               std::vector<DigestMail> batch,
                                                                               Time now);

// What was intended at that moment was tried, and surely not sent.
boost::asio::awaitable<void> NoteDigestUnsent(postgres::Pool& pool, MerchantKey merchant, std::string week,
                                              Time intended_at);

struct DigestVerdict {
    MerchantKey merchant;
    std::string week;
    std::string provider_id;
    std::string error;  // empty: sent
};
// Each once, with its line in the ledger; answers, in order, whether it was this call that settled it.
boost::asio::awaitable<std::vector<bool>> SettleDigests(postgres::Pool& pool,
                                                        std::vector<DigestVerdict> batch, Time now);

// The merchant wants no more digests. False: there is no such merchant.
boost::asio::awaitable<bool> StopDigests(postgres::Pool& pool, MerchantKey merchant);

}  // namespace citadel::store

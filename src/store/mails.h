// A mail is a row before it is a request. The intent is committed only while the lease is ours, the recovery
// is open, the address is not suppressed and has had no other mail for a day; the stored text is what is
// sent, however often the sending has to be repeated.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

#include "postgres/pool.h"
#include "store/work.h"

namespace citadel::store {

// At most one mail to an address in so long, across all its invoices with one merchant.
inline constexpr std::chrono::hours kBetweenMails{24};

struct MailIntent {
    std::string kind;
    int attempt = 1;
    std::string entity_ref_id;
    std::string to;
    std::string from;
    std::string reply_to;
    std::string subject;
    std::string html;
    std::string text;
    std::string locale = "en";
    bool links_to_us = false;  // its link tells us of a click
};

struct StoredMail {
    std::int64_t email_id = 0;
    MailIntent mail;       // as first stored, which may be older than the one handed in
    bool settled = false;  // sent or refused before: do not send again
    bool refused = false;
    std::string provider_id;             // known already, from the service's own word: it was sent
    std::optional<Time> in_doubt_since;  // handed over before, outcome unknown; nullopt: never handed over
};

enum class MailVerdict {
    kStored,
    kStopped,     // the recovery is closed, the account disconnected or the lease lost: nothing may be sent
    kSuppressed,  // the address bounced or complained
    kPutOff,      // the address had a mail today: again at `free_at`
};

struct MailPermit {
    MailVerdict verdict = MailVerdict::kStopped;
    StoredMail mail;  // kStored
    Time free_at{};   // kPutOff
};

boost::asio::awaitable<MailPermit> IntendMail(postgres::Pool& pool, Task task, std::int64_t recovery_id,
                                              MailIntent mail, Time now);

// Thanks for what was paid: no task and no lease, and allowed only when the recovery is recovered and the
// merchant wants it.
boost::asio::awaitable<MailPermit> IntendThanks(postgres::Pool& pool, MerchantKey merchant,
                                                std::int64_t recovery_id, MailIntent mail, Time now);

// Paid since then, thanks wanted, none written yet: what such a letter says.
struct ThanksDue {
    MerchantKey merchant;
    std::int64_t recovery_id = 0;
    std::string customer_email;
    std::string customer_name;
    Money recovered;
    std::string invoice_id;
    std::string invoice_number;
    std::string hosted_invoice_url;
    std::string locale;  // of the letters before it; empty: there were none
};
boost::asio::awaitable<std::vector<ThanksDue>> FindThanksDueAcrossMerchants(postgres::Pool& pool,
                                                                            Time paid_since, int limit);

// Books a mail as sent (`error` empty) or refused, once.
boost::asio::awaitable<void> SettleMail(postgres::Pool& pool, MerchantKey merchant, std::int64_t email_id,
                                        std::string provider_id, std::string error, Time now);
// It is certain that the mail was not handed over: it may be sent at any later time.
boost::asio::awaitable<void> ClearMailDoubt(postgres::Pool& pool, MerchantKey merchant,
                                            std::int64_t email_id);

// What a letter says of its sender and how it speaks to its reader, as it is now.
struct Letterhead {
    std::string name;
    std::string from_name;
    std::string support_email;
    std::string reply_to;
    std::string brand_color;
    std::string logo_url;
    std::string locale;
    std::string timezone;
    std::string own_subject;  // the merchant's own words for this letter; empty: ours
    std::string own_body;
};
boost::asio::awaitable<Letterhead> ReadLetterhead(postgres::Pool& pool, MerchantKey merchant,
                                                  std::string kind, int attempt);

// The address of this recovery's customer was found suppressed: the policy is to know.
boost::asio::awaitable<void> MarkAddressSuppressed(postgres::Pool& pool, MerchantKey merchant,
                                                   std::int64_t recovery_id);

}  // namespace citadel::store

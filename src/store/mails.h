// A mail is a row before it is a request. The intent is committed only while the lease is ours and the
// recovery is open; the stored text is what is sent, however often the sending has to be repeated.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

#include "postgres/pool.h"
#include "store/work.h"

namespace citadel::store {

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
};

struct StoredMail {
    std::int64_t email_id = 0;
    MailIntent mail;       // as first stored, which may be older than the one handed in
    bool settled = false;  // sent or refused before: do not send again
};

// nullopt: refused, the recovery is closed or the lease is lost; nothing may be sent.
boost::asio::awaitable<std::optional<StoredMail>> IntendMail(postgres::Pool& pool, Task task,
                                                             std::int64_t recovery_id, MailIntent mail,
                                                             Time now);

// Books a mail as sent (`error` empty) or refused, once.
boost::asio::awaitable<void> SettleMail(postgres::Pool& pool, MerchantKey merchant, std::int64_t email_id,
                                        std::string provider_id, std::string error, Time now);

}  // namespace citadel::store

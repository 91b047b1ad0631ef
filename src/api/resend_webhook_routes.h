// POST /api/webhooks/resend: what the mail service tells of our mails. The signature (svix) is checked on the
// raw body, and 200 is said only after the commit. A word names its mail by the tags that we sent with it,
// else by the service's id.
#pragma once
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "http/message.h"
#include "postgres/pool.h"
#include "store/suppressions.h"

namespace citadel::api {

class ResendWebhook {
  public:
    ResendWebhook(postgres::Pool& pool, const Clock& clock, std::vector<Secret> secrets)
        : pool_(pool), clock_(clock), secrets_(std::move(secrets)) {}

    boost::asio::awaitable<http::Reply> Receive(http::Request request);

  private:
    postgres::Pool& pool_;
    const Clock& clock_;
    std::vector<Secret> secrets_;
};

struct ReadWord {
    bool readable = false;  // an object with a type
    bool about_mail = false;
    bool named = false;    // by the tags that our mails have
    store::MailWord word;  // all but the word's id
    std::string why_not;   // not about a mail, or not readable
};
// `body` is the raw webhook, whose tags may be an object or a list of {name, value}.
ReadWord ReadMailWord(std::string_view body);

}  // namespace citadel::api

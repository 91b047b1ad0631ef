// Hands a rendered mail to whoever delivers it. Without RESEND_API_KEY that is the console: the mail
// is logged and already kept in the database, nothing leaves the machine. With it, email/resend.h.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <string>
#include <utility>
#include <vector>

#include "email/templates.h"

namespace citadel::email {

struct Envelope {
    std::string from;  // "Name <address>"
    std::string to;
    std::string reply_to;
    std::string entity_ref_id;    // X-Entity-Ref-ID: unique per mail, keeps clients from threading
    std::string idempotency_key;  // from database state: the same mail, sent again, is sent once
    // Further headers, such as List-Unsubscribe.
    std::vector<std::pair<std::string, std::string>> headers;
    // Come back with every word about this mail: ASCII letters, digits, _ and -, at most 256 of them.
    std::vector<std::pair<std::string, std::string>> tags;
    Mail mail;
};

struct Sent {
    enum class Result {
        kSent,
        kTryLater,  // now it could not be handed over, or nobody knows: again, under the same key
        kHeld,      // our own settings or quota are at fault, surely not sent; an operator is told
        kRefused,   // for good, with the reason in `error`
    };
    Result result = Result::kTryLater;
    bool in_doubt = false;  // kTryLater: it may have been sent
    std::string provider_id;
    std::string error;
};

class Sender {
  public:
    virtual ~Sender() = default;
    virtual boost::asio::awaitable<Sent> Send(Envelope envelope) = 0;
};

// Dev mode: logs recipient, subject and size, answers with the id "console-<entity_ref_id>".
class ConsoleSender final : public Sender {
  public:
    boost::asio::awaitable<Sent> Send(Envelope envelope) override;
};

}  // namespace citadel::email

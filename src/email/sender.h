// Hands a rendered mail to whoever delivers it. Without RESEND_API_KEY that is the console: the mail
// is logged and already kept in the database, nothing leaves the machine. The Resend client takes its
// place behind the same interface.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <string>

#include "email/templates.h"

namespace citadel::email {

struct Envelope {
    std::string from;  // "Name <address>"
    std::string to;
    std::string reply_to;
    std::string entity_ref_id;    // X-Entity-Ref-ID: unique per mail, keeps clients from threading
    std::string idempotency_key;  // from database state: the same mail, sent again, is sent once
    Mail mail;
};

struct Sent {
    enum class Result { kSent, kTryLater, kRefused };  // kRefused: for good, with the reason in `error`
    Result result = Result::kTryLater;
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

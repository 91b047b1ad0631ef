#include "email/sender.h"

#include "base/log.h"

namespace citadel::email {

boost::asio::awaitable<Sent> ConsoleSender::Send(Envelope envelope) {
    const auto& mail = envelope.mail;
    log::Info(
        "mail_kept_here",
        {{"to", envelope.to}, {"subject", mail.subject}, {"bytes", mail.html.size() + mail.text.size()}});
    Sent sent;
    sent.result = Sent::Result::kSent;
    sent.provider_id = "console-" + envelope.entity_ref_id;
    co_return sent;
}

}  // namespace citadel::email

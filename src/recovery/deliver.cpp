#include "recovery/deliver.h"

#include "base/log.h"

namespace citadel::recovery {

namespace asio = boost::asio;
using Result = Delivered::Result;

namespace {

// The mail service keeps an idempotency key for 24 hours of its own, which is wall time; until then the same
// key is a safe question.
constexpr std::chrono::hours kKeyIsSafeFor{23};

email::Envelope EnvelopeOf(MerchantKey merchant, const store::StoredMail& stored) {
    email::Envelope envelope;
    envelope.from = stored.mail.from;
    envelope.to = stored.mail.to;
    envelope.reply_to = stored.mail.reply_to;
    envelope.entity_ref_id = stored.mail.entity_ref_id;
    envelope.idempotency_key = stored.mail.entity_ref_id;
    envelope.tags = {{"merchant", std::to_string(merchant.id)}, {"mail", std::to_string(stored.email_id)}};
    envelope.mail = {stored.mail.subject, stored.mail.html, stored.mail.text};
    return envelope;
}

}  // namespace

asio::awaitable<Delivered> Deliver(postgres::Pool& pool, const Clock& clock, email::Sender& sender,
                                   StepHook at_step, MerchantKey merchant, store::StoredMail stored) {
    Delivered delivered;
    Time now = clock.Now();
    if (!stored.provider_id.empty()) {
        // The mail service has told of its delivery before we could book that it was sent.
        co_await store::SettleMail(pool, merchant, stored.email_id, stored.provider_id, "", now);
        delivered.result = Result::kSent;
        co_return delivered;
    }
    if (stored.in_doubt_since && now - *stored.in_doubt_since >= clock.Stretch(kKeyIsSafeFor)) {
        delivered.result = Result::kRefused;
        delivered.why = "nobody knows whether it was sent, for longer than its key is kept";
        co_await store::SettleMail(pool, merchant, stored.email_id, "", delivered.why, now);
        co_return delivered;
    }
    email::Envelope envelope = EnvelopeOf(merchant, stored);
    email::Sent sent = co_await sender.Send(std::move(envelope));
    delivered.why = sent.error;
    bool away = sent.result == email::Sent::Result::kTryLater || sent.result == email::Sent::Result::kHeld;
    if (away) {
        bool surely_not = !sent.in_doubt && !stored.in_doubt_since;
        if (surely_not) co_await store::ClearMailDoubt(pool, merchant, stored.email_id);
        co_return delivered;
    }
    Reached(at_step, "mail_sent");
    bool refused = sent.result == email::Sent::Result::kRefused;
    if (refused) {
        delivered.result = Result::kRefused;
        delivered.why = "refused: " + sent.error;
        log::Warn("mail_refused", {{"mail", stored.email_id}, {"error", sent.error}});
    } else {
        delivered.result = Result::kSent;
        delivered.why.clear();
    }
    co_await store::SettleMail(pool, merchant, stored.email_id, sent.provider_id, delivered.why, clock.Now());
    co_return delivered;
}

}  // namespace citadel::recovery

#include "recovery/write_letter.h"

#include "base/log.h"
#include "email/templates.h"
#include "store/mails.h"

namespace citadel::recovery {

namespace asio = boost::asio;

namespace {

email::MailKind KindOf(policy::Letter letter) {
    switch (letter) {
        case policy::Letter::kActionRequired: return email::MailKind::kActionRequired;
        case policy::Letter::kFinalNotice: return email::MailKind::kFinalNotice;
        case policy::Letter::kPaymentFailed:
        case policy::Letter::kNone: return email::MailKind::kPaymentFailed;
    }
    return email::MailKind::kPaymentFailed;
}

std::string WrittenDay(Time time) {
    static constexpr const char* kMonths[] = {"January",   "February", "March",    "April",
                                              "May",       "June",     "July",     "August",
                                              "September", "October",  "November", "December"};
    std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(time));
    return fmt::format("{} {} {}", unsigned(day.day()), kMonths[unsigned(day.month()) - 1], int(day.year()));
}

email::MailContext ContextOf(const store::Work& work, const LetterOrder& order) {
    email::MailContext context;
    context.kind = KindOf(order.letter);
    context.attempt = order.number;
    context.merchant_name = work.merchant.from_name.empty() ? work.merchant.name : work.merchant.from_name;
    context.customer_name = work.recovery.customer_name;
    context.amount = work.recovery.due;
    context.invoice_number =
        work.recovery.invoice_number.empty() ? work.recovery.invoice_id : work.recovery.invoice_number;
    context.update_url = work.recovery.hosted_invoice_url;
    context.brand_color = work.merchant.brand_color;
    context.support_email = work.merchant.support_email;
    context.card_needs_update = order.card_needs_update;
    if (order.next_charge_at) context.next_retry_on = WrittenDay(*order.next_charge_at);
    return context;
}

store::MailIntent IntentOf(const Tools& tools, const store::Work& work, const LetterOrder& order) {
    email::MailContext context = ContextOf(work, order);
    email::Mail mail = email::Render(context);
    store::MailIntent intent;
    intent.kind = std::string(email::NameOf(context.kind));
    intent.attempt = order.number;
    intent.entity_ref_id =
        fmt::format("cit-{}-{}-{}-{}", work.task.merchant.id, work.recovery.id, intent.kind, order.number);
    intent.to = work.recovery.customer_email;
    intent.from = fmt::format("{} <{}>", context.merchant_name, tools.email_from);
    intent.reply_to = work.merchant.reply_to.empty() ? work.merchant.support_email : work.merchant.reply_to;
    intent.subject = std::move(mail.subject);
    intent.html = std::move(mail.html);
    intent.text = std::move(mail.text);
    return intent;
}

email::Envelope EnvelopeOf(const store::StoredMail& stored) {
    email::Envelope envelope;
    envelope.from = stored.mail.from;
    envelope.to = stored.mail.to;
    envelope.reply_to = stored.mail.reply_to;
    envelope.entity_ref_id = stored.mail.entity_ref_id;
    envelope.idempotency_key = stored.mail.entity_ref_id;
    envelope.mail = {stored.mail.subject, stored.mail.html, stored.mail.text};
    return envelope;
}

}  // namespace

asio::awaitable<LetterOutcome> WriteLetter(const Tools& tools, const store::Work& work, LetterOrder order) {
    store::MailIntent intent;
    try {
        intent = IntentOf(tools, work, order);
    } catch (const email::BadMail& bad) {
        log::Warn("letter_not_written", {{"recovery", work.recovery.id}, {"error", bad.what()}});
        co_return LetterOutcome::kRefused;
    }
    auto stored = co_await store::IntendMail(tools.pool, work.task, work.recovery.id, std::move(intent),
                                             tools.clock.Now());
    if (!stored) co_return LetterOutcome::kStopped;
    if (stored->settled) co_return LetterOutcome::kSent;
    tools.Reached("mail_intended");
    email::Envelope envelope = EnvelopeOf(*stored);
    email::Sent sent = co_await tools.sender.Send(std::move(envelope));
    if (sent.result == email::Sent::Result::kTryLater) co_return LetterOutcome::kTryLater;
    tools.Reached("mail_sent");
    bool refused = sent.result == email::Sent::Result::kRefused;
    std::string error = refused ? "refused: " + sent.error : std::string();
    co_await store::SettleMail(tools.pool, work.task.merchant, stored->email_id, sent.provider_id, error,
                               tools.clock.Now());
    co_return refused ? LetterOutcome::kRefused : LetterOutcome::kSent;
}

}  // namespace citadel::recovery

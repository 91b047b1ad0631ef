#include "recovery/write_letter.h"

#include "base/log.h"
#include "email/languages.h"
#include "email/locale.h"
#include "email/templates.h"
#include "email/values.h"

namespace citadel::recovery {

namespace asio = boost::asio;

namespace {

// The mail service keeps an idempotency key for 24 hours of its own, which is wall time; until then the same
// key is a safe question.
constexpr std::chrono::hours kKeyIsSafeFor{23};

email::MailKind KindOf(policy::Letter letter) {
    switch (letter) {
        case policy::Letter::kActionRequired: return email::MailKind::kActionRequired;
        case policy::Letter::kFinalNotice: return email::MailKind::kFinalNotice;
        case policy::Letter::kPaymentFailed:
        case policy::Letter::kNone: return email::MailKind::kPaymentFailed;
    }
    return email::MailKind::kPaymentFailed;
}

// The customer's time zone as well as it is known: the country's, else the merchant's.
std::string ZoneOf(const store::Work& work, const store::Letterhead& head) {
    return email::ZoneOfCountry(work.recovery.customer_country).value_or(head.timezone);
}

email::MailContext ContextOf(const Tools& tools, const store::Work& work, const store::Letterhead& head,
                             const LetterOrder& order) {
    email::MailContext context;
    context.kind = KindOf(order.letter);
    context.attempt = order.number;
    context.locale = email::PickLocale(work.recovery.customer_locale, head.locale);
    context.timezone = ZoneOf(work, head);
    context.merchant_name = head.from_name.empty() ? head.name : head.from_name;
    context.customer_name = work.recovery.customer_name;
    context.amount = work.recovery.due;
    context.invoice_number =
        work.recovery.invoice_number.empty() ? work.recovery.invoice_id : work.recovery.invoice_number;
    context.update_url = work.recovery.hosted_invoice_url;
    context.brand_color = head.brand_color;
    context.logo_url = head.logo_url;
    context.support_email = head.support_email;
    context.card_needs_update = order.card_needs_update;
    context.next_retry_at = order.next_charge_at;
    context.final_action_at = order.final_action_at;
    if (!head.own_body.empty()) context.own = email::OwnText{head.own_subject, head.own_body};
    if (tools.links.on()) {
        email::LetterRef ref{work.task.merchant, work.recovery.id, context.kind, context.attempt};
        context.update_url = tools.links.ClickUrl(ref);
        context.open_url = tools.links.OpenUrl(ref);
    }
    return context;
}

store::MailIntent IntentOf(const Tools& tools, const store::Work& work, const store::Letterhead& head,
                           const email::MailContext& context) {
    email::Mail mail = email::Render(context);
    store::MailIntent intent;
    intent.kind = std::string(email::NameOf(context.kind));
    intent.attempt = context.attempt;
    intent.entity_ref_id =
        fmt::format("cit-{}-{}-{}-{}", work.task.merchant.id, work.recovery.id, intent.kind, context.attempt);
    intent.to = work.recovery.customer_email;
    intent.from = fmt::format("{} <{}>", email::DisplayName(context.merchant_name), tools.email_from);
    intent.reply_to = head.reply_to.empty() ? head.support_email : head.reply_to;
    intent.subject = std::move(mail.subject);
    intent.html = std::move(mail.html);
    intent.text = std::move(mail.text);
    intent.locale = context.locale;
    intent.links_to_us = tools.links.on();
    return intent;
}

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

LetterResult Result(LetterOutcome outcome, std::string why, std::optional<Time> again_at = std::nullopt) {
    return {outcome, again_at, std::move(why)};
}

// Hands a stored mail over and books what came of it.
asio::awaitable<LetterResult> Deliver(const Tools& tools, MerchantKey merchant,
                                      const store::StoredMail& stored) {
    Time now = tools.clock.Now();
    if (!stored.provider_id.empty()) {
        // The mail service has told of its delivery before we could book that it was sent.
        co_await store::SettleMail(tools.pool, merchant, stored.email_id, stored.provider_id, "", now);
        co_return Result(LetterOutcome::kSent, "");
    }
    if (stored.in_doubt_since && now - *stored.in_doubt_since >= tools.clock.Stretch(kKeyIsSafeFor)) {
        // Its key has expired: to send it again could be to send it twice.
        auto why = "nobody knows whether it was sent, for longer than its key is kept";
        co_await store::SettleMail(tools.pool, merchant, stored.email_id, "", why, now);
        co_return Result(LetterOutcome::kRefused, why);
    }
    email::Envelope envelope = EnvelopeOf(merchant, stored);
    email::Sent sent = co_await tools.sender.Send(std::move(envelope));
    bool undelivered =
        sent.result == email::Sent::Result::kTryLater || sent.result == email::Sent::Result::kHeld;
    if (undelivered) {
        bool surely_not = !sent.in_doubt && !stored.in_doubt_since;
        if (surely_not) co_await store::ClearMailDoubt(tools.pool, merchant, stored.email_id);
        co_return Result(LetterOutcome::kTryLater, sent.error);
    }
    tools.Reached("mail_sent");
    bool refused = sent.result == email::Sent::Result::kRefused;
    auto error = refused ? "refused: " + sent.error : std::string();
    co_await store::SettleMail(tools.pool, merchant, stored.email_id, sent.provider_id, error,
                               tools.clock.Now());
    if (refused) log::Warn("mail_refused", {{"mail", stored.email_id}, {"error", sent.error}});
    auto outcome = refused ? LetterOutcome::kRefused : LetterOutcome::kSent;
    co_return Result(outcome, std::move(error));
}

}  // namespace

Time AfterQuietHours(const store::MerchantView& merchant, std::string_view zone, Time now) {
    if (!merchant.quiet_from_hour || !merchant.quiet_until_hour) return now;
    int from = *merchant.quiet_from_hour, until = *merchant.quiet_until_hour;
    auto quiet = [&](Time time) {
        int hour = email::LocalHour(time, zone);
        return from <= until ? hour >= from && hour < until : hour >= from || hour < until;
    };
    if (!quiet(now)) return now;
    // Zones differ from UTC by whole quarters of an hour.
    constexpr std::chrono::minutes kQuarter{15};
    Time time = std::chrono::floor<std::chrono::hours>(now);
    while (time <= now || quiet(time)) time += kQuarter;
    return time;
}

asio::awaitable<LetterResult> WriteLetter(const Tools& tools, const store::Work& work, LetterOrder order) {
    if (work.recovery.customer_email.empty())
        co_return Result(LetterOutcome::kRefused, "no address is known");
    MerchantKey merchant = work.task.merchant;
    auto kind = std::string(email::NameOf(KindOf(order.letter)));
    store::Letterhead head = co_await store::ReadLetterhead(tools.pool, merchant, kind, order.number);
    Time now = tools.clock.Now();
    Time morning = AfterQuietHours(work.merchant, ZoneOf(work, head), now);
    if (morning > now) co_return Result(LetterOutcome::kPutOff, "it is a quiet hour there", morning);
    store::MailIntent intent;
    std::string unfit;
    try {
        intent = IntentOf(tools, work, head, ContextOf(tools, work, head, order));
    } catch (const email::BadMail& bad) {
        unfit = bad.what();
    }
    if (!unfit.empty()) {
        log::Warn("letter_not_written", {{"recovery", work.recovery.id}, {"error", unfit}});
        co_return Result(LetterOutcome::kRefused, unfit);
    }
    store::MailPermit permit =
        co_await store::IntendMail(tools.pool, work.task, work.recovery.id, std::move(intent), now);
    switch (permit.verdict) {
        case store::MailVerdict::kStopped:
            co_return Result(LetterOutcome::kStopped, "a stop signal came first");
        case store::MailVerdict::kSuppressed:
            co_await store::MarkAddressSuppressed(tools.pool, merchant, work.recovery.id);
            co_return Result(LetterOutcome::kRefused, "the address bounced or complained");
        case store::MailVerdict::kPutOff:
            co_return Result(LetterOutcome::kPutOff, "the customer had a mail today", permit.free_at);
        case store::MailVerdict::kStored: break;
    }
    if (permit.mail.settled) co_return Result(LetterOutcome::kSent, "");
    tools.Reached("mail_intended");
    LetterResult delivered = co_await Deliver(tools, merchant, permit.mail);
    co_return delivered;
}

}  // namespace citadel::recovery

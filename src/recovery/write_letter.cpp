#include "recovery/write_letter.h"

#include "base/log.h"
#include "email/languages.h"
#include "email/locale.h"
#include "email/templates.h"
#include "recovery/compose.h"
#include "recovery/deliver.h"

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

email::MailContext ContextOf(const store::Work& work, const store::Letterhead& head,
                             const LetterOrder& order) {
    email::MailContext context;
    context.kind = KindOf(order.letter);
    context.attempt = order.number;
    context.locale = email::PickLocale(work.recovery.customer_locale, head.locale);
    context.timezone = ZoneOf(work.recovery.customer_country, head);
    context.customer_name = work.recovery.customer_name;
    context.amount = work.recovery.due;
    context.invoice_number =
        work.recovery.invoice_number.empty() ? work.recovery.invoice_id : work.recovery.invoice_number;
    context.update_url = work.recovery.hosted_invoice_url;
    context.card_needs_update = order.card_needs_update;
    context.next_retry_at = order.next_charge_at;
    context.final_action_at = order.final_action_at;
    return context;
}

LetterResult Result(LetterOutcome outcome, std::string why, std::optional<Time> again_at = std::nullopt) {
    return {outcome, again_at, std::move(why)};
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

std::string ZoneOf(const std::string& customer_country, const store::Letterhead& head) {
    return email::ZoneOfCountry(customer_country).value_or(head.timezone);
}

std::optional<store::MailIntent> TryCompose(const Addressing& addressing, const store::Letterhead& head,
                                            email::MailContext context, std::string& unfit) {
    try {
        return Compose(addressing, head, std::move(context));
    } catch (const email::BadMail& bad) {
        unfit = bad.what();
    }
    log::Warn("letter_not_written", {{"about", addressing.recovery_id}, {"error", unfit}});
    return std::nullopt;
}

asio::awaitable<LetterResult> FinishLetter(const Tools& tools, MerchantKey merchant,
                                           store::MailPermit permit) {
    switch (permit.verdict) {
        case store::MailVerdict::kStopped:
            co_return Result(LetterOutcome::kStopped, "a stop signal came first");
        case store::MailVerdict::kSuppressed:
            co_return Result(LetterOutcome::kRefused, "the address bounced or complained");
        case store::MailVerdict::kPutOff:
            co_return Result(LetterOutcome::kPutOff, "the customer had a mail today", permit.free_at);
        case store::MailVerdict::kStored: break;
    }
    if (permit.mail.refused) co_return Result(LetterOutcome::kRefused, "it was refused before");
    if (permit.mail.settled) co_return Result(LetterOutcome::kSent, "");
    tools.Reached("mail_intended");
    Delivered delivered = co_await Deliver(tools.pool, tools.clock, tools.sender, tools.at_step, merchant,
                                           std::move(permit.mail));
    switch (delivered.result) {
        case Delivered::Result::kSent: co_return Result(LetterOutcome::kSent, "");
        case Delivered::Result::kRefused: co_return Result(LetterOutcome::kRefused, delivered.why);
        case Delivered::Result::kTryLater: break;
    }
    co_return Result(LetterOutcome::kTryLater, delivered.why);
}

asio::awaitable<LetterResult> WriteLetter(const Tools& tools, const store::Work& work, LetterOrder order) {
    if (work.recovery.customer_email.empty())
        co_return Result(LetterOutcome::kRefused, "no address is known");
    MerchantKey merchant = work.task.merchant;
    auto kind = std::string(email::NameOf(KindOf(order.letter)));
    store::Letterhead head = co_await store::ReadLetterhead(tools.pool, merchant, kind, order.number);
    Time now = tools.clock.Now();
    Time morning = AfterQuietHours(work.merchant, ZoneOf(work.recovery.customer_country, head), now);
    if (morning > now) co_return Result(LetterOutcome::kPutOff, "it is a quiet hour there", morning);
    Addressing addressing{merchant, work.recovery.id, work.recovery.customer_email, tools.email_from,
                          tools.links};
    std::string unfit;
    auto intent = TryCompose(addressing, head, ContextOf(work, head, order), unfit);
    if (!intent) co_return Result(LetterOutcome::kRefused, unfit);
    store::MailPermit permit =
        co_await store::IntendMail(tools.pool, work.task, work.recovery.id, std::move(*intent), now);
    if (permit.verdict == store::MailVerdict::kSuppressed)
        co_await store::MarkAddressSuppressed(tools.pool, merchant, work.recovery.id);
    LetterResult result = co_await FinishLetter(tools, merchant, std::move(permit));
    co_return result;
}

}  // namespace citadel::recovery

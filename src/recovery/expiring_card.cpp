#include "recovery/expiring_card.h"

#include <fmt/format.h>

#include "base/log.h"
#include "email/languages.h"
#include "recovery/card.h"
#include "recovery/write_letter.h"
#include "store/renewal_notices.h"

namespace citadel::recovery {

namespace asio = boost::asio;
using store::Settlement;

namespace {

std::string_view DisplayName(std::string_view brand) {
    static constexpr std::pair<std::string_view, std::string_view> kNames[] = {
        {"visa", "Visa"},         {"mastercard", "Mastercard"}, {"amex", "American Express"},
        {"discover", "Discover"}, {"diners", "Diners Club"},    {"jcb", "JCB"},
        {"unionpay", "UnionPay"}, {"cartes_bancaires", "CB"},   {"eftpos_au", "eftpos"}};
    for (const auto& [name, shown] : kNames) {
        if (name == brand) return shown;
    }
    return "";
}

// Why nobody has to be written to, from what is known here; empty: Stripe has to be asked.
std::string WhyNotToAsk(const store::Work& work, const store::RenewalNotice& notice, const Tools& tools) {
    if (!work.merchant.connected) return "the merchant's account is not connected";
    if (work.merchant.retry_mode == "observe") return "no letter: the merchant only watches";
    if (notice.recovery_open) return "no letter: a recovery of this customer is open";
    if (notice.renews_at <= tools.clock.Now()) return "no letter: the renewal has come";
    // Stripe's own page for a card lives for minutes, so the letter needs a link of ours.
    if (!tools.links.on()) return "no letter: PUBLIC_URL and TRACKING_SECRET are needed for its link";
    return "";
}

store::NoticedCard NoticedOf(const stripe::PaymentMethod& method) {
    return {CardOf(method).fingerprint, fmt::format("{:04}-{:02}", method.exp_year, method.exp_month)};
}

// The same, from what Stripe says now; empty: the letter is due.
std::string WhyNotToWrite(const store::RenewalNotice& notice, const stripe::LiveSubscription& live) {
    bool goes_on = live.status == "active" || live.status == "trialing";
    if (!goes_on) return fmt::format("no letter: the subscription is {}", live.status);
    if (live.collection_paused) return "no letter: the subscription's collection is paused";
    bool ends = live.cancel_at_period_end || (live.cancel_at && *live.cancel_at <= notice.renews_at);
    if (ends) return "no letter: the subscription will not renew";
    if (live.collection_method == "send_invoice") return "no letter: the renewal is not charged to a card";
    if (!live.method) return "no letter: there is no card";
    if (live.method->exp_month == 0) return "no letter: what pays has no expiry";
    if (!EndsBefore(*live.method, notice.renews_at)) return "no letter: the card is good for the renewal";
    if (live.customer_email.empty()) return "no letter: no address is known";
    auto card = NoticedOf(*live.method);
    // Another card than the one that this notice was about, and no better: one letter a notice is enough.
    bool same =
        notice.card.empty() || (card.fingerprint == notice.card && card.expires == notice.card_expires);
    if (!same) return "no letter: the card has been replaced since the last one";
    return "";
}

email::MailContext ContextOf(const store::RenewalNotice& notice, const stripe::LiveSubscription& live,
                             const store::Letterhead& head) {
    const auto& card = *live.method;
    auto brand = DisplayName(card.brand);
    email::MailContext context;
    context.kind = email::MailKind::kCardExpiring;
    context.locale = email::PickLocale(live.customer_locale, head.locale);
    context.timezone = ZoneOf(live.customer_country, head);
    context.customer_name = live.customer_name;
    context.amount = notice.due;
    context.card = fmt::format("{}{}•••• {}", brand, brand.empty() ? "" : " ", card.last4);
    context.card_expires = fmt::format("{:02}/{:04}", card.exp_month, card.exp_year);
    return context;
}

asio::awaitable<LetterResult> Write(const Tools& tools, const store::Work& work,
                                    const store::RenewalNotice& notice,
                                    const stripe::LiveSubscription& live) {
    MerchantKey merchant = work.task.merchant;
    auto kind = std::string(email::NameOf(email::MailKind::kCardExpiring));
    store::Letterhead head = co_await store::ReadLetterhead(tools.pool, merchant, kind, 1);
    Time now = tools.clock.Now();
    LetterResult result;
    result.again_at = AfterQuietHours(work.merchant, ZoneOf(live.customer_country, head), now);
    if (*result.again_at > now) {
        result.outcome = LetterOutcome::kPutOff;
        result.why = "it is a quiet hour there";
        co_return result;
    }
    Addressing addressing{merchant, notice.id, live.customer_email, tools.email_from, tools.links};
    auto intent = TryCompose(addressing, head, ContextOf(notice, live, head), result.why);
    if (!intent) {
        result.outcome = LetterOutcome::kRefused;
        co_return result;
    }
    store::NoticedCard card = NoticedOf(*live.method);
    store::MailPermit permit = co_await store::IntendNotice(tools.pool, work.task, notice.id, std::move(card),
                                                            std::move(*intent), now);
    result = co_await FinishLetter(tools, merchant, std::move(permit));
    co_return result;
}

Settlement SettleLetter(Settlement settlement, const store::Work& work, const Clock& clock,
                        const LetterResult& written) {
    switch (written.outcome) {
        case LetterOutcome::kSent:
            return Complete(std::move(settlement), "the customer was asked for a new card");
        case LetterOutcome::kRefused:
            return Complete(std::move(settlement), "the letter could not be sent: " + written.why);
        case LetterOutcome::kStopped: return Complete(std::move(settlement), written.why);
        case LetterOutcome::kTryLater:
            return Defer(std::move(settlement), work, clock, "the mail service is away");
        case LetterOutcome::kPutOff: break;
    }
    settlement.end = store::TaskEnd::kDeferred;
    settlement.run_again_at = written.again_at;
    settlement.result = written.why;
    return settlement;
}

// Nothing is (any more) to be written. A letter that a lost worker had intended is not left open for ever.
asio::awaitable<Settlement> LeaveAlone(const Tools& tools, Settlement settlement,
                                       const store::RenewalNotice& notice, std::string why) {
    if (notice.unsettled_mail) {
        co_await store::SettleMail(tools.pool, settlement.task.merchant, *notice.unsettled_mail, "",
                                   "it is not needed any more", tools.clock.Now());
    }
    Settlement ended = Complete(std::move(settlement), std::move(why));
    co_return ended;
}

bool IsForGood(const stripe::Failure& failure) {
    return failure.kind == stripe::FailureKind::kNotFound || failure.kind == stripe::FailureKind::kOutOfReach;
}

}  // namespace

bool EndsBefore(const stripe::PaymentMethod& card, Time renewal) {
    std::chrono::year_month last{std::chrono::year(card.exp_year),
                                 std::chrono::month(static_cast<unsigned>(card.exp_month))};
    if (!last.ok()) return false;
    return std::chrono::sys_days((last + std::chrono::months(1)) / std::chrono::day(1)) <= renewal;
}

asio::awaitable<Settlement> WarnOfExpiringCard(const Tools& tools, store::Work work) {
    Settlement settlement = BeginSettlement(work);
    auto notice = co_await store::ReadRenewalNotice(tools.pool, work.task);
    if (!notice) co_return Complete(std::move(settlement), "it is about nothing any more");
    auto why_not = WhyNotToAsk(work, *notice, tools);
    if (!why_not.empty()) {
        Settlement left = co_await LeaveAlone(tools, std::move(settlement), *notice, std::move(why_not));
        co_return left;
    }
    stripe::Client client = tools.stripe.For(work.merchant.account);
    auto read = co_await client.RetrieveSubscription(notice->subscription_id);
    tools.Reached("subscription_read");
    auto failure = std::get_if<stripe::Failure>(&read);
    if (failure) {
        why_not = fmt::format("the subscription could not be read: {} {}", stripe::NameOf(failure->kind),
                              failure->message);
        if (!IsForGood(*failure))
            co_return Defer(std::move(settlement), work, tools.clock, std::move(why_not));
    } else {
        why_not = WhyNotToWrite(*notice, std::get<stripe::LiveSubscription>(read));
    }
    if (!why_not.empty()) {
        Settlement left = co_await LeaveAlone(tools, std::move(settlement), *notice, std::move(why_not));
        co_return left;
    }
    const auto& live = std::get<stripe::LiveSubscription>(read);
    LetterResult written = co_await Write(tools, work, *notice, live);
    co_return SettleLetter(std::move(settlement), work, tools.clock, written);
}

}  // namespace citadel::recovery

#include "recovery/thanks.h"

#include "base/log.h"
#include "email/languages.h"
#include "recovery/compose.h"
#include "recovery/deliver.h"
#include "runtime/wake.h"

namespace citadel::recovery {

namespace asio = boost::asio;

asio::awaitable<void> Thanks::Run() {
    while (!stopping_) {
        try {
            co_await RunOnce();
        } catch (const std::exception& error) {
            log::Warn("thanks_failed", {{"error", error.what()}});
        }
        constexpr std::chrono::milliseconds kStep{250};
        for (std::chrono::milliseconds slept{0}; slept < options_.poll && !stopping_; slept += kStep) {
            co_await runtime::Sleep(kStep);
        }
    }
}

asio::awaitable<int> Thanks::RunOnce() {
    constexpr int kAtATime = 100;
    auto due =
        co_await store::FindThanksDueAcrossMerchants(pool_, clock_.Now() - options_.not_later_than, kAtATime);
    int sent = 0;
    for (auto& one : due) {
        if (stopping_) break;
        bool thanked = co_await Thank(std::move(one));
        if (thanked) ++sent;
    }
    co_return sent;
}

store::MailIntent Thanks::IntentOf(const store::ThanksDue& due, const store::Letterhead& head) const {
    email::MailContext context;
    context.kind = email::MailKind::kPaid;
    context.locale = email::PickLocale(due.locale, head.locale);
    context.timezone = head.timezone;
    context.customer_name = due.customer_name;
    context.amount = due.recovered;
    context.invoice_number = due.invoice_number.empty() ? due.invoice_id : due.invoice_number;
    context.update_url = due.hosted_invoice_url;
    Addressing addressing{due.merchant, due.recovery_id, due.customer_email, options_.email_from,
                          options_.links};
    return Compose(addressing, head, std::move(context));
}

asio::awaitable<bool> Thanks::Thank(store::ThanksDue due) {
    store::Letterhead head = co_await store::ReadLetterhead(pool_, due.merchant, "paid", 1);
    store::MailIntent intent;
    std::string unfit;
    try {
        intent = IntentOf(due, head);
    } catch (const email::BadMail& bad) {
        unfit = bad.what();
    }
    if (!unfit.empty()) {
        log::Warn("letter_not_written", {{"recovery", due.recovery_id}, {"error", unfit}});
        co_return false;
    }
    store::MailPermit permit =
        co_await store::IntendThanks(pool_, due.merchant, due.recovery_id, std::move(intent), clock_.Now());
    if (permit.verdict != store::MailVerdict::kStored || permit.mail.settled) co_return false;
    Delivered delivered = co_await Deliver(pool_, clock_, sender_, {}, due.merchant, std::move(permit.mail));
    co_return delivered.result == Delivered::Result::kSent;
}

}  // namespace citadel::recovery

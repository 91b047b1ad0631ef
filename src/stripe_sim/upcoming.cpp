#include "stripe_sim/upcoming.h"

#include "stripe_sim/calendar.h"
#include "stripe_sim/invoicing.h"

namespace citadel::stripe_sim {
namespace {

constexpr std::chrono::days kAhead{7};  // as Stripe does unless the merchant has chosen otherwise

bool WillBeCharged(const Subscription& subscription) {
    const auto& status = subscription.status;
    bool goes_on = status == "active" || status == "past_due" || status == "trialing";
    bool ends = subscription.cancel_at && *subscription.cancel_at <= subscription.period_end;
    return goes_on && !ends && subscription.renewals_left != 0 && subscription.collection_method == kCharge;
}

Invoice UpcomingInvoice(World& world, const Account& account, const Subscription& subscription) {
    Subscription next = subscription;
    next.status = "active";  // a trial is over by then
    next.period_start = subscription.period_end;
    const auto& recurring = *subscription.items.front().price->recurring;
    next.period_end = PeriodEnd(recurring, subscription.anchor, next.period_start);
    Invoice invoice = PreviewPeriod(account, next, "upcoming", subscription.period_start);
    invoice.created = world.Now();
    invoice.next_payment_attempt = subscription.period_end;
    return invoice;
}

}  // namespace

void TellUpcomingLater(World& world, Account& account, const Subscription& subscription) {
    auto renewal = subscription.period_end;
    if (renewal - kAhead <= world.Now()) return;
    world.At(renewal - kAhead, [&world, &account, id = subscription.id, renewal] {
        auto* due = account.subscriptions.Find(id);
        bool still = due && due->period_end == renewal && due->foretold != renewal && WillBeCharged(*due);
        if (!still) return;
        due->foretold = renewal;
        world.Emit(account, "invoice.upcoming", Keep(UpcomingInvoice(world, account, *due)));
    });
}

}  // namespace citadel::stripe_sim

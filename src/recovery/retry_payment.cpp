#include "recovery/retry_payment.h"

#include "base/log.h"
#include "recovery/attempts_of_others.h"
#include "recovery/card.h"
#include "recovery/charge.h"
#include "recovery/collector.h"
#include "recovery/plan.h"
#include "recovery/read_invoice.h"

namespace citadel::recovery {

namespace asio = boost::asio;
using store::Settlement;
using store::Work;

namespace {

// When this customer's renewals go through tells when he has money. Asked once; it helps the choice of a
// time and is not worth a delay.
asio::awaitable<void> AskForHistory(const Tools& tools, Work& work, Settlement& settlement) {
    if (work.recovery.paid_first_try || work.recovery.customer_id.empty()) co_return;
    stripe::Client client = tools.stripe.For(work.merchant.account);
    auto history = co_await client.ListPaidAtFirstTry(work.recovery.customer_id);
    if (auto failure = std::get_if<stripe::Failure>(&history)) {
        log::Debug("history_not_read", {{"recovery", work.recovery.id}, {"error", failure->message}});
        co_return;
    }
    work.recovery.paid_first_try = std::get<std::vector<Time>>(history);
    settlement.paid_first_try = work.recovery.paid_first_try;
}

// The recovery is open and none of its slots is in doubt: the next single step.
asio::awaitable<Settlement> TakeNextStep(const Tools& tools, Work work, Settlement settlement,
                                         stripe::LiveInvoice live) {
    auto unread = co_await BookAttemptsOfOthers(tools, work, live);
    if (unread) co_return SettleUnread(std::move(settlement), work, tools.clock, *unread);
    work.attempts = co_await store::ListAttempts(tools.pool, work.task.merchant, work.recovery.id);
    auto unsettled = co_await AgreeOnCollector(tools, work, settlement, live);
    if (unsettled) co_return *unsettled;
    co_await AskForHistory(tools, work, settlement);
    if (live.method) {
        auto card = CardOf(*live.method);
        settlement.card_fingerprint = card.fingerprint;
        settlement.card_network = card.network;
    }
    policy::DunningStep step = DecideStep(work, StateOf(tools, work, live), settlement);
    if (step.action == policy::DunningStep::Action::kCharge) {
        Settlement charged = co_await ChargeNow(tools, std::move(work), std::move(settlement),
                                                std::move(step), std::move(live));
        co_return charged;
    }
    Settlement acted = co_await Act(tools, std::move(work), std::move(settlement), std::move(step));
    co_return acted;
}

}  // namespace

asio::awaitable<Settlement> RetryPayment(const Tools& tools, Work work) {
    Settlement settlement = BeginSettlement(work);
    bool closed = work.recovery.status != "open";
    if (closed && !work.unsettled && work.recovery.wind_down.empty()) {
        co_return Complete(std::move(settlement), "the recovery is closed");
    }
    if (closed && !work.merchant.connected) {
        co_return Complete(std::move(settlement), "the recovery is closed and its account not connected");
    }
    if (!work.merchant.connected) {
        co_return Stop(std::move(settlement), "disconnected", "the merchant's account is not connected");
    }
    stripe::Client client = tools.stripe.For(work.merchant.account);
    auto read = co_await client.RetrieveInvoice(work.recovery.invoice_id);
    if (auto failure = std::get_if<stripe::Failure>(&read)) {
        co_return SettleUnread(std::move(settlement), work, tools.clock, *failure);
    }
    stripe::LiveInvoice live = std::get<stripe::LiveInvoice>(read);
    tools.Reached("invoice_read");
    Learn(settlement, live);
    Refresh(work, live, tools.clock.Now());
    settlement.budget_free_at = work.recovery.budget_free_at;
    if (work.unsettled) {
        Settlement resolved =
            co_await ResolveSlot(tools, std::move(work), std::move(settlement), std::move(live));
        co_return resolved;
    }
    auto ended = EndIfOver(settlement, work, live.invoice);
    if (ended) {
        if (closed) ended->wind_down = "";  // nothing is left to be done
        co_return *ended;
    }
    if (closed) {
        Settlement wound = co_await WindDown(tools, std::move(work), std::move(settlement), std::move(live));
        co_return wound;
    }
    Settlement stepped =
        co_await TakeNextStep(tools, std::move(work), std::move(settlement), std::move(live));
    co_return stepped;
}

}  // namespace citadel::recovery

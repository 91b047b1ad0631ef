#include "recovery/ask_customer.h"

#include "recovery/read_invoice.h"
#include "recovery/write_letter.h"

namespace citadel::recovery {

namespace asio = boost::asio;
using store::Settlement;

namespace {

// dunning_retry takes over and finds by itself what is due on which day.
Settlement HandOver(Settlement settlement, const Clock& clock, std::string result) {
    settlement.next_task_type = store::kDunningRetry;
    settlement.next_run_at = clock.Now();
    return Complete(std::move(settlement), std::move(result));
}

}  // namespace

asio::awaitable<Settlement> AskCustomer(const Tools& tools, store::Work work) {
    Settlement settlement = BeginSettlement(work);
    if (work.recovery.status != "open") co_return Complete(std::move(settlement), "the recovery is closed");
    if (!work.merchant.connected) {
        co_return Stop(std::move(settlement), "disconnected", "the merchant's account is not connected");
    }
    stripe::Client client = tools.stripe.For(work.merchant.account);
    auto read = co_await client.RetrieveInvoice(work.recovery.invoice_id);
    if (auto failure = std::get_if<stripe::Failure>(&read)) {
        co_return SettleUnread(std::move(settlement), work, tools.clock, *failure);
    }
    const auto& live = std::get<stripe::LiveInvoice>(read);
    Learn(settlement, live);
    Refresh(work, live, tools.clock.Now());
    settlement.needs_customer = true;
    auto ended = EndIfOver(settlement, work, live.invoice);
    if (ended) co_return *ended;
    if (work.merchant.retry_mode == "observe" || work.recovery.customer_email.empty()) {
        co_return HandOver(std::move(settlement), tools.clock, "no letter: none wanted, or no address known");
    }
    LetterOrder order;
    order.letter = policy::Letter::kActionRequired;
    LetterResult written = co_await WriteLetter(tools, work, order);
    switch (written.outcome) {
        case LetterOutcome::kTryLater:
            co_return Defer(std::move(settlement), work, tools.clock, "the mail service is away");
        case LetterOutcome::kStopped:
            co_return Defer(std::move(settlement), work, tools.clock, "a stop signal came first");
        case LetterOutcome::kPutOff:
            settlement.decisions.push_back({"wait", "mail.put_off", written.why, written.again_at});
            settlement.end = store::TaskEnd::kDeferred;
            settlement.run_again_at = written.again_at;
            settlement.result = written.why;
            co_return settlement;
        case LetterOutcome::kSent:
        case LetterOutcome::kRefused: break;
    }
    settlement.decisions.push_back({"write", "action_required.letter",
                                    "the bank wants the customer to confirm the payment", std::nullopt});
    auto result = written.outcome == LetterOutcome::kSent ? std::string("asked the customer to confirm")
                                                          : "the letter could not be sent: " + written.why;
    co_return HandOver(std::move(settlement), tools.clock, result);
}

}  // namespace citadel::recovery

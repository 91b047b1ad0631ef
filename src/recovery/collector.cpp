#include "recovery/collector.h"

#include "base/log.h"
#include "recovery/read_invoice.h"
#include "store/collection.h"

namespace citadel::recovery {

namespace asio = boost::asio;
using store::Settlement;
using store::Work;

namespace {

// One number for each time that the collector changed, so that a second run of the same change has its key.
std::string ChangeKey(MerchantKey merchant, std::int64_t recovery_id, int change, bool back) {
    return fmt::format("cit_collect_{}_{}_{}{}", merchant.id, recovery_id, change, back ? "_back" : "");
}

void TakeIn(Work& work, stripe::LiveInvoice& live, const stripe::Invoice& answer) {
    live.invoice.auto_advance = answer.auto_advance;
    live.invoice.next_payment_attempt = answer.next_payment_attempt;
    work.recovery.stripe_next_attempt_at = answer.next_payment_attempt;
}

// Whether doing it once more could help; if not, it is as done as it will ever be.
bool IsPassing(const stripe::Failure& failure) {
    return failure.kind != stripe::FailureKind::kNotFound && failure.kind != stripe::FailureKind::kInvalid &&
           failure.kind != stripe::FailureKind::kOutOfReach;
}

Settlement WoundDown(Settlement settlement, std::string what) {
    settlement.wind_down = "";
    settlement.decisions.push_back({"finish", "finish", what, std::nullopt});
    return Complete(std::move(settlement), std::move(what));
}

}  // namespace

asio::awaitable<std::optional<Settlement>> AgreeOnCollector(const Tools& tools, Work& work,
                                                            Settlement& settlement,
                                                            stripe::LiveInvoice& live) {
    std::optional<Settlement> ended;
    bool ours = work.merchant.retry_mode == "own";
    bool take = ours && live.invoice.auto_advance;
    bool give_back = !ours && work.recovery.auto_advance_taken;
    if (!take && !give_back) co_return ended;
    int change = work.recovery.collector_changes;
    if (take) {
        auto taken = co_await store::TakeCollection(tools.pool, work.task, work.recovery.id);
        if (!taken) {
            ended = Defer(std::move(settlement), work, tools.clock, "a stop signal came first");
            co_return ended;
        }
        change = *taken;
        tools.Reached("collection_intended");
    }
    stripe::Client client = tools.stripe.For(work.merchant.account);
    auto key = ChangeKey(work.task.merchant, work.recovery.id, change, give_back);
    auto outcome = co_await client.SetAutoAdvance(work.recovery.invoice_id, give_back, key);
    if (auto failure = std::get_if<stripe::Failure>(&outcome)) {
        ended = SettleUnread(std::move(settlement), work, tools.clock, *failure);
        co_return ended;
    }
    TakeIn(work, live, std::get<stripe::Invoice>(outcome));
    work.recovery.auto_advance_taken = take;
    settlement.given_back = give_back;
    settlement.stripe_next_attempt_at = live.invoice.next_payment_attempt;
    auto why = take ? "mode own: Stripe's own retries of this invoice are switched off"
                    : "mode " + work.merchant.retry_mode + ": Stripe collects this invoice by itself again";
    settlement.decisions.push_back({"collector", take ? "own.take" : "own.give_back", why, std::nullopt});
    co_return ended;
}

std::string WindDownOf(const Work& work) {
    bool watches = work.merchant.retry_mode == "observe";
    if (!watches && work.merchant.final_action == "uncollectible") return "uncollectible";
    if (!watches && work.merchant.final_action == "cancel") return "cancel";
    return work.recovery.auto_advance_taken ? "give_back" : "";
}

asio::awaitable<Settlement> WindDown(const Tools& tools, Work work, Settlement settlement,
                                     stripe::LiveInvoice live) {
    if (live.invoice.status != "open") {
        co_return WoundDown(std::move(settlement),
                            "nothing is left to do: the invoice is " + live.invoice.status);
    }
    stripe::Client client = tools.stripe.For(work.merchant.account);
    const auto& recovery = work.recovery;
    std::optional<stripe::Failure> failure;
    std::string done;
    if (recovery.wind_down == "give_back") {
        auto key = ChangeKey(work.task.merchant, recovery.id, recovery.collector_changes, true);
        auto outcome = co_await client.SetAutoAdvance(recovery.invoice_id, true, key);
        if (auto failed = std::get_if<stripe::Failure>(&outcome)) failure = *failed;
        settlement.given_back = true;
        done = "Stripe collects this invoice by itself again";
    } else if (recovery.wind_down == "uncollectible") {
        auto key = fmt::format("cit_final_{}_{}", work.task.merchant.id, recovery.id);
        auto outcome = co_await client.MarkUncollectible(recovery.invoice_id, key);
        if (auto failed = std::get_if<stripe::Failure>(&outcome)) failure = *failed;
        done = "final action: the invoice is marked uncollectible";
    } else if (!recovery.subscription_id.empty()) {
        failure = co_await client.CancelSubscription(recovery.subscription_id);
        done = "final action: the subscription is cancelled";
    }
    tools.Reached("wound_down");
    if (failure && IsPassing(*failure)) {
        settlement.given_back = false;
        co_return Defer(std::move(settlement), work, tools.clock,
                        "the final action failed: " + failure->message);
    }
    if (failure) done = "the final action was refused: " + failure->message;
    co_return WoundDown(std::move(settlement), std::move(done));
}

asio::awaitable<void> GiveBackAll(postgres::Pool& pool, const stripe::ClientFactory& stripe,
                                  MerchantKey merchant, std::string account) {
    stripe::Client client = stripe.For(std::move(account));
    for (const auto& taken : co_await store::ListTaken(pool, merchant)) {
        auto key = ChangeKey(merchant, taken.recovery_id, taken.change, true);
        auto outcome = co_await client.SetAutoAdvance(taken.invoice_id, true, key);
        if (auto failure = std::get_if<stripe::Failure>(&outcome)) {
            log::Warn(
                "collection_not_given_back",
                {{"merchant", merchant.id}, {"invoice", taken.invoice_id}, {"error", failure->message}});
            continue;
        }
        co_await store::MarkGivenBack(pool, merchant, taken.recovery_id);
    }
}

}  // namespace citadel::recovery

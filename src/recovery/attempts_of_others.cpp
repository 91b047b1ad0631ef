#include "recovery/attempts_of_others.h"

#include <algorithm>

namespace citadel::recovery {

namespace asio = boost::asio;

store::SeenCharge SeenOf(const stripe::Charge& charge) {
    store::SeenCharge seen;
    seen.charge_id = charge.id;
    seen.created = charge.created;
    seen.amount = charge.amount;
    seen.fingerprint = charge.fingerprint.empty() ? charge.payment_method : charge.fingerprint;
    seen.network = charge.brand;
    seen.decline = {charge.decline_code, charge.advice_code, charge.network_decline_code,
                    charge.network_advice_code};
    if (charge.succeeded) seen.outcome = store::AttemptOutcome::kSucceeded;
    else if (charge.reached_network) seen.outcome = store::AttemptOutcome::kDeclined;
    return seen;
}

asio::awaitable<std::optional<stripe::Failure>> BookAttemptsOfOthers(const Tools& tools, store::Work& work,
                                                                     const stripe::LiveInvoice& live) {
    std::optional<stripe::Failure> failure;
    const auto& payment = live.invoice.payment_intent;
    if (payment.empty() || live.latest_charge.empty() || live.latest_charge == work.recovery.charge_seen) {
        co_return failure;
    }
    stripe::Client client = tools.stripe.For(work.merchant.account);
    auto listed = co_await client.ListCharges(payment);
    if (auto failed = std::get_if<stripe::Failure>(&listed)) {
        failure = *failed;
        co_return failure;
    }
    std::vector<store::SeenCharge> seen;
    for (const auto& charge : std::get<std::vector<stripe::Charge>>(listed)) {
        seen.push_back(SeenOf(charge));
        work.recovery.last_seen_attempt_at = std::max(work.recovery.last_seen_attempt_at, charge.created);
    }
    co_await store::BookCharges(tools.pool, work.task.merchant, work.recovery.id, live.invoice.attempt_count,
                                std::move(seen), live.latest_charge);
    work.recovery.charge_seen = live.latest_charge;
    co_return failure;
}

}  // namespace citadel::recovery

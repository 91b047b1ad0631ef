#include "stripe_sim/payers.h"

#include <cmath>

#include "stripe_sim/page_actions.h"
#include "stripe_sim/settlement.h"

namespace citadel::stripe_sim {
namespace {

using std::chrono::minutes;

// From ten minutes to four days, evenly on a logarithmic scale: most act the same day or not at all.
Duration ReactionTime(Random& random) {
    double shortest = std::log(10.0), longest = std::log(4 * 24 * 60.0);
    return minutes(static_cast<std::int64_t>(std::exp(shortest + random.Unit() * (longest - shortest))));
}

void PaySoon(World& world, Account& account, const std::string& invoice, Time at) {
    world.At(at, [&world, &account, invoice] {
        PayOnHostedPage(world, account, *account.invoices.Find(invoice));
    });
}

}  // namespace

void LeaveLater(World& world, Account& account, const std::string& subscription, Time at) {
    world.At(at, [&world, &account, subscription] {
        auto& due = *account.subscriptions.Find(subscription);
        if (due.status == "canceled") return;
        Cause cause;
        cause.driver = Driver::kCustomer;
        CancelSubscription(world, account, due, {"cancellation_requested", "", "unused"}, cause);
    });
}

std::optional<Time> ReceiveMail(World& world, Account& account, const std::string& customer,
                                const std::string& invoice) {
    auto found = world.payers.find(customer);
    auto* about = account.invoices.Find(invoice);
    if (found == world.payers.end() || !about || about->status != "open") return std::nullopt;
    Payer& payer = *found->second;
    if (payer.acted) return std::nullopt;
    double fading = std::pow(0.7, payer.mails++);
    // Three draws each time, used or not, so that later mails find the same generator.
    double pays = payer.random.Unit(), leaves = payer.random.Unit();
    Time at = world.Now() + ReactionTime(payer.random);
    if (leaves < payer.leaving * fading) {
        payer.acted = true;
        LeaveLater(world, account, about->subscription, at);
        return at;
    }
    if (pays >= payer.willing * fading) return std::nullopt;
    payer.acted = true;
    PaySoon(world, account, invoice, at);
    return at;
}

std::string_view NameOf(Trouble trouble) {
    switch (trouble) {
        case Trouble::kNone: return "none";
        case Trouble::kNoFunds: return "no_funds";
        case Trouble::kCautiousBank: return "cautious_bank";
        case Trouble::kIssuerAway: return "issuer_away";
        case Trouble::kExpiredCard: return "expired_card";
        case Trouble::kLostCard: return "lost_card";
        case Trouble::kAuthentication: return "authentication";
        case Trouble::kGone: return "gone";
    }
    return "none";
}

}  // namespace citadel::stripe_sim

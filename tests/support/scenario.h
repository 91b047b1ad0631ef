// Weeks of dunning told day by day on a stage of one merchant and one payer.
#pragma once
#include <boost/json/object.hpp>

#include <string>

#include "inbox/sweep.h"
#include "support/stage.h"

namespace citadel::testing {

class Scenario {
  public:
    // A merchant with one payer whose subscription renews on day 0; the card answers as scripted. Stripe
    // tries by itself on the days of `stripe_schedule`.
    void Begin(const std::string& outcomes, const std::string& stripe_schedule = "[]",
               const std::string& retry_mode = "weave");
    // The same, `payers` times, before the engine hears of anything: every webhook is lost.
    void BeginUnheard(const std::string& outcomes, int payers = 1);
    // Lets all happen that is planned until that day (and hour).
    void PlayTo(int day, int hour = 0);

    // Changes the merchant's settings as his API does: columns of citadel.merchants, as in "set …".
    void MerchantSets(const std::string& assignments);
    // The merchant's own hand on the recovery: "charge it now".
    void MerchantCollectsNow();
    // The card network's updater, a default that changed, a card that was lost: docs/stripe-sim.md.
    void BankSays(const std::string& outcomes);
    // From now on no webhook arrives, ever.
    void WebhooksAreLost();
    void RefundSome(int amount);
    // The daily comparison with Stripe, at this moment.
    inbox::SweepResult Sweep();
    // A subscription that pins the card it has; the customer's default may change without it.
    void SubscriptionPinsItsCard();
    void CustomerMakesNewCardTheDefault();
    void CustomerPaysOnHostedPage();
    void CustomerEntersNewCard();
    void MerchantTakesAccessAway();
    void MerchantVoidsTheInvoice();

    // Lines such as "day 3: declined", oldest first.
    std::string Charges();
    // "day 0: payment_failed 1"
    std::string Letters();
    // driver and outcome of every attempt that is booked, oldest first
    std::string Attempts();
    // "driver outcome method" of every attempt at the bank since the first, from the simulator's ledger.
    std::string MethodsCharged();
    // auto_advance and status of the invoice, as Stripe has it.
    std::string InvoiceAtStripe();
    std::string Decisions();
    // status, reason, cause, amount recovered
    std::string Outcome();
    // failed, recovered, recovered amount, stopped, exhausted, attempts, letters over all days
    std::string Books();
    // "stripe day 0 09:00 declined": every attempt at the bank, whoever made it, from the simulator's ledger.
    std::string BankAttempts();
    // Every promise that the simulator and the books can judge.
    void ExpectNoPromiseBroken();

    Sql& sql() { return stage_.database().sql(); }

  private:
    void AddMerchant(const std::string& stripe_schedule, const std::string& retry_mode);
    void AddPayer(const std::string& outcomes);
    boost::json::object Api(const std::string& path, const std::string& form);
    std::string DayOf(const std::string& column) const;

    Stage stage_;
    std::string account_, customer_, subscription_, invoice_;
};

}  // namespace citadel::testing

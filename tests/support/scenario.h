// Engine, simulator and database in one process with one clock that is moved by hand: weeks of dunning
// told day by day. Real sockets, real SQL; only the time is played.
#pragma once
#include <boost/json/object.hpp>

#include <memory>
#include <string>

#include "app/demo_driver.h"
#include "app/engine.h"
#include "app/sim_remote.h"
#include "stripe_sim/simulator.h"
#include "support/test_database.h"

namespace citadel::testing {

class Scenario {
  public:
    Scenario();
    ~Scenario();

    // A merchant with one payer whose subscription renews on day 0; the card answers as scripted. Stripe
    // tries by itself on the days of `stripe_schedule`.
    void Begin(const std::string& outcomes, const std::string& stripe_schedule = "[]",
               const std::string& retry_mode = "weave");
    // Lets all happen that is planned until that day (and hour).
    void PlayTo(int day, int hour = 0);

    void CustomerPaysOnHostedPage();
    void CustomerEntersNewCard();
    void MerchantTakesAccessAway();
    void MerchantVoidsTheInvoice();

    // Lines such as "day 3: declined", oldest first.
    std::string Charges();
    // "day 0: payment_failed 1"
    std::string Letters();
    // status, reason, cause, amount recovered
    std::string Outcome();
    // failed, recovered, recovered amount, stopped, exhausted, attempts, letters over all days
    std::string Books();
    // "stripe day 0 09:00 declined": every attempt at the bank, whoever made it, from the simulator's ledger.
    std::string BankAttempts();
    // Every promise that the simulator and the books can judge.
    void ExpectNoPromiseBroken();

    Sql& sql() { return database_.sql(); }

  private:
    boost::json::object Tell(const std::string& path, boost::json::object body);
    void Api(const std::string& path, const std::string& form);
    std::string DayOf(const std::string& column) const;

    Time start_;
    TestDatabase database_;
    boost::asio::io_context io_{1};
    app::Config config_;
    ManualClock* clock_;
    std::unique_ptr<stripe_sim::Simulator> simulator_;
    std::unique_ptr<app::Engine> engine_;
    std::unique_ptr<http::Client> http_;
    std::unique_ptr<app::SimRemote> remote_;
    std::unique_ptr<app::DemoDriver> driver_;
    bool simulator_ended_ = false;
    std::string account_, customer_, invoice_;
};

}  // namespace citadel::testing

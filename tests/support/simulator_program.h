// The Stripe simulator as a process of its own, and its control API (docs/stripe-sim.md) as blocking
// calls. Its clock stands still until it is set.
#pragma once
#include <boost/json/object.hpp>

#include <memory>
#include <string>

#include "base/clock.h"
#include "support/program.h"
#include "support/test_database.h"

namespace citadel::testing {

class SimulatorProgram {
  public:
    explicit SimulatorProgram(Time now);

    const std::string& base() const { return base_; }
    Time now() const { return now_; }

    boost::json::object Ask(const std::string& path);
    boost::json::object Tell(const std::string& path, const boost::json::object& body);
    // A call of Stripe's API by the merchant of `account`; `form` as it is sent.
    boost::json::object Api(const std::string& method, const std::string& path, const std::string& account,
                            const std::string& form = {});

    // Webhooks go there from now on.
    void SendWebhooksTo(Program& engine);
    void SetClock(Time now);
    void WaitUntilNothingIsDue();

    // A connected account that is also a merchant of the engine. Stripe does not retry by itself there
    // unless `schedule` names days.
    std::string AddMerchant(Sql& sql, const std::string& retry_mode = "weave",
                            const std::string& schedule = "[]");
    struct Payer {
        std::string customer;
        std::string subscription;
    };
    // Its card answers as scripted, the renewal's own charge first: R"(["insufficient_funds","approve"])".
    Payer AddPayer(const std::string& account, const std::string& name, const std::string& outcomes);
    // Renews now; the id of the invoice.
    std::string Renew(const Payer& payer);

    std::int64_t Verdict(const std::string& member);  // of /_sim/check
    // All charge attempts, whoever made them: "driver outcome key" a line, oldest first.
    std::string Attempts(const std::string& invoice);

  private:
    std::unique_ptr<Program> program_;
    std::string base_;
    Time now_;
};

// Until no task is running and none is due at `now`; throws after a minute.
void WaitUntilIdle(Sql& sql, Time now);

}  // namespace citadel::testing

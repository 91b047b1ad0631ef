#include "stripe_sim/simulator.h"

#include "stripe_sim/payers.h"
#include "stripe_sim/test_rig.h"

namespace citadel::stripe_sim {
namespace {

// Steps the clock from event to event, as `citadel demo` does, until nothing is left to come.
void PlayToTheEnd(Rig& rig) {
    while (true) {
        rig.Settle();
        auto next = rig.Sim("state").at("nextEventAt");
        if (next.is_null()) return;
        rig.clock.Set(*ParseTime(next.as_string()));
    }
}

TEST(SimulatorTest, Month_PlaysFromPopulationToVerdict) {
    Rig rig;
    auto made = rig.Sim("populate", R"({"merchants":4,"customers":15,"days":30,"seed":3,"failureRate":0.5})");
    ASSERT_EQ(made.at("accounts").as_array().size(), 4u);
    EXPECT_EQ(made.at("accounts").at(0).at("apiVersion"), json::value(kNewVersion));
    EXPECT_EQ(made.at("accounts").at(1).at("apiVersion"), json::value(kOldVersion));
    PlayToTheEnd(rig);
    auto check = rig.Sim("check");
    auto failed = check.at("invoicesFailed").as_int64();
    EXPECT_GT(failed, 15);
    EXPECT_GT(check.at("invoicesRecovered").as_int64(), 0);
    EXPECT_LT(check.at("invoicesRecovered").as_int64(), failed);
    EXPECT_TRUE(check.at("violations").as_array().empty());
    EXPECT_EQ(check.at("webhooksUndelivered"), 0);
    EXPECT_EQ(check.at("failedRenewalsUnannounced"), 0);
    EXPECT_EQ(rig.Sim("acknowledged").at("acknowledged").as_array().size(), rig.received.size());
    EXPECT_EQ(rig.Received("invoice.paid").size(), 60 - failed + check.at("invoicesRecovered").as_int64());
}

TEST(SimulatorTest, State_TellsWhatIsDueAndWhatComesNext) {
    Rig rig;
    auto made = rig.Prepare(R"(["insufficient_funds"])", R"({"retrySchedule":[3]})");
    rig.Renew(made);
    auto state = rig.Sim("state");
    EXPECT_EQ(state.at("now"), "2026-01-01T00:00:00Z");
    EXPECT_EQ(state.at("nextEventAt"), "2026-01-04T00:00:00Z");
    EXPECT_FALSE(state.at("dueNow").as_bool());
    rig.clock.Set(*ParseTime("2026-01-04T00:00:00Z"));
    EXPECT_TRUE(rig.Sim("wake", "{}").at("dueNow").as_bool());
}

TEST(SimulatorTest, Clock_IsSetForwardOnly) {
    Rig rig;
    EXPECT_EQ(rig.Sim("clock", R"({"now":"2026-02-01T00:00:00Z"})").at("now"), "2026-02-01T00:00:00Z");
    http::Call back;
    back.method = "POST";
    back.url = "/_sim/clock";
    back.body = R"({"now":"2026-01-01T00:00:00Z"})";
    EXPECT_EQ(rig.Send(back).status, 400);
}

TEST(SimulatorTest, ControlApi_RefusesWhatItCannotRead) {
    Rig rig;
    http::Call call;
    call.method = "POST";
    call.url = "/_sim/customers";
    for (auto body : {"{", "[]", R"({"paymentMethod":"pm_card_unknown"})", R"({"outcomes":["maybe"]})",
                      R"({"name":7})", R"({"account":"acct_none"})"}) {
        call.body = body;
        EXPECT_EQ(rig.Send(call).status, 400) << body;
    }
    call.url = "/_sim/nothing";
    EXPECT_EQ(rig.Send(call).status, 404);
}

TEST(SimulatorTest, FastClock_RunsByItself) {
    boost::asio::io_context io;
    FastClock clock(StartOfYear(), 86'400.0 * 10);  // ten days a second
    Simulator simulator(io, clock, SimulatorOptions());
    simulator.Listen();
    PopulationPlan plan;
    plan.customers = 20;
    plan.days = 3;
    plan.failure_rate = 0;
    auto& account = *Populate(simulator.world(), plan).front();
    bool ended = false;
    boost::asio::co_spawn(io, simulator.Run(), [&](std::exception_ptr) { ended = true; });
    while (account.invoices.all().size() < 20) io.run_one();
    simulator.Stop();
    while (!ended) io.run_one();
    EXPECT_EQ(account.invoices.all().size(), 20u);
}

}  // namespace
}  // namespace citadel::stripe_sim

#include "stripe_sim/request_log.h"

#include "stripe_sim/test_rig.h"

namespace citadel::stripe_sim {
namespace {

TEST(RequestLogTest, OldestRequests_AreForgottenWhenThereAreTooMany) {
    RequestLog log;
    for (std::size_t i = 0; i < RequestLog::kKept + 5; ++i) log.Add({});
    EXPECT_EQ(log.records().size(), RequestLog::kKept);
    EXPECT_EQ(log.forgotten(), 5u);
    EXPECT_EQ(log.records().front().number, 6u);
}

class RequestLogOnTheWire : public testing::Test {
  protected:
    json::array Requests(const std::string& query = {}) {
        return rig.Sim("requests" + query).at("requests").as_array();
    }
    Rig rig;
};

TEST_F(RequestLogOnTheWire, TellsWhatEachCallChanged) {
    auto made = rig.Prepare(R"(["insufficient_funds","approve"])");
    auto invoice = rig.Renew(made);
    rig.Get("/v1/invoices/" + invoice);
    rig.Post("/v1/invoices/" + invoice + "/pay", "", "slot-1");
    rig.Post("/v1/invoices/" + invoice + "/pay", "", "slot-1");
    auto requests = Requests();
    ASSERT_EQ(requests.size(), 2u);
    const auto& first = requests[0].as_object();
    EXPECT_EQ(first.at("idempotencyKey"), "slot-1");
    EXPECT_EQ(first.at("account"), json::value(made.account));
    EXPECT_EQ(first.at("replayed"), false);
    const auto& changed = first.at("changed").as_array();
    EXPECT_NE(std::ranges::find(changed, json::value(invoice)), changed.end());
    EXPECT_NE(std::ranges::find(changed, json::value(made.subscription)), changed.end());
    EXPECT_EQ(requests[1].at("replayed"), true);
    EXPECT_TRUE(requests[1].at("changed").as_array().empty());
    EXPECT_EQ(Requests("?object=" + invoice).size(), 1u);
}

TEST_F(RequestLogOnTheWire, RefusedCalls_AreThereWithoutEffect) {
    rig.Post("/v1/customers", "nonsense=1");
    auto requests = Requests();
    ASSERT_EQ(requests.size(), 1u);
    EXPECT_EQ(requests[0].at("status"), 400);
    EXPECT_TRUE(requests[0].at("changed").as_array().empty());
}

TEST_F(RequestLogOnTheWire, PagesInOrder) {
    for (int i = 0; i < 5; ++i) rig.Post("/v1/customers", "name=x");
    auto page = rig.Sim("requests?limit=2&after=1");
    EXPECT_EQ(page.at("hasMore"), true);
    EXPECT_EQ(page.at("requests").at(0).at("number"), 2);
    EXPECT_EQ(page.at("requests").at(1).at("number"), 3);
    EXPECT_EQ(rig.Sim("requests?limit=2&after=3").at("hasMore"), false);
    EXPECT_EQ(Requests("?path=/v1/invoices").size(), 0u);
    EXPECT_EQ(Requests("?path=/v1/customers&method=POST").size(), 5u);
}

}  // namespace
}  // namespace citadel::stripe_sim

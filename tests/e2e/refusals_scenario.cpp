// What a merchant's own calls are refused for by the state that they meet, through the program itself: the
// plan's places are taken, the card's network allows no try, the task is in a worker's hands.
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "support/connected_engine.h"

namespace citadel::testing {
namespace {

namespace json = boost::json;

constexpr const char* kUser = "user_a";

// One open recovery whose next step is a year away, so that no worker comes between.
constexpr const char* kRecovery = R"sql(
with one as (
    insert into citadel.recoveries (bucket, merchant_id, invoice_id, customer_id, subscription_id, status, currency,
        amount_due, policy, first_failed_at, opened_at)
    select bucket, merchant_id, 'in_1', 'cus_1', 'sub_1', 'open', 'usd', 2000, 'classic/1', '2026-01-01', '2026-01-01'
    from citadel.merchants
    returning bucket, merchant_id, recovery_id
)
insert into citadel.scheduled_tasks (bucket, merchant_id, task_type, status, run_at, recovery_id, created_at)
select bucket, merchant_id, 'dunning_retry', 'pending', '2027-01-01', recovery_id, '2026-01-01' from one)sql";

class Refusals : public ::testing::Test {
  protected:
    Refusals() {
        EXPECT_EQ(world.Connect(kUser, world.NewAccount()), "connected=true");
        world.sql().Run("update citadel.merchants set tier = 'HOBBY'");
        world.sql().Run(kRecovery);
        recovery = world.sql().Text("select recovery_id from citadel.recoveries");
        task = world.sql().Text("select task_id from citadel.scheduled_tasks where recovery_id is not null");
    }

    // "409 task_running"
    std::string Verdict(const std::string& method, const std::string& path, const std::string& body = "") {
        last = world.Call(method, path, kUser, body, {{"Content-Type", "application/json"}});
        auto problem = json::parse(last.body);
        auto code = problem.as_object().if_contains("code");
        return std::to_string(last.status) + " " + (code ? std::string(code->as_string()) : "");
    }
    std::string State() {
        return world.sql().Lines(
                   "select status, run_at, tries from citadel.scheduled_tasks order by task_id") +
               world.sql().Lines("select status, collect_now_at from citadel.recoveries");
    }

    ConnectedEngine world;
    std::string recovery;
    std::string task;
    http::Answer last;
};

TEST_F(Refusals, ATaskBeyondThePlansPlaces_IsToldToComeLater) {
    world.sql().Run("update citadel.plans set queue_limit = 1 where tier = 'HOBBY'");
    auto before = State();
    auto body = R"({"taskType":"notify_action_required","recoveryId":")" + recovery + "\"}";
    EXPECT_EQ(Verdict("POST", "/api/tasks", body), "429 queue_limit");
    EXPECT_EQ(last.header("Retry-After"), "60");
    EXPECT_EQ(State(), before);
    world.sql().Run("update citadel.plans set queue_limit = 2 where tier = 'HOBBY'");
    EXPECT_EQ(Verdict("POST", "/api/tasks", body), "201 ");
}

TEST_F(Refusals, AChargeThatTheNetworkForbidsForNow_IsNotBegun) {
    world.sql().Run("update citadel.recoveries set budget_free_at = '2026-01-09'");
    auto before = State();
    EXPECT_EQ(Verdict("POST", "/api/recoveries/" + recovery + "/retry"), "409 network_limit");
    EXPECT_EQ(State(), before);
    world.sql().Run("update citadel.recoveries set budget_free_at = '2025-12-31'");
    EXPECT_EQ(Verdict("POST", "/api/recoveries/" + recovery + "/retry"), "200 ");
}

TEST_F(Refusals, ATaskInAWorkersHands_IsNeitherDeletedNorBegunAnew) {
    world.sql().Run(
        "update citadel.scheduled_tasks set status = 'running', lease_token = gen_random_uuid(), "
        "lease_expires_at = '2027-01-01' where task_id = " +
        task);
    auto before = State();
    EXPECT_EQ(Verdict("DELETE", "/api/tasks/" + task), "409 task_running");
    EXPECT_EQ(Verdict("POST", "/api/tasks/" + task + "/retry"), "409 task_running");
    EXPECT_EQ(State(), before);
}

}  // namespace
}  // namespace citadel::testing

#include "crypto/hmac.h"
#include "stripe_sim/test_rig.h"

namespace citadel::stripe_sim {
namespace {

std::string SignedWith(const std::string& secret, const http::Request& request) {
    std::string header(request.header("Stripe-Signature"));
    auto time = header.substr(2, header.find(',') - 2);
    return "t=" + time + ",v1=" + crypto::HmacSha256Hex(secret, time + "." + request.body);
}

std::int64_t SignedAt(const http::Request& request) {
    return std::stoll(std::string(request.header("Stripe-Signature").substr(2)));
}

TEST(WebhooksTest, ConnectedAccountsEvent_IsSignedWithTheConnectSecret) {
    Rig rig;
    auto made = rig.Prepare(R"(["insufficient_funds"])");
    auto invoice = rig.Renew(made);
    auto told = rig.Received("invoice.payment_failed");
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].header("Stripe-Signature"), SignedWith("whsec_connect", told[0]));
    auto event = json::parse(told[0].body);
    EXPECT_EQ(event.at("account"), json::value(made.account));
    EXPECT_EQ(event.at("data").at("object").at("id"), json::value(invoice));
    EXPECT_EQ(event.at("data").at("object").at("attempt_count"), 1);
    EXPECT_EQ(event.at("request").at("idempotency_key"), nullptr);
}

TEST(WebhooksTest, PlatformsOwnEvent_IsSignedWithItsSecretAndNamesNoAccount) {
    Rig rig;
    auto customer = Rig::Text(Parsed(rig.Post("/v1/customers", "name=Shop")), "id");
    rig.Sim("subscriptions", R"({"customer":")" + customer + R"(","metadata":{"citadel_merchant_id":"7"}})");
    rig.Settle();
    auto told = rig.Received("customer.subscription.created");
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].header("Stripe-Signature"), SignedWith("whsec_platform", told[0]));
    auto event = json::parse(told[0].body).as_object();
    EXPECT_FALSE(event.contains("account"));
    EXPECT_EQ(event.at("data").at("object").at("metadata").at("citadel_merchant_id"), "7");
}

TEST(WebhooksTest, OldAccount_GetsTheOldShape) {
    Rig rig;
    rig.Renew(rig.Prepare(R"(["insufficient_funds"])", R"({"apiVersion":"2025-02-24.acacia"})"));
    auto told = rig.Received("invoice.payment_failed");
    ASSERT_EQ(told.size(), 1u);
    auto event = json::parse(told[0].body);
    EXPECT_EQ(event.at("api_version"), json::value(kOldVersion));
    EXPECT_TRUE(event.at("data").at("object").as_object().contains("payment_intent"));
}

TEST(WebhooksTest, FailedDelivery_ComesAgainSignedAfresh) {
    Rig rig;
    rig.receiver_status = 500;
    rig.Renew(rig.Prepare(R"(["insufficient_funds"])"));
    EXPECT_EQ(rig.Received("invoice.payment_failed").size(), 1u);
    EXPECT_GT(rig.Sim("check").at("webhooksUndelivered").as_int64(), 0);
    EXPECT_EQ(rig.Sim("check").at("failedRenewalsUnannounced"), 1);
    rig.receiver_status = 200;
    rig.Advance(std::chrono::seconds(59));
    EXPECT_EQ(rig.Received("invoice.payment_failed").size(), 1u);
    rig.Advance(std::chrono::seconds(1));
    auto told = rig.Received("invoice.payment_failed");
    ASSERT_EQ(told.size(), 2u);
    EXPECT_EQ(SignedAt(told[1]) - SignedAt(told[0]), 60);
    EXPECT_EQ(told[1].header("Stripe-Signature"), SignedWith("whsec_connect", told[1]));
    EXPECT_EQ(json::parse(told[0].body), json::parse(told[1].body));
    EXPECT_EQ(rig.Sim("check").at("webhooksUndelivered"), 0);
    EXPECT_EQ(rig.Sim("check").at("failedRenewalsUnannounced"), 0);
}

TEST(WebhooksTest, Delivery_IsGivenUpAfterThreeDays) {
    Rig rig;
    rig.receiver_status = 500;
    auto customer = rig.Post("/v1/customers", "name=Shop");
    rig.Sim("subscriptions", R"({"customer":")" + Rig::Text(Parsed(customer), "id") + R"("})");
    rig.Settle();
    for (int hour = 0; hour < 80; ++hour) rig.Advance(std::chrono::hours(1));
    auto tries = rig.received.size();
    EXPECT_GE(tries, 8u);
    EXPECT_EQ(rig.Sim("state").at("webhooksPending"), 0);
    EXPECT_EQ(rig.Sim("check").at("webhooksUndelivered"), 1);
}

TEST(WebhooksTest, LostDuplicatedAndForgotten_AsTheFaultsSay) {
    Rig rig;
    auto made = rig.Prepare(R"(["insufficient_funds"])");
    rig.Settle();
    rig.Sim("faults", R"({"webhooks":{"lose":1}})");
    rig.received.clear();
    rig.Renew(made);
    EXPECT_TRUE(rig.received.empty());
    rig.Sim("faults", R"({"webhooks":{"lose":0}})");
    rig.Advance(std::chrono::minutes(1));
    EXPECT_EQ(rig.Received("invoice.payment_failed").size(), 1u);
    rig.Sim("faults", R"({"webhooks":{"duplicate":1}})");
    rig.Renew(made);
    EXPECT_EQ(rig.Received("invoice.payment_failed").size(), 3u);
    rig.Sim("faults", R"({"clear":true,"webhooks":{"loseForEver":1}})");
    rig.Renew(made);
    rig.Advance(std::chrono::hours(24));
    EXPECT_EQ(rig.Received("invoice.payment_failed").size(), 3u);
}

TEST(WebhooksTest, EventCausedByACall_CarriesItsKey) {
    Rig rig;
    auto invoice = rig.Renew(rig.Prepare(R"(["insufficient_funds","approve"])"));
    rig.Post("/v1/invoices/" + invoice + "/pay", "", "slot-9");
    rig.Settle();
    auto told = rig.Received("invoice.paid");
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(json::parse(told[0].body).at("request").at("idempotency_key"), "slot-9");
}

TEST(WebhooksTest, EventList_TellsWhatIsStillPending) {
    Rig rig;
    rig.receiver_status = 503;
    rig.Renew(rig.Prepare(R"(["insufficient_funds"])"));
    auto pending = Parsed(rig.Get("/v1/events?type=invoice.payment_failed&delivery_success=false"));
    EXPECT_EQ(pending.at("data").as_array().size(), 1u);
    rig.receiver_status = 200;
    rig.Advance(std::chrono::minutes(1));
    pending = Parsed(rig.Get("/v1/events?type=invoice.payment_failed&delivery_success=false"));
    EXPECT_TRUE(pending.at("data").as_array().empty());
}

}  // namespace
}  // namespace citadel::stripe_sim

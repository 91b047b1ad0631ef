#include "crypto/hmac.h"
#include "stripe_sim/test_rig.h"

namespace citadel::stripe_sim {
namespace {

// The requests at `path` of the receiver, of one event type.
std::vector<http::Request> At(const Rig& rig, std::string_view path, std::string_view type) {
    auto found = rig.Received(type);
    std::erase_if(found, [&](const http::Request& request) { return request.path != path; });
    return found;
}

// The address of the receiver.
std::string HookOf(Rig& rig) {
    auto listed = Parsed(rig.Get("/v1/webhook_endpoints")).at("data").as_array();
    auto url = std::string(listed.back().at("url").as_string());
    return url.substr(0, url.rfind('/'));
}

// Makes an endpoint at `path` of the receiver.
json::object AddEndpoint(Rig& rig, const std::string& base, const std::string& path,
                         const std::string& more) {
    auto answer = rig.Post("/v1/webhook_endpoints", "url=" + base + path + "&" + more);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return Parsed(answer);
}

bool SignedBy(const std::string& secret, const http::Request& request) {
    std::string header(request.header("Stripe-Signature"));
    auto time = header.substr(2, header.find(',') - 2);
    return header.find("v1=" + crypto::HmacSha256Hex(secret, time + "." + request.body)) != std::string::npos;
}

json::value EventIn(const http::Request& request) { return json::parse(request.body); }

TEST(EndpointsTest, Secret_IsShownOnceAtCreation) {
    Rig rig;
    auto made = AddEndpoint(rig, "http://127.0.0.1:1", "/x", "enabled_events[]=*&description=mine");
    auto secret = Rig::Text(made, "secret");
    EXPECT_TRUE(secret.starts_with("whsec_"));
    auto again = Parsed(rig.Get("/v1/webhook_endpoints/" + Rig::Text(made, "id")));
    EXPECT_FALSE(again.contains("secret"));
    EXPECT_EQ(again.at("status"), "enabled");
    EXPECT_EQ(again.at("description"), "mine");
    EXPECT_EQ(again.at("application"), nullptr);
    EXPECT_EQ(again.at("api_version"), nullptr);
}

TEST(EndpointsTest, CommandLinesEndpoints_AreListedAsTheFirstTwo) {
    Rig rig;
    auto listed = Parsed(rig.Get("/v1/webhook_endpoints")).at("data").as_array();
    ASSERT_EQ(listed.size(), 2u);
    EXPECT_TRUE(listed[0].at("application").is_string());
    EXPECT_EQ(listed[1].at("application"), nullptr);
}

TEST(EndpointsTest, EachEvent_GoesToEveryEndpointThatWantsIt) {
    Rig rig;
    auto base = HookOf(rig);
    AddEndpoint(rig, base, "/all", "enabled_events[]=*");
    AddEndpoint(rig, base, "/some", "enabled_events[]=customer.deleted&enabled_events[]=customer.created");
    AddEndpoint(rig, base, "/other", "enabled_events[]=invoice.paid");
    AddEndpoint(rig, base, "/connect", "enabled_events[]=*&connect=true");
    rig.Post("/v1/customers", "name=Shop");
    rig.Settle();
    EXPECT_EQ(At(rig, "/all", "customer.created").size(), 1u);
    EXPECT_EQ(At(rig, "/some", "customer.created").size(), 1u);
    EXPECT_EQ(rig.Received("customer.created").size(), 2u);
}

TEST(EndpointsTest, ConnectedAccountsEvent_ReachesItsOwnEndpointWithoutAndThePlatformsWithAccount) {
    Rig rig;
    auto base = HookOf(rig);
    AddEndpoint(rig, base, "/connect", "enabled_events[]=*&connect=true");
    AddEndpoint(rig, base, "/platform", "enabled_events[]=*");
    rig.Prepare("[]");
    AddEndpoint(rig, base, "/own", "enabled_events[]=*");
    rig.Post("/v1/customers", "name=Payer");
    rig.Settle();
    auto connect = At(rig, "/connect", "customer.created"), own = At(rig, "/own", "customer.created");
    ASSERT_EQ(own.size(), 1u);
    ASSERT_FALSE(connect.empty());
    EXPECT_EQ(EventIn(connect.back()).at("account"), json::value(rig.account));
    EXPECT_FALSE(EventIn(own[0]).as_object().contains("account"));
    EXPECT_TRUE(At(rig, "/platform", "customer.created").empty());
}

TEST(EndpointsTest, OwnVersionOfTheEndpoint_ShapesItsEvents) {
    Rig rig;
    auto base = HookOf(rig);
    AddEndpoint(rig, base, "/old", "connect=true&enabled_events[]=*&api_version=2025-02-24.acacia");
    AddEndpoint(rig, base, "/new", "connect=true&enabled_events[]=*");
    rig.Renew(rig.Prepare(R"(["approve"])"));
    auto old_told = At(rig, "/old", "invoice.paid"), told = At(rig, "/new", "invoice.paid");
    ASSERT_EQ(old_told.size(), 1u);
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(EventIn(old_told[0]).at("api_version"), json::value(kOldVersion));
    EXPECT_TRUE(EventIn(old_told[0]).at("data").at("object").as_object().contains("payment_intent"));
    EXPECT_EQ(EventIn(told[0]).at("api_version"), json::value(kNewVersion));
    EXPECT_FALSE(EventIn(told[0]).at("data").at("object").as_object().contains("payment_intent"));
    EXPECT_EQ(At(rig, "/new", "invoice_payment.paid").size(), 1u);
    EXPECT_TRUE(At(rig, "/old", "invoice_payment.paid").empty()) << "the old version does not know it";
}

TEST(EndpointsTest, RolledSecret_SignsBesideTheOldOneForItsTime) {
    Rig rig;
    auto made = AddEndpoint(rig, HookOf(rig), "/rolled", "enabled_events[]=customer.created");
    auto id = Rig::Text(made, "id"), old_secret = Rig::Text(made, "secret");
    auto rolled = rig.Sim("roll-secret", R"({"endpoint":")" + id + R"(","hours":2})");
    auto secret = Rig::Text(rolled, "secret");
    rig.Post("/v1/customers", "name=During");
    rig.Settle();
    rig.Advance(std::chrono::hours(2));
    rig.Post("/v1/customers", "name=After");
    rig.Settle();
    auto told = At(rig, "/rolled", "customer.created");
    ASSERT_EQ(told.size(), 2u);
    EXPECT_TRUE(SignedBy(secret, told[0]) && SignedBy(old_secret, told[0]));
    EXPECT_TRUE(SignedBy(secret, told[1]) && !SignedBy(old_secret, told[1]));
}

TEST(EndpointsTest, PendingWebhooks_CountsEndpointsThatHaveNotAcknowledged) {
    Rig rig;
    auto base = HookOf(rig);
    AddEndpoint(rig, base, "/one", "enabled_events[]=customer.created");
    AddEndpoint(rig, "http://127.0.0.1:1", "/nobody", "enabled_events[]=customer.created");
    rig.Post("/v1/customers", "name=Shop");
    auto event = [&] {
        return Parsed(rig.Get("/v1/events?type=customer.created")).at("data").as_array().at(0).as_object();
    };
    rig.Settle();
    EXPECT_EQ(At(rig, "/one", "customer.created").size(), 1u);
    EXPECT_EQ(event().at("pending_webhooks"), 1);
    EXPECT_EQ(EventIn(At(rig, "/one", "customer.created")[0]).at("id"), event().at("id"));
}

TEST(EndpointsTest, DisabledOrDeleted_GetsNothingMoreAndNoRetries) {
    Rig rig;
    auto base = HookOf(rig);
    auto disabled = Rig::Text(AddEndpoint(rig, base, "/disabled", "enabled_events[]=*"), "id");
    auto deleted = Rig::Text(AddEndpoint(rig, base, "/deleted", "enabled_events[]=*"), "id");
    rig.receiver_status = 500;
    rig.Post("/v1/customers", "name=Shop");
    rig.Settle();
    EXPECT_EQ(rig.Received("customer.created").size(), 2u);
    EXPECT_EQ(Parsed(rig.Post("/v1/webhook_endpoints/" + disabled, "disabled=true")).at("status"),
              "disabled");
    auto gone = Parsed(rig.Send(rig.ApiCallTo("DELETE", "/v1/webhook_endpoints/" + deleted)));
    EXPECT_EQ(gone.at("deleted"), true);
    rig.receiver_status = 200;
    rig.Post("/v1/customers", "name=Shop 2");
    rig.Advance(std::chrono::hours(24));
    EXPECT_EQ(rig.Received("customer.created").size(), 2u);
    EXPECT_EQ(rig.Sim("state").at("webhooksPending"), 0);
    EXPECT_EQ(rig.Get("/v1/webhook_endpoints/" + deleted).status, 404);
}

TEST(EndpointsTest, ResentEvent_ComesOnceMore) {
    Rig rig;
    auto id = Rig::Text(AddEndpoint(rig, HookOf(rig), "/x", "enabled_events[]=customer.created"), "id");
    rig.Post("/v1/customers", "name=Shop");
    rig.Settle();
    auto event = Rig::Text(EventIn(At(rig, "/x", "customer.created").at(0)).as_object(), "id");
    EXPECT_EQ(rig.Post("/v1/events/" + event + "/retry", "webhook_endpoint=" + id).status, 200);
    rig.Settle();
    EXPECT_EQ(At(rig, "/x", "customer.created").size(), 2u);
    auto refused = ErrorIn(rig.Post("/v1/events/" + event + "/retry"));
    EXPECT_EQ(refused.at("param"), "webhook_endpoint");
}

TEST(EndpointsTest, FaultsOfOneEndpoint_LeaveTheOthersAlone) {
    Rig rig;
    auto base = HookOf(rig);
    auto lost = Rig::Text(AddEndpoint(rig, base, "/lost", "enabled_events[]=*"), "id");
    AddEndpoint(rig, base, "/fine", "enabled_events[]=*");
    rig.Sim("faults", R"({"webhooks":{"endpoint":")" + lost + R"(","loseForEver":1}})");
    rig.Post("/v1/customers", "name=Shop");
    rig.Settle();
    EXPECT_EQ(At(rig, "/fine", "customer.created").size(), 1u);
    EXPECT_EQ(rig.Received("customer.created").size(), 1u);
}

TEST(EndpointsTest, WrongUrlTypeVersionOrOwner_IsRefused) {
    Rig rig;
    auto refused = [&](const std::string& form) {
        auto answer = rig.Post("/v1/webhook_endpoints", form);
        EXPECT_EQ(answer.status, 400) << answer.body;
        auto error = ErrorIn(answer);
        return error.contains("param") ? Rig::Text(error, "param") : std::string();
    };
    EXPECT_EQ(refused("url=nowhere&enabled_events[]=*"), "url");
    EXPECT_EQ(refused("url=http://a.example"), "enabled_events");
    EXPECT_EQ(refused("url=http://a.example&enabled_events[]=*&enabled_events[]=no.such"),
              "enabled_events[1]");
    refused("url=http://a.example&enabled_events[]=*&api_version=tomorrow");
    auto made = Rig::Text(AddEndpoint(rig, "http://a.example", "", "enabled_events[]=*"), "id");
    rig.Prepare("[]");
    EXPECT_EQ(rig.Get("/v1/webhook_endpoints/" + made).status, 404);
}

}  // namespace
}  // namespace citadel::stripe_sim

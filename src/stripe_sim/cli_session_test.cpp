#include "stripe_sim/test_rig.h"

namespace citadel::stripe_sim {
namespace {

constexpr auto kListen = "device_name=laptop&websocket_features[]=webhooks&forward_to_url=http://x";

TEST(CliSessionTest, Session_TellsWhereToConnectAndHowEventsAreSigned) {
    Rig rig;
    auto session = Parsed(rig.Post("/v1/stripecli/sessions", kListen));
    auto url = Rig::Text(session, "websocket_url");
    EXPECT_TRUE(url.starts_with("ws://127.0.0.1:")) << url;
    EXPECT_NE(url.find("/subscribe/acct_"), std::string::npos) << url;
    EXPECT_TRUE(Rig::Text(session, "secret").starts_with("whsec_"));
    EXPECT_EQ(session.at("websocket_authorized_feature"), "webhooks");
    EXPECT_EQ(session.at("default_version"), json::value(kNewVersion));
    EXPECT_GT(session.at("reconnect_delay").as_int64(), 0);
}

TEST(CliSessionTest, Secret_StaysTheSameForOneDevice) {
    Rig rig;
    auto first = Parsed(rig.Post("/v1/stripecli/sessions", kListen));
    auto second = Parsed(rig.Post("/v1/stripecli/sessions", kListen));
    auto other = Parsed(rig.Post("/v1/stripecli/sessions", "device_name=desk&websocket_features[]=webhooks"));
    EXPECT_EQ(first.at("secret"), second.at("secret"));
    EXPECT_NE(first.at("websocket_id"), second.at("websocket_id"));
    EXPECT_NE(first.at("secret"), other.at("secret"));
    EXPECT_EQ(rig.Sim("cli-sessions").at("sessions").as_array().size(), 2u) << "a new one replaces the old";
}

TEST(CliSessionTest, UnknownSession_IsToldSoThatTheClientOpensANewOne) {
    Rig rig;
    EXPECT_EQ(ErrorIn(rig.Get("/subscribe/acct_1")).at("message"), "Unknown WebSocket ID.");
}

TEST(CliSessionTest, ThinEventsAndRequestLogs_AreRefused) {
    Rig rig;
    for (auto feature : {"destinations", "request_logs"}) {
        auto form = std::string("device_name=laptop&websocket_features[]=") + feature;
        auto refused = rig.Post("/v1/stripecli/sessions", form);
        EXPECT_EQ(refused.status, 400);
        EXPECT_EQ(ErrorIn(refused).at("param"), "websocket_features");
    }
}

}  // namespace
}  // namespace citadel::stripe_sim

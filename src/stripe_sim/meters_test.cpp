#include "stripe_sim/meters.h"

#include "stripe_sim/test_rig.h"

namespace citadel::stripe_sim {
namespace {

class MetersTest : public testing::Test {
  protected:
    void SetUp() override {
        customer = Rig::Text(Parsed(rig.Post("/v1/customers", "name=Shop")), "id");
        meter = Rig::Text(Parsed(rig.Post("/v1/billing/meters", kMeter)), "id");
    }

    http::Answer Use(const std::string& value, const std::string& more = {}) {
        return rig.Post("/v1/billing/meter_events", "event_name=recovered&payload[value]=" + value +
                                                        "&payload[stripe_customer_id]=" + customer + more);
    }
    http::Answer PostJson(const std::string& path, const std::string& body, const std::string& key = {}) {
        auto call = rig.ApiCallTo("POST", path, body);
        call.headers.erase(call.headers.begin() + 1);
        call.headers.emplace_back("Content-Type", "application/json");
        if (!key.empty()) call.headers.front().second = "Bearer " + key;
        return rig.Send(std::move(call));
    }
    std::string EventJson(const std::string& more) {
        return R"({"event_name":"recovered","payload":{"stripe_customer_id":")" + customer +
               R"(","value":"3"})" + more + "}";
    }
    json::array Summaries(const std::string& more = {}) {
        auto answer = rig.Get("/v1/billing/meters/" + meter + "/event_summaries?customer=" + customer +
                              "&start_time=1767225600&end_time=1767312000" + more);
        EXPECT_EQ(answer.status, 200) << answer.body;
        return Parsed(answer).at("data").as_array();
    }
    // The errors told so far: type and code of each.
    std::vector<std::pair<std::string, std::string>> Told() {
        std::vector<std::pair<std::string, std::string>> told;
        auto list = Parsed(rig.Get("/v2/core/events"));
        for (const auto& event : list.at("data").as_array()) {
            for (const auto& error : event.at("data").at("reason").at("error_types").as_array())
                told.emplace_back(event.at("type").as_string(), error.at("code").as_string());
        }
        std::ranges::sort(told);
        return told;
    }

    static constexpr auto kMeter =
        "display_name=Recovered&event_name=recovered&default_aggregation[formula]=sum";
    Rig rig;
    std::string customer, meter;
};

TEST_F(MetersTest, Summary_IsTheSumOfWhatCounts) {
    EXPECT_EQ(Use("25").status, 200);
    EXPECT_EQ(Use("5.5").status, 200);
    auto all = Summaries();
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].at("aggregated_value"), 30.5);
    auto hours = Summaries("&value_grouping_window=hour&limit=100");
    ASSERT_EQ(hours.size(), 24u);
    EXPECT_EQ(hours.back().at("start_time"), 1767225600);
    EXPECT_EQ(hours.back().at("aggregated_value"), 30.5);
    EXPECT_EQ(hours.front().at("aggregated_value"), 0);
}

TEST_F(MetersTest, Formulas_CountAndLast) {
    for (std::string formula : {"count", "last"}) {
        rig.Post("/v1/billing/meters",
                 "display_name=x&event_name=" + formula + "&default_aggregation[formula]=" + formula);
    }
    auto late = rig.clock.Now();
    for (std::string formula : {"count", "last"}) {
        auto form = [&](int value, Time at) {
            return fmt::format("event_name={}&payload[value]={}&payload[stripe_customer_id]={}&timestamp={}",
                               formula, value, customer, ToUnixSeconds(at));
        };
        EXPECT_EQ(rig.Post("/v1/billing/meter_events", form(7, late + std::chrono::minutes(2))).status, 200);
        EXPECT_EQ(rig.Post("/v1/billing/meter_events", form(9, late)).status, 200);
    }
    auto value = [&](const std::string& id) {
        meter = id;
        return Summaries().at(0).at("aggregated_value");
    };
    auto meters = Parsed(rig.Get("/v1/billing/meters")).at("data").as_array();
    EXPECT_EQ(value(std::string(meters[0].at("id").as_string())), 7);
    EXPECT_EQ(value(std::string(meters[1].at("id").as_string())), 2);
}

TEST_F(MetersTest, Identifier_IsUniqueForADay) {
    EXPECT_EQ(Use("1", "&identifier=u1").status, 200);
    EXPECT_EQ(Use("1", "&identifier=u1").status, 400);
    rig.Advance(std::chrono::hours(24));
    EXPECT_EQ(Use("1", "&identifier=u1").status, 200);
}

TEST_F(MetersTest, Errors_AreToldLaterAsThinEvents) {
    auto now = ToUnixSeconds(rig.clock.Now());
    EXPECT_EQ(Use("many").status, 200);
    EXPECT_EQ(Use("1", "&timestamp=" + std::to_string(now - 35 * 86400 - 1)).status, 200);
    EXPECT_EQ(Use("1", "&timestamp=" + std::to_string(now + 301)).status, 200);
    EXPECT_EQ(Use("1", "&timestamp=" + std::to_string(now + 300)).status, 200);
    EXPECT_EQ(rig.Post("/v1/billing/meter_events", "event_name=unknown&payload[value]=1").status, 200);
    customer = "cus_nobody";
    EXPECT_EQ(Use("1").status, 200);
    EXPECT_TRUE(Told().empty());
    rig.Advance(std::chrono::seconds(10));
    const std::string kReport = "v1.billing.meter.error_report_triggered";
    std::vector<std::pair<std::string, std::string>> expected = {
        {kReport, "meter_event_customer_not_found"},
        {kReport, "meter_event_invalid_value"},
        {kReport, "timestamp_in_future"},
        {kReport, "timestamp_too_far_in_past"},
        {"v1.billing.meter.no_meter_found", "no_meter"}};
    EXPECT_EQ(Told(), expected);
}

TEST_F(MetersTest, ThinEvent_IsSentToWhoAsksForItByName) {
    rig.Sim("endpoint", R"({"events":["v1.billing.meter.error_report_triggered"]})");
    Use("many", "&identifier=u1");
    rig.Advance(std::chrono::seconds(10));
    auto sent = rig.Received("v1.billing.meter.error_report_triggered");
    ASSERT_EQ(sent.size(), 1u);
    auto event = json::parse(sent[0].body).as_object();
    EXPECT_EQ(event.at("object"), "v2.core.event");
    EXPECT_EQ(event.at("related_object").at("id"), json::value(meter));
    EXPECT_FALSE(event.contains("data"));
    auto fetched = Parsed(rig.Get("/v2/core/events/" + Rig::Text(event, "id")));
    auto sample = fetched.at("data").at("reason").at("error_types").at(0).at("sample_errors").at(0);
    EXPECT_EQ(sample.at("request").at("identifier"), "u1");
    EXPECT_EQ(rig.Get("/v1/events/" + Rig::Text(event, "id")).status, 404);
}

TEST_F(MetersTest, InactiveMeter_TakesNothing) {
    EXPECT_EQ(Parsed(rig.Post("/v1/billing/meters/" + meter + "/deactivate")).at("status"), "inactive");
    EXPECT_EQ(Use("1").status, 200);
    EXPECT_EQ(Summaries().at(0).at("aggregated_value"), 0);
    EXPECT_EQ(Parsed(rig.Post("/v1/billing/meters/" + meter + "/reactivate")).at("status"), "active");
    Use("1");
    EXPECT_EQ(Summaries().at(0).at("aggregated_value"), 1);
    EXPECT_EQ(rig.Post("/v1/billing/meters", kMeter).status, 400);
}

TEST_F(MetersTest, Adjustment_TakesAnEventOfTheLastDayOut) {
    Use("25", "&identifier=u1");
    auto cancel = "event_name=recovered&type=cancel&cancel[identifier]=u1";
    EXPECT_EQ(rig.Post("/v1/billing/meter_event_adjustments", cancel).status, 200);
    EXPECT_EQ(Summaries().at(0).at("aggregated_value"), 0);
    Use("25", "&identifier=u2");
    rig.Advance(std::chrono::hours(24));
    EXPECT_EQ(rig.Post("/v1/billing/meter_event_adjustments",
                       "event_name=recovered&type=cancel&cancel[identifier]=u2")
                  .status,
              400);
}

TEST_F(MetersTest, V2_RefusesAtOnceWithItsOwnCodes) {
    auto good = PostJson("/v2/billing/meter_events",
                         EventJson(R"(,"timestamp":"2026-01-01T00:00:00Z","identifier":"u1")"));
    ASSERT_EQ(good.status, 200) << good.body;
    EXPECT_EQ(Parsed(good).at("timestamp"), "2026-01-01T00:00:00Z");
    auto code = [&](const std::string& body) {
        auto answer = PostJson("/v2/billing/meter_events", body);
        EXPECT_EQ(answer.status, 400) << answer.body;
        EXPECT_FALSE(ErrorIn(answer).contains("type")) << answer.body;
        return Rig::Text(ErrorIn(answer), "code");
    };
    EXPECT_EQ(code(EventJson(R"(,"identifier":"u1")")), "duplicate_meter_event");
    EXPECT_EQ(code(EventJson(R"(,"timestamp":"yesterday")")), "invalid_fields");
    EXPECT_EQ(code(EventJson(R"(,"timestamp":"2025-11-01T00:00:00Z")")), "timestamp_too_far_in_past");
    EXPECT_EQ(code(EventJson(R"(,"nonsense":"1")")), "invalid_fields");
    EXPECT_EQ(code("{"), "invalid_fields");
    EXPECT_EQ(code(R"({"event_name":"other","payload":{"value":"1"}})"), "no_meter");
    EXPECT_EQ(code(R"({"event_name":"recovered","payload":{"value":"1"}})"), "payload_no_customer_defined");
    EXPECT_EQ(code(R"({"event_name":"recovered","payload":{"stripe_customer_id":")" + customer + R"("}})"),
              "payload_no_value_defined");
    for (std::string value : {"-1", "0", "1.5", "x"}) {
        EXPECT_EQ(code(R"({"event_name":"recovered","payload":{"stripe_customer_id":")" + customer +
                       R"(","value":")" + value + R"("}})"),
                  "payload_invalid_value");
    }
    EXPECT_EQ(Summaries().at(0).at("aggregated_value"), 3);
}

TEST_F(MetersTest, Stream_OpensWithItsSessionsTokenForAQuarterOfAnHour) {
    auto session = Parsed(PostJson("/v2/billing/meter_event_session", "{}"));
    auto token = Rig::Text(session, "authentication_token");
    EXPECT_EQ(session.at("expires_at"), "2026-01-01T00:15:00Z");
    auto events = R"({"events":[)" + EventJson("") + "," + EventJson(R"(,"identifier":"u1")") + "]}";
    auto answer = PostJson("/v2/billing/meter_event_stream", events, token);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "{}");
    EXPECT_EQ(Summaries().at(0).at("aggregated_value"), 6);
    EXPECT_EQ(PostJson("/v2/billing/meter_event_stream", events).status, 401);
    EXPECT_EQ(PostJson("/v2/billing/meter_events", EventJson(""), token).status, 401);
    std::string many = R"({"events":[)" + EventJson("");
    for (int i = 0; i < 100; ++i) many += "," + EventJson("");
    EXPECT_EQ(PostJson("/v2/billing/meter_event_stream", many + "]}", token).status, 400);
    rig.Advance(std::chrono::minutes(15));
    auto late = PostJson("/v2/billing/meter_event_stream", events, token);
    EXPECT_EQ(late.status, 401);
    EXPECT_EQ(ErrorIn(late).at("type"), "temporary_session_expired");
    EXPECT_EQ(ErrorIn(late).at("code"), "billing_meter_event_session_expired");
}

TEST_F(MetersTest, V2IdempotencyKey_ReplaysSuccessesOnly) {
    auto send = [&](const std::string& event) {
        auto call = rig.ApiCallTo("POST", "/v2/billing/meter_events", event, "key-1");
        return rig.Send(std::move(call));
    };
    auto bad = R"({"event_name":"recovered","payload":{"value":"1"}})";
    EXPECT_EQ(send(bad).status, 400);
    auto made = send(EventJson(""));
    EXPECT_EQ(made.status, 200);
    rig.clock.Advance(std::chrono::days(20));
    auto again = send(EventJson(""));
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(again.body, made.body);
    EXPECT_EQ(ErrorIn(send(bad)).at("type"), "idempotency_error");
}

}  // namespace
}  // namespace citadel::stripe_sim

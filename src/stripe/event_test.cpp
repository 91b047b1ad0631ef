#include "stripe/event.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <string>

#include "support/fixtures.h"

namespace citadel::stripe {
namespace {

namespace json = boost::json;

const char* const kEventFiles[] = {"stripe_events_2025-02-24.acacia.json",
                                   "stripe_events_2026-10-28.endive.json"};

std::string At(const json::value& event, std::string_view pointer) {
    json::error_code missing;
    auto found = event.find_pointer(pointer, missing);
    if (!found || found->is_null()) return "";
    return found->is_string() ? json::value_to<std::string>(*found) : json::serialize(*found);
}

// The member of each kind of object that holds `what`, by reference/stripe.md.
std::string PlaceOf(std::string_view what, std::string_view object_type) {
    if (what == object_type) return "/data/object/id";
    if (what == "charge" && object_type == "payment_intent") return "/data/object/latest_charge";
    return "/data/object/" + std::string(what);
}

void ExpectEnvelope(const json::value& source, const Event& event) {
    EXPECT_EQ(event.id, At(source, "/id"));
    EXPECT_EQ(event.type, At(source, "/type"));
    EXPECT_EQ(event.account, At(source, "/account"));
    EXPECT_EQ(event.api_version, At(source, "/api_version"));
    EXPECT_EQ(std::to_string(ToUnixSeconds(event.created)), At(source, "/created"));
    EXPECT_EQ(event.livemode ? "true" : "false", At(source, "/livemode"));
    EXPECT_EQ(event.request_idempotency_key, At(source, "/request/idempotency_key"));
}

void ExpectSubject(const json::value& source, const Event& event) {
    auto type = At(source, "/data/object/object");
    EXPECT_EQ(event.object_type, type);
    EXPECT_EQ(event.object_id, At(source, "/data/object/id"));
    EXPECT_EQ(event.customer, At(source, PlaceOf("customer", type)));
    bool acted_on = type != "account" && type != "application" && type != "invoice_payment";
    if (acted_on) {
        EXPECT_EQ(event.status, At(source, "/data/object/status"));
    }
    if (acted_on) {
        EXPECT_EQ(event.currency, At(source, "/data/object/currency"));
    }
    bool has_payment = type == "charge" || type == "dispute" || type == "invoice" || type == "payment_intent";
    EXPECT_EQ(event.payment_intent, has_payment ? At(source, PlaceOf("payment_intent", type)) : "");
    EXPECT_EQ(event.charge, has_payment ? At(source, PlaceOf("charge", type)) : "");
    if (type == "charge") {
        EXPECT_EQ(std::to_string(event.amount), At(source, "/data/object/amount_refunded"));
    }
    if (type == "dispute") {
        EXPECT_EQ(std::to_string(event.amount), At(source, "/data/object/amount"));
    }
    if (type == "subscription") {
        EXPECT_EQ(event.subscription, event.object_id);
        EXPECT_EQ(event.price, At(source, "/data/object/items/data/0/price/id"));
        EXPECT_EQ(event.price_lookup_key, At(source, "/data/object/items/data/0/price/lookup_key"));
    }
    if (type == "invoice") {
        EXPECT_EQ(event.invoice.id, event.object_id);
        EXPECT_EQ(event.subscription, event.invoice.subscription);
        EXPECT_EQ(std::to_string(event.invoice.amount_due), At(source, "/data/object/amount_due"));
    }
}

// An event whose data.object is `object`.
std::string EventOf(std::string_view object, std::string_view type = "invoice.payment_failed") {
    return R"({"id":"evt_1","object":"event","created":1767225600,"type":")" + std::string(type) +
           R"(","data":{"object":)" + std::string(object) + "}}";
}

std::string Refusal(std::string_view body) {
    try {
        ParseEvent(body);
    } catch (const BadObject& bad) {
        return bad.what();
    }
    return "read without complaint";
}

TEST(Event, EveryEventOfBothApiVersionsIsReadWhole) {
    int seen = 0;
    for (auto file : kEventFiles) {
        auto fixture = ReadFixture(file);
        for (const auto& [name, source] : fixture.at("events").as_object()) {
            SCOPED_TRACE(std::string(file) + " " + std::string(name));
            auto event = ParseEvent(json::serialize(source));
            ExpectEnvelope(source, event);
            ExpectSubject(source, event);
            ++seen;
        }
    }
    EXPECT_EQ(seen, 71);
}

TEST(Event, ANewDefaultPaymentMethodIsNoticedAndARemovedOneIsNot) {
    auto fixture = ReadFixture(kEventFiles[1]);
    auto source = fixture.at("events").at("customer.updated");
    EXPECT_TRUE(ParseEvent(json::serialize(source)).default_payment_method_changed);
    auto without = source;
    without.at("data").as_object().erase("previous_attributes");
    EXPECT_FALSE(ParseEvent(json::serialize(without)).default_payment_method_changed);
    auto renamed = source;
    renamed.at("data").at("previous_attributes") = json::object{{"name", "Old Name"}};
    EXPECT_FALSE(ParseEvent(json::serialize(renamed)).default_payment_method_changed);
    auto removed = source;
    removed.at("data").at("object").at("invoice_settings").at("default_payment_method") = nullptr;
    removed.at("data").at("object").at("default_source") = nullptr;
    EXPECT_FALSE(ParseEvent(json::serialize(removed)).default_payment_method_changed);
}

TEST(Event, ASubscriptionTellsItsPlanAndMerchant) {
    auto event = ParseEvent(EventOf(R"({"object":"subscription","id":"sub_1","customer":{"id":"cus_1"},
        "status":"active","metadata":{"citadel_merchant_id":"42"},
        "items":{"data":[{"price":{"id":"price_1","lookup_key":"pro_monthly"}},
            {"price":{"id":"price_2"}}]}})",
                                    "customer.subscription.updated"));
    EXPECT_EQ(event.customer, "cus_1");
    EXPECT_EQ(event.metadata_merchant, "42");
    EXPECT_EQ(event.price, "price_1");
    EXPECT_EQ(event.price_lookup_key, "pro_monthly");
}

TEST(Event, OurOwnIdempotencyKeyIsSeen) {
    auto body = R"({"id":"evt_1","type":"charge.failed","request":{"id":"req_1","idempotency_key":"slot-7-1"},
        "data":{"object":{"object":"charge","id":"ch_1","amount_refunded":0}}})";
    EXPECT_EQ(ParseEvent(body).request_idempotency_key, "slot-7-1");
}

TEST(Event, AThinEventHasATypeAndNoObject) {
    auto event = ParseEvent(R"({"id":"evt_2","object":"v2.core.event","created":"2026-01-01T00:00:00.000Z",
        "type":"v1.billing.meter.error_report_triggered","related_object":{"id":"mtr_1"}})");
    EXPECT_EQ(event.id, "evt_2");
    EXPECT_EQ(event.type, "v1.billing.meter.error_report_triggered");
    EXPECT_EQ(event.object_type, "");
}

TEST(Event, ObjectsWeDoNotKnowAreNeverRefused) {
    auto balance =
        ParseEvent(EventOf(R"({"object":"balance","available":[{"amount":12.5}]})", "balance.available"));
    EXPECT_EQ(balance.object_type, "balance");
    EXPECT_EQ(balance.object_id, "");
    auto strange =
        EventOf(R"({"object":"star_chart","id":7,"customer":[],"status":{},"currency":1})", "star.born");
    EXPECT_EQ(ParseEvent(strange).object_type, "star_chart");
}

TEST(Event, ThePreviewOfAnInvoiceHasNoIdAndIsNoInvoiceYet) {
    auto event = ParseEvent(
        EventOf(R"({"object":"invoice","amount_due":2000,"customer":"cus_1"})", "invoice.upcoming"));
    EXPECT_EQ(event.customer, "cus_1");
    EXPECT_EQ(event.invoice.id, "");
    EXPECT_EQ(event.invoice.amount_due, 2000);
    auto newer = ParseEvent(EventOf(R"({"object":"invoice","id":"upcoming_in_1","customer":"cus_1",
        "parent":{"subscription_details":{"subscription":"sub_1"}}})",
                                    "invoice.upcoming"));
    EXPECT_EQ(newer.invoice.id, "");
    EXPECT_EQ(newer.subscription, "sub_1");
    EXPECT_EQ(Refusal(EventOf(R"({"object":"invoice","amount_due":2000})")),
              "data.object.id must be a text that is not empty");
}

TEST(Event, UnknownTypesAndStatesSurvive) {
    auto event =
        ParseEvent(EventOf(R"({"object":"invoice","id":"in_1","status":"frozen"})", "invoice.defrosted"));
    EXPECT_EQ(event.type, "invoice.defrosted");
    EXPECT_EQ(event.status, "frozen");
}

TEST(Event, WhatIsNotOneJsonObjectIsRefused) {
    auto whole = EventOf(R"({"object":"invoice","id":"in_1"})");
    EXPECT_EQ(Refusal("[]"), "the body must be one JSON object");
    EXPECT_EQ(Refusal("null"), "the body must be one JSON object");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_TRUE(Refusal(whole.substr(0, size)).starts_with("the body must be one JSON object (")) << size;
    }
    using namespace std::string_literals;
    for (const auto& bad : {"hello"s, whole + "}", whole + "\0"s, "{\"id\":\"a\0b\"}"s, "{\"id\":\"\xff\"}"s,
                            "{\"id\":\"\xc0\xaf\"}"s, "{\"id\":\"\xed\xa0\x80\"}"s, R"({"id":"\ud800"})"s}) {
        EXPECT_TRUE(Refusal(bad).starts_with("the body must be one JSON object (")) << bad;
    }
}

TEST(Event, WhatIsNotAnEventIsRefused) {
    EXPECT_EQ(Refusal("{}"), "id must be a text that is not empty");
    EXPECT_EQ(Refusal(R"({"id":5,"type":"invoice.paid"})"), "id must be a text that is not empty");
    EXPECT_EQ(Refusal(R"({"id":"evt_1"})"), "type must be a text that is not empty");
    EXPECT_EQ(Refusal(R"({"id":"in_1","object":"invoice","type":"x"})"), "object must be \"event\"");
    EXPECT_EQ(Refusal(R"({"id":"evt_1","type":"invoice.paid"})"), "data must be an object");
    EXPECT_EQ(Refusal(R"({"id":"evt_1","type":"invoice.paid","data":{"object":"in_1"}})"),
              "data.object must be an object");
    EXPECT_EQ(Refusal(R"({"id":"evt_1","type":"x","created":1e300,"data":{"object":{}}})"),
              "created must be an integer that fits 64 bits");
    EXPECT_EQ(Refusal(R"({"id":"a\u0000b","type":"x"})"), "id must be a text without NUL characters");
    EXPECT_EQ(Refusal(R"({"id":")" + std::string(256, 'x') + R"(","type":"x"})"),
              "id must be at most 255 bytes long");
}

TEST(Event, ABadMemberIsNamedByItsWholePath) {
    for (auto amount : {"9223372036854775808", "1e300", "12.5"}) {
        auto invoice = std::string(R"({"object":"invoice","id":"in_1","amount_due":)") + amount + "}";
        EXPECT_EQ(Refusal(EventOf(invoice)), "data.object.amount_due must be an integer that fits 64 bits");
        auto dispute = std::string(R"({"object":"dispute","id":"dp_1","amount":)") + amount + "}";
        EXPECT_EQ(Refusal(EventOf(dispute)), "data.object.amount must be an integer that fits 64 bits");
    }
    EXPECT_EQ(Refusal(EventOf(R"({"object":"subscription","id":"sub_1","items":{"data":[3]}})")),
              "data.object.items.data[0] must be an object");
    EXPECT_EQ(Refusal(EventOf(R"({"object":"subscription","id":"sub_1","items":{}})")),
              "data.object.items.data must be a list");
}

TEST(Event, DepthIsBounded) {
    auto nested = [](std::size_t depth) {
        auto tree = std::string(depth, '[') + std::string(depth, ']');
        return EventOf(R"({"object":"charge","id":"ch_1","metadata":)" + tree + "}");
    };
    EXPECT_EQ(Refusal(nested(20)), "read without complaint");
    EXPECT_EQ(Refusal(nested(40)), "the body is nested deeper than 32 levels");
    EXPECT_EQ(Refusal(std::string(1 << 20, '[')), "the body is nested deeper than 32 levels");
}

TEST(Event, AMebibyteOfElementsOrTextIsReadWithoutHarm) {
    std::string zeros = "0";
    for (int i = 0; i < (1 << 19); ++i) zeros += ",0";
    auto event = ParseEvent(EventOf(R"({"object":"invoice","id":"in_1","lines":[)" + zeros + "]}"));
    EXPECT_EQ(event.invoice.id, "in_1");
    auto name = std::string(1 << 20, 'n');
    event = ParseEvent(EventOf(R"({"object":"invoice","id":"in_1","customer_name":")" + name + R"("})"));
    EXPECT_EQ(event.invoice.customer_name, name);
}

}  // namespace
}  // namespace citadel::stripe

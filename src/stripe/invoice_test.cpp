#include "stripe/invoice.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <functional>
#include <string>

#include "support/fixtures.h"

namespace citadel::stripe {
namespace {

namespace json = boost::json;

const char* const kObjectFiles[] = {"stripe_objects_2025-02-24.acacia.json",
                                    "stripe_objects_2026-10-28.endive.json"};

// What stands at a JSON pointer, as text; "" where nothing or null stands. Knows nothing of the reader.
std::string At(const json::value& object, std::string_view pointer) {
    json::error_code missing;
    auto found = object.find_pointer(pointer, missing);
    if (!found || found->is_null()) return "";
    if (found->is_object()) return At(*found, "/id");
    return found->is_string() ? json::value_to<std::string>(*found) : json::serialize(*found);
}

std::string FirstAt(const json::value& object, std::initializer_list<std::string_view> pointers) {
    for (auto pointer : pointers) {
        if (auto text = At(object, pointer); !text.empty()) return text;
    }
    return "";
}

// Each read member beside where reference/stripe.md, section 1, says it stands, older shape or newer.
void ExpectNothingLost(const json::value& object, const Invoice& invoice) {
    EXPECT_EQ(invoice.id, At(object, "/id"));
    EXPECT_EQ(invoice.status, At(object, "/status"));
    EXPECT_EQ(invoice.billing_reason, At(object, "/billing_reason"));
    EXPECT_EQ(invoice.collection_method, At(object, "/collection_method"));
    EXPECT_EQ(invoice.currency, At(object, "/currency"));
    EXPECT_EQ(std::to_string(invoice.amount_due), At(object, "/amount_due"));
    EXPECT_EQ(std::to_string(invoice.amount_paid), At(object, "/amount_paid"));
    EXPECT_EQ(std::to_string(invoice.amount_remaining), At(object, "/amount_remaining"));
    EXPECT_EQ(std::to_string(invoice.attempt_count), At(object, "/attempt_count"));
    EXPECT_EQ(invoice.auto_advance ? "true" : "false", At(object, "/auto_advance"));
    auto next = invoice.next_payment_attempt;
    EXPECT_EQ(next ? std::to_string(ToUnixSeconds(*next)) : "", At(object, "/next_payment_attempt"));
    EXPECT_EQ(invoice.customer, At(object, "/customer"));
    EXPECT_EQ(invoice.subscription,
              FirstAt(object, {"/subscription", "/parent/subscription_details/subscription"}));
    EXPECT_EQ(invoice.payment_intent,
              FirstAt(object, {"/payment_intent", "/payments/data/0/payment/payment_intent"}));
    EXPECT_EQ(invoice.charge, FirstAt(object, {"/charge", "/payments/data/0/payment/charge"}));
    auto elsewhere = FirstAt(object, {"/paid_out_of_band", "/amount_paid_off_stripe"});
    EXPECT_EQ(invoice.paid_out_of_band, !elsewhere.empty() && elsewhere != "false" && elsewhere != "0");
    EXPECT_EQ(invoice.customer_email, At(object, "/customer_email"));
    EXPECT_EQ(invoice.customer_name, At(object, "/customer_name"));
    EXPECT_EQ(invoice.customer_country, At(object, "/customer_address/country"));
    EXPECT_EQ(invoice.hosted_invoice_url, At(object, "/hosted_invoice_url"));
    EXPECT_EQ(invoice.number, At(object, "/number"));
    EXPECT_EQ(invoice.payment_method, At(object, "/default_payment_method"));
}

Invoice Read(std::string_view text) { return ReadInvoice(json::parse(text).as_object()); }

std::string Refusal(std::string_view text) {
    try {
        Read(text);
    } catch (const BadObject& bad) {
        return bad.what();
    }
    return "read without complaint";
}

TEST(Invoice, EveryInvoiceOfBothApiVersionsIsReadWhole) {
    int seen = 0;
    for (auto file : kObjectFiles) {
        auto fixture = ReadFixture(file);
        for (const auto& [name, entry] : fixture.at("objects").as_object()) {
            if (entry.at("schema").as_string() != "invoice") continue;
            SCOPED_TRACE(std::string(file) + " " + std::string(name));
            const auto& object = entry.at("object");
            ExpectNothingLost(object, ReadInvoice(object.as_object()));
            ++seen;
        }
    }
    EXPECT_EQ(seen, 35);
}

TEST(Invoice, BothShapesOfOneInvoiceReadTheSame) {
    for (auto name : {"invoice_open_attempt3", "invoice_paid_out_of_band", "invoice_zero_decimal_jpy"}) {
        auto old_file = ReadFixture(kObjectFiles[0]), new_file = ReadFixture(kObjectFiles[1]);
        auto older = ReadInvoice(old_file.at("objects").at(name).at("object").as_object());
        auto newer = ReadInvoice(new_file.at("objects").at(name).at("object").as_object());
        EXPECT_EQ(older.subscription, "sub_1TestMonthly1");
        EXPECT_EQ(newer.subscription, older.subscription);
        EXPECT_EQ(newer.paid_out_of_band, older.paid_out_of_band);
        EXPECT_EQ(newer.amount_due, older.amount_due);
        EXPECT_EQ(newer.currency, older.currency);
    }
}

TEST(Invoice, ExpandedLinksAreReadAsTheirIds) {
    auto older = Read(R"({"id":"in_1","customer":{"id":"cus_1"},"subscription":{"id":"sub_1"},
        "payment_intent":{"id":"pi_1","latest_charge":{"id":"ch_1"}},
        "default_payment_method":{"id":"pm_1"}})");
    EXPECT_EQ(older.customer, "cus_1");
    EXPECT_EQ(older.subscription, "sub_1");
    EXPECT_EQ(older.payment_intent, "pi_1");
    EXPECT_EQ(older.charge, "ch_1");
    EXPECT_EQ(older.payment_method, "pm_1");
    auto newer = Read(R"({"id":"in_1","parent":{"subscription_details":{"subscription":{"id":"sub_1"}}},
        "payments":{"data":[
            {"is_default":false,"payment":{"type":"payment_intent","payment_intent":"pi_other"}},
            {"is_default":true,"payment":{"type":"payment_intent",
                "payment_intent":{"id":"pi_1","latest_charge":"ch_1"}}}]}})");
    EXPECT_EQ(newer.subscription, "sub_1");
    EXPECT_EQ(newer.payment_intent, "pi_1");
    EXPECT_EQ(newer.charge, "ch_1");
}

TEST(Invoice, AnInvoiceWithoutASubscriptionIsFine) {
    EXPECT_EQ(Read(R"({"id":"in_1","parent":null})").subscription, "");
    EXPECT_EQ(
        Read(R"({"id":"in_1","parent":{"type":"quote_details","subscription_details":null}})").subscription,
        "");
    EXPECT_EQ(Read(R"({"id":"in_1"})").next_payment_attempt, std::nullopt);
}

TEST(Invoice, UnknownEnumValuesSurvive) {
    auto invoice =
        Read(R"({"id":"in_1","status":"frozen","billing_reason":"lunar_cycle","collection_method":"owl"})");
    EXPECT_EQ(invoice.status, "frozen");
    EXPECT_EQ(invoice.billing_reason, "lunar_cycle");
    EXPECT_EQ(invoice.collection_method, "owl");
}

TEST(Invoice, AmountsAreIntegersOf64BitsOrRefused) {
    EXPECT_EQ(Read(R"({"id":"in_1","amount_due":9223372036854775807})").amount_due, INT64_MAX);
    EXPECT_EQ(Read(R"({"id":"in_1","amount_due":-9223372036854775808})").amount_due, INT64_MIN);
    for (auto bad : {"9223372036854775808", "-9223372036854775809", "1e300", "12.5", "20.0", "\"2000\"",
                     "true", "[]", "{}"}) {
        auto text = std::string(R"({"id":"in_1","amount_due":)") + bad + "}";
        EXPECT_EQ(Refusal(text), "amount_due must be an integer that fits 64 bits") << bad;
    }
}

TEST(Invoice, AWrongTypeIsRefusedByItsWholeName) {
    EXPECT_EQ(Refusal(R"({})"), "id must be a text that is not empty");
    EXPECT_EQ(Refusal(R"({"id":""})"), "id must be a text that is not empty");
    EXPECT_EQ(Refusal(R"({"id":7})"), "id must be a text that is not empty");
    EXPECT_EQ(Refusal(R"({"id":{"id":"in_1"}})"), "id must be a text that is not empty");
    EXPECT_EQ(Refusal(R"({"id":"in_1","status":[]})"), "status must be a text");
    EXPECT_EQ(Refusal(R"({"id":"in_1","auto_advance":"yes"})"), "auto_advance must be true or false");
    EXPECT_EQ(Refusal(R"({"id":"in_1","customer":5})"),
              "customer must be an id (a text) or an object with an id");
    EXPECT_EQ(Refusal(R"({"id":"in_1","customer":{}})"),
              "customer must be an id (a text) or an object with an id");
    EXPECT_EQ(Refusal(R"({"id":"in_1","parent":"sub_1"})"), "parent must be an object");
    EXPECT_EQ(Refusal(R"({"id":"in_1","parent":{"subscription_details":[]}})"),
              "parent.subscription_details must be an object");
    EXPECT_EQ(Refusal(R"({"id":"in_1","payments":{"data":{}}})"), "payments.data must be a list");
    EXPECT_EQ(Refusal(R"({"id":"in_1","payments":{"data":[1]}})"), "payments.data must be a list of objects");
}

TEST(Invoice, WhatTheDatabaseCannotHoldIsRefused) {
    EXPECT_EQ(Refusal(R"({"id":"in_1","customer_name":"a\u0000b"})"),
              "customer_name must be a text without NUL characters");
    EXPECT_EQ(Refusal(R"({"id":")" + std::string(256, 'x') + R"("})"), "id must be at most 255 bytes long");
    for (auto seconds : {"-1", "253402300800", "9223372036854775807"}) {
        EXPECT_EQ(Refusal(std::string(R"({"id":"in_1","next_payment_attempt":)") + seconds + "}"),
                  "next_payment_attempt must be a time in Unix seconds before the year 10000");
    }
}

}  // namespace
}  // namespace citadel::stripe

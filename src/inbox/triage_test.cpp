#include "inbox/triage.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <boost/json.hpp>

#include <map>
#include <set>
#include <string>

#include "stripe/event.h"
#include "support/fixtures.h"

namespace citadel::inbox {
namespace {

namespace json = boost::json;
using store::Intake;
using store::IntakeKind;
using store::StopScope;

const char* const kEventFiles[] = {"stripe_events_2025-02-24.acacia.json",
                                   "stripe_events_2026-10-28.endive.json"};

struct Expected {
    IntakeKind kind = IntakeKind::kIgnore;
    std::string signal{};
    StopScope scope = StopScope::kInvoice;
    bool needs_switch = false;
    std::int64_t amount = -1;  // -1: whatever the event says
};

// The table of contract section 5, a row for each event of the fixtures.
const std::map<std::string, Expected>& Table() {
    using enum IntakeKind;
    static const std::map<std::string, Expected> table = {
        {"invoice.payment_failed", {.kind = kOpen, .amount = 2000}},
        {"invoice.payment_failed#attempt3", {.kind = kOpen, .amount = 2000}},
        {"invoice.payment_failed#exhausted", {.kind = kOpen, .amount = 2000}},
        {"invoice.payment_failed#zero_decimal_jpy", {.kind = kOpen, .amount = 5000}},
        {"invoice.payment_failed#unknown_account",
         {.kind = kOpen, .amount = 2000}},  // the store knows accounts
        {"invoice.payment_failed#first_payment", {.kind = kOpen, .needs_switch = true}},
        {"invoice.payment_failed#update_proration", {.kind = kOpen, .needs_switch = true}},
        {"invoice.payment_failed#threshold", {.kind = kOpen, .needs_switch = true}},
        {"invoice.payment_failed#manual", {.kind = kOpen, .needs_switch = true}},
        {"invoice.payment_failed#platform_account", {}},  // ours is no merchant's
        {"invoice.payment_action_required", {.kind = kAsk, .amount = 2000}},
        {"invoice.paid", {.kind = kPaid, .signal = "paid", .amount = 2000}},
        {"invoice.payment_succeeded", {.kind = kPaid, .signal = "paid", .amount = 2000}},
        {"invoice.paid#out_of_band", {.kind = kPaid, .signal = "paid", .amount = 2000}},
        {"invoice.voided", {.kind = kStop, .signal = "voided"}},
        {"invoice.marked_uncollectible", {.kind = kStop, .signal = "uncollectible"}},
        {"customer.subscription.deleted",
         {.kind = kStop, .signal = "subscription_deleted", .scope = StopScope::kSubscription}},
        {"customer.subscription.deleted#customer",
         {.kind = kStop, .signal = "subscription_deleted", .scope = StopScope::kSubscription}},
        {"charge.refunded", {.kind = kStop, .signal = "refunded", .scope = StopScope::kPayment}},
        {"charge.dispute.created", {.kind = kStop, .signal = "disputed", .scope = StopScope::kPayment}},
        {"customer.subscription.updated#platform_plan", {.kind = kPlan}},
        {"customer.subscription.updated", {}},  // of a connected account: never changes a plan
        {"customer.subscription.updated#recovered", {}},
        {"payment_method.attached", {.kind = kNudge}},
        {"payment_method.automatically_updated", {.kind = kNudge}},
        {"customer.updated", {.kind = kNudge}},
        {"account.application.deauthorized", {.kind = kDisconnect, .signal = "disconnected"}},
        {"account.updated", {}},
        {"invoice.created", {}},
        {"invoice.finalized", {}},
        {"invoice.updated", {}},
        {"invoice_payment.paid", {}},
        {"payment_intent.payment_failed", {}},
        {"payment_intent.requires_action", {}},
        {"charge.failed", {}},
        {"charge.succeeded", {}},
    };
    return table;
}

json::value EventNamed(const std::string& file, const std::string& name) {
    return ReadFixture(file).at("events").at(name);
}

Intake TriageOf(const json::value& event) { return Triage(stripe::ReadEvent(event.as_object())); }

// A renewal failure whose invoice has some members replaced.
Intake TriageFailureWith(const json::object& changes) {
    auto event = EventNamed(kEventFiles[1], "invoice.payment_failed");
    for (const auto& [name, value] : changes) event.at("data").at("object").as_object()[name] = value;
    return TriageOf(event);
}

TEST(Triage, AnswersEveryEventOfBothShapesByTheContract) {
    std::set<std::string> seen;
    for (const char* file : kEventFiles) {
        auto fixture = ReadFixture(file);
        for (const auto& [name, event] : fixture.at("events").as_object()) {
            SCOPED_TRACE(std::string(file) + " " + std::string(name));
            auto row = Table().find(std::string(name));
            ASSERT_NE(row, Table().end()) << "no row for this event";
            seen.insert(row->first);
            const auto& expected = row->second;
            auto intake = TriageOf(event);
            EXPECT_EQ(intake.kind, expected.kind);
            EXPECT_EQ(intake.signal, expected.signal);
            EXPECT_EQ(intake.needs_switch, expected.needs_switch);
            EXPECT_FALSE(intake.reason.empty());
            if (intake.kind == IntakeKind::kStop) {
                EXPECT_EQ(intake.scope, expected.scope);
            }
            if (expected.amount >= 0) {
                EXPECT_EQ(intake.amount, expected.amount);
            }
        }
    }
    EXPECT_EQ(seen.size(), Table().size()) << "a row without an event";
}

TEST(Triage, GivesEachKindWhatTheStoreFindsItsRowsBy) {
    for (const char* file : kEventFiles) {
        auto fixture = ReadFixture(file);
        for (const auto& [name, event] : fixture.at("events").as_object()) {
            SCOPED_TRACE(std::string(file) + " " + std::string(name));
            auto intake = TriageOf(event);
            EXPECT_EQ(intake.event_id, event.at("id").as_string());
            using enum IntakeKind;
            bool invoice = intake.kind == kOpen || intake.kind == kAsk || intake.kind == kPaid;
            invoice = invoice || (intake.kind == kStop && intake.scope == StopScope::kInvoice);
            if (invoice) {
                EXPECT_TRUE(intake.invoice_id.starts_with("in_"));
            }
            if (invoice) {
                EXPECT_TRUE(intake.customer_id.starts_with("cus_"));
            }
            if (invoice) {
                EXPECT_EQ(intake.currency.size(), 3u);
            }
            bool subscription = intake.kind == kStop && intake.scope == StopScope::kSubscription;
            if (subscription) {
                EXPECT_TRUE(intake.subscription_id.starts_with("sub_"));
            }
            if (subscription) {
                EXPECT_TRUE(intake.customer_id.starts_with("cus_"));
            }
            bool payment = intake.kind == kStop && intake.scope == StopScope::kPayment;
            if (payment) {
                EXPECT_TRUE(intake.payment_intent_id.starts_with("pi_"));
            }
            if (payment) {
                EXPECT_GT(intake.amount, 0);
            }
            if (intake.kind == kNudge) {
                EXPECT_TRUE(intake.customer_id.starts_with("cus_"));
            }
        }
    }
}

TEST(Triage, CopiesWhatTheRecoveryRemembersOfTheInvoice) {
    auto intake = TriageOf(EventNamed(kEventFiles[0], "invoice.payment_failed"));
    EXPECT_EQ(intake.invoice_id, "in_1TestCycle1");
    EXPECT_EQ(intake.customer_id, "cus_TestPayer1");
    EXPECT_EQ(intake.subscription_id, "sub_1TestMonthly1");
    EXPECT_EQ(intake.payment_intent_id, "pi_3TestCycle1");
    EXPECT_EQ(intake.customer_email, "payer@example.com");
    EXPECT_EQ(intake.customer_name, "Jenny Payer");
    EXPECT_EQ(intake.invoice_number, "TEST-0007");
    EXPECT_EQ(intake.currency, "usd");
    EXPECT_EQ(intake.stripe_attempts, 1);
    ASSERT_TRUE(intake.stripe_next_attempt.has_value());
    EXPECT_EQ(ToUnixSeconds(*intake.stripe_next_attempt), 1767484800);
}

TEST(Triage, OpensNothingForAnInvoiceThatNobodyMayCharge) {
    EXPECT_EQ(TriageFailureWith({}).kind, IntakeKind::kOpen);
    EXPECT_EQ(TriageFailureWith({{"collection_method", "send_invoice"}}).kind, IntakeKind::kIgnore);
    EXPECT_EQ(TriageFailureWith({{"amount_remaining", 0}}).kind, IntakeKind::kIgnore);
    for (const char* status : {"paid", "void", "uncollectible", "draft"}) {
        EXPECT_EQ(TriageFailureWith({{"status", status}}).kind, IntakeKind::kIgnore) << status;
    }
}

TEST(Triage, AsksTheStoreForWhatRemainsNotForWhatWasDue) {
    EXPECT_EQ(TriageFailureWith({{"amount_due", 2000}, {"amount_remaining", 1500}}).amount, 1500);
}

TEST(Triage, KnowsOurOwnChargesByTheirKey) {
    auto event = EventNamed(kEventFiles[1], "invoice.paid");
    event.at("request").as_object()["idempotency_key"] = "cit_1_2";
    EXPECT_TRUE(TriageOf(event).own_charge);
    event.at("request").as_object()["idempotency_key"] = "somebody-else";
    EXPECT_FALSE(TriageOf(event).own_charge);
}

TEST(Triage, EndsThePlanWithThePlatformsSubscription) {
    auto event = EventNamed(kEventFiles[1], "customer.subscription.updated#platform_plan");
    EXPECT_FALSE(TriageOf(event).plan_ended);
    for (const char* status : {"canceled", "unpaid", "incomplete_expired"}) {
        event.at("data").at("object").as_object()["status"] = status;
        EXPECT_TRUE(TriageOf(event).plan_ended) << status;
    }
    event.at("data").at("object").as_object()["status"] = "active";
    event.as_object()["type"] = "customer.subscription.deleted";
    EXPECT_TRUE(TriageOf(event).plan_ended);
}

TEST(Triage, DoesNotTakeAnyOtherChangeOfACustomerForANewCard) {
    auto event = EventNamed(kEventFiles[1], "customer.updated");
    event.at("data").as_object()["previous_attributes"] = json::object{{"email", "old@example.com"}};
    EXPECT_EQ(TriageOf(event).kind, IntakeKind::kIgnore);
}

// The invoice of invoice.upcoming, with some members replaced; null takes one away.
Intake TriageUpcomingWith(bool old_shape, const json::object& changes) {
    auto event = EventNamed(kEventFiles[1], "invoice.payment_failed").as_object();
    event["type"] = "invoice.upcoming";
    json::object invoice{{"object", "invoice"},
                         {"billing_reason", "upcoming"},
                         {"collection_method", "charge_automatically"},
                         {"status", "draft"},
                         {"customer", "cus_1"},
                         {"amount_due", 2000},
                         {"amount_remaining", 2000},
                         {"currency", "usd"},
                         {"next_payment_attempt", 1775811600}};
    if (old_shape) {
        invoice["subscription"] = "sub_1";
    } else {
        invoice["id"] = "upcoming_in_1";
        invoice["parent"] = {{"type", "subscription_details"},
                             {"subscription_details", {{"subscription", "sub_1"}}}};
    }
    for (const auto& [name, value] : changes) invoice[name] = value;
    event["data"].as_object()["object"] = std::move(invoice);
    return TriageOf(event);
}

TEST(Triage, ARenewalToComeIsForeseenInBothShapes) {
    for (bool old_shape : {true, false}) {
        auto intake = TriageUpcomingWith(old_shape, {});
        EXPECT_EQ(intake.kind, IntakeKind::kForesee) << intake.reason;
        EXPECT_EQ(intake.customer_id, "cus_1");
        EXPECT_EQ(intake.subscription_id, "sub_1");
        EXPECT_EQ(intake.invoice_id, "") << "it names no invoice that there is";
        EXPECT_EQ(intake.amount, 2000);
        EXPECT_EQ(intake.currency, "usd");
        EXPECT_EQ(intake.stripe_next_attempt, FromUnixSeconds(1775811600));
    }
}

TEST(Triage, ARenewalThatNobodyIsChargedForIsLeftAlone) {
    json::value gone = nullptr;
    const json::object all[] = {{{"collection_method", "send_invoice"}},
                                {{"amount_due", 0}},
                                {{"amount_due", -5}},
                                {{"customer", gone}},
                                {{"next_payment_attempt", gone}}};
    for (const auto& changes : all) {
        for (bool old_shape : {true, false}) {
            auto intake = TriageUpcomingWith(old_shape, changes);
            EXPECT_EQ(intake.kind, IntakeKind::kIgnore) << json::serialize(changes);
            EXPECT_FALSE(intake.reason.empty());
        }
    }
    EXPECT_EQ(TriageUpcomingWith(true, {{"subscription", gone}}).kind, IntakeKind::kIgnore);
    EXPECT_EQ(TriageUpcomingWith(false, {{"parent", gone}}).kind, IntakeKind::kIgnore);
}

// Whatever the event, there is an answer with a reason, and only a stop fact carries a signal.
RC_GTEST_PROP(Triage, IsTotal, ()) {
    auto text = [](std::vector<std::string> choices) { return *rc::gen::elementOf(choices); };
    stripe::Event event;
    event.id = "evt_any";
    event.type = text({"invoice.payment_failed", "invoice.paid", "invoice.voided", "invoice.deleted",
                       "charge.refunded", "charge.dispute.created", "customer.subscription.deleted",
                       "payment_method.attached", "account.application.deauthorized",
                       "invoice.payment_action_required", "invoice.upcoming", "made.up"});
    event.account = text({"", "acct_1"});
    event.object_type = text({"", "invoice", "subscription", "charge", "dispute", "customer", "unknown"});
    event.customer = text({"", "cus_1"});
    event.subscription = text({"", "sub_1"});
    event.payment_intent = text({"", "pi_1"});
    event.invoice.status = text({"", "open", "paid", "new_status"});
    event.invoice.billing_reason = text({"", "subscription_cycle", "manual", "new_reason"});
    event.invoice.amount_remaining = *rc::gen::arbitrary<std::int64_t>();
    auto intake = Triage(event);
    RC_ASSERT(!intake.reason.empty());
    using enum IntakeKind;
    bool end = intake.kind == kPaid || intake.kind == kStop || intake.kind == kDisconnect;
    RC_ASSERT(intake.signal.empty() != end);
    if (event.account.empty()) RC_ASSERT(intake.kind == kIgnore || intake.kind == kPlan);
    if (intake.kind == kNudge) RC_ASSERT(!intake.customer_id.empty());
    if (intake.kind == kStop && intake.scope == StopScope::kPayment)
        RC_ASSERT(!intake.payment_intent_id.empty());
}

}  // namespace
}  // namespace citadel::inbox

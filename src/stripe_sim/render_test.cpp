#include "stripe_sim/render.h"
#include "stripe_sim/customers.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <fstream>
#include <sstream>

#include "stripe_sim/billing.h"
#include "stripe_sim/cards.h"
#include "stripe_sim/declines.h"
#include "stripe_sim/disputes.h"
#include "stripe_sim/refunds.h"
#include "stripe_sim/settlement.h"

namespace citadel::stripe_sim {
namespace {

json::value Fixture(const std::string& name) {
    std::ifstream file(std::string(CITADEL_SOURCE_DIR) + "/tests/fixtures/" + name);
    std::stringstream text;
    text << file.rdbuf();
    return json::parse(text.str());
}

std::string KindOf(const json::value& value) {
    if (value.is_number()) return "number";
    return std::string(json::to_string(value.kind()));
}

// Every member in both, of the same kind where neither is null; differences by path.
void Compare(const json::value& wanted, const json::value& made, const std::string& path,
             std::string& differences) {
    if (wanted.is_null() || made.is_null()) return;
    if (KindOf(wanted) != KindOf(made)) {
        differences += fmt::format("{}: {} instead of {}\n", path, KindOf(made), KindOf(wanted));
    } else if (wanted.is_object()) {
        if (path.ends_with("metadata")) return;
        for (const auto& [key, value] : wanted.as_object()) {
            const auto* member = made.as_object().if_contains(key);
            if (member) Compare(value, *member, path + "." + std::string(key), differences);
            else differences += fmt::format("{}.{}: missing\n", path, std::string(key));
        }
        for (const auto& [key, value] : made.as_object()) {
            if (!wanted.as_object().contains(key))
                differences += fmt::format("{}.{}: extra\n", path, std::string(key));
        }
    } else if (wanted.is_array() && !wanted.as_array().empty() && !made.as_array().empty()) {
        Compare(wanted.at(0), made.at(0), path + "[0]", differences);
    }
}

class RenderTest : public testing::TestWithParam<std::string_view> {
  protected:
    RenderTest() : world(clock, 1), account(world.AddAccount("Shop", std::string(GetParam()))) {
        customer = &AddCustomer(world, account, "Ada", "ada@example.com");
        fixtures = Fixture(fmt::format("stripe_objects_{}.json", GetParam())).at("objects").as_object();
    }

    // Renews once on a card that answers so.
    Invoice& RenewOn(std::string outcome) {
        NewCard card = *TestCard("pm_card_visa");
        card.bank.script.push_back(std::move(outcome));
        customer->default_payment_method = AttachCard(world, account, customer->id, std::move(card)).id;
        return Renew(world, account, StartSubscription(world, account, *customer, {}));
    }

    template <typename T>
    void ExpectLike(const std::string& fixture, const T& object) {
        std::string differences;
        Compare(fixtures.at(fixture).at("object"), Render(view(), object), fixture, differences);
        EXPECT_EQ(differences, "");
    }

    View view() const { return {world, account, ShapeOf(GetParam())}; }

    ManualClock clock{*ParseTime("2026-01-01T00:00:00Z")};
    World world;
    Account& account;
    Customer* customer = nullptr;
    json::object fixtures;
};

TEST_P(RenderTest, PaidRenewal_HasStripesMembers) {
    const auto& invoice = RenewOn("approve");
    ExpectLike("invoice_paid", invoice);
    ExpectLike("payment_intent_succeeded", *account.payment_intents.Find(invoice.payment_intent));
    ExpectLike("charge_succeeded", account.charges.all().back());
    ExpectLike("payment_method_card", account.payment_methods.all().back());
    ExpectLike("subscription_active", account.subscriptions.all().back());
    ExpectLike("customer_new_default", *customer);
    ExpectLike("account_connected", account);
    RefundCharge(world, account, account.charges.all().back(), {2000, "", {}}, {});
    ExpectLike("charge_refunded", account.charges.all().back());
    ExpectLike("dispute", OpenDispute(world, account, account.charges.all().back()));
}

TEST_P(RenderTest, FailedRenewal_HasStripesMembers) {
    auto& invoice = RenewOn("insufficient_funds");
    ExpectLike("invoice_open_attempt1", invoice);
    ExpectLike("payment_intent_insufficient_funds", *account.payment_intents.Find(invoice.payment_intent));
    ExpectLike("charge_failed", account.charges.all().back());
    ExpectLike("subscription_past_due", account.subscriptions.all().back());
    MarkUncollectible(world, account, invoice, "max_payment_attempts", {});
    ExpectLike("invoice_uncollectible", invoice);
    VoidInvoice(world, account, invoice, {});
    ExpectLike("invoice_void", invoice);
    ExpectLike("payment_intent_canceled", *account.payment_intents.Find(invoice.payment_intent));
}

TEST_P(RenderTest, WantedAuthentication_HasStripesMembers) {
    auto& invoice = RenewOn("requires_action");
    ExpectLike("payment_intent_requires_action", *account.payment_intents.Find(invoice.payment_intent));
    PayOutOfBand(world, account, invoice, {});
    ExpectLike("invoice_paid_out_of_band", invoice);
    const auto& blocked = RenewOn("highest_risk_level");
    ExpectLike("charge_blocked_by_radar", *account.charges.Find(blocked.charge));
}

INSTANTIATE_TEST_SUITE_P(BothShapes, RenderTest, testing::Values(kOldVersion, kNewVersion),
                         [](const auto& version) { return version.param == kOldVersion ? "Old" : "New"; });

TEST(RenderDeclineTest, EveryDeclineCode_SaysWhatStripeSays) {
    auto errors = Fixture("stripe_errors.json");
    for (const auto& [code, entry] : errors.at("card_declines").as_object()) {
        auto error = RenderDecline(std::string(code), "ch_3TestCycle1");
        auto wanted = entry.at("body").at("error").as_object();
        wanted.erase("request_log_url");
        EXPECT_EQ(json::value(error), json::value(wanted)) << std::string(code);
    }
}

TEST(RenderDeclineTest, StripesOwnRetryStops_AsTheTableSays) {
    auto table = Fixture("decline_codes.json");
    for (const auto& row : table.at("rows").as_array()) {
        std::string code(row.at(0).as_string());
        EXPECT_TRUE(IsDeclineCode(code));
        EXPECT_EQ(DeclineFor(code).stripe_stops, row.at(6).as_bool()) << code;
    }
}

}  // namespace
}  // namespace citadel::stripe_sim

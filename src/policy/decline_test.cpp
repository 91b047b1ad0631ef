#include "policy/decline.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

// The policy itself knows no JSON, so its library is not linked: the test brings the bodies along.
#include <boost/json/src.hpp>

#include "support/fixtures.h"

namespace citadel::policy {
namespace {

using enum DeclineFamily;

DeclineReading Read(const std::string& code, const std::string& advice = "", const std::string& network = "",
                    const std::string& network_advice = "") {
    Decline decline;
    decline.code = code;
    decline.advice = advice;
    decline.network_code = network;
    decline.network_advice = network_advice;
    return ReadDecline(decline);
}

// One row of decline_codes.json by the names of its columns.
struct FixtureRow {
    std::string code, error_code, category, retry, needs;
    bool stripe_blocks = false;
};

std::vector<FixtureRow> FixtureRows() {
    std::vector<FixtureRow> rows;
    auto fixture = ReadFixture("decline_codes.json");
    for (const auto& value : fixture.at("rows").as_array()) {
        const auto& cells = value.as_array();
        auto text = [&](std::size_t column) { return boost::json::value_to<std::string>(cells.at(column)); };
        rows.push_back({text(0), text(1), text(2), text(3), text(4), cells.at(6).as_bool()});
    }
    return rows;
}

TEST(Decline, EveryKnownCodeHasARow) {
    auto rows = FixtureRows();
    EXPECT_EQ(rows.size(), 50u);
    for (const auto& row : rows) {
        auto reading = Read(row.code);
        EXPECT_TRUE(reading.known) << row.code;
        EXPECT_EQ(reading.rule, "decline_code " + row.code);
        EXPECT_TRUE(Read(row.error_code).known) << row.error_code;
    }
}

TEST(Decline, TheSameCardIsTriedAgainExactlyWhereTheRetryClassAllowsIt) {
    const std::map<std::string, bool> allows = {
        {"soon", true},
        {"spaced", true},
        {"spaced_days", true},
        {"spaced_payday", true},
        {"once_then_customer", true},
        {"check_existing_payment_first", true},
        {"never_again", false},
        {"never_off_session", false},
        {"never_same_amount", false},
        {"never_same_method", false},
    };
    for (const auto& row : FixtureRows()) {
        ASSERT_TRUE(allows.contains(row.retry)) << row.retry;
        EXPECT_EQ(Read(row.code).retry_same_card, allows.at(row.retry)) << row.code;
    }
}

TEST(Decline, FamiliesFollowTheCategory) {
    const std::map<std::string, std::set<DeclineFamily>> families = {
        {"soft", {kFunds, kVague, kTechnical}},
        {"hard", {kNever, kCredential}},
        {"customer", {kCredential, kAuthentication}},
        {"fraud", {kFraud}},
        {"merchant", {kMerchant}},
        {"check", {kTechnical}},
        {"test", {kMerchant}},
    };
    for (const auto& row : FixtureRows()) {
        auto family = Read(row.code).family;
        ASSERT_TRUE(families.contains(row.category)) << row.category;
        EXPECT_TRUE(families.at(row.category).contains(family)) << row.code << " is " << NameOf(family);
        EXPECT_EQ(row.needs == "authenticate", family == kAuthentication) << row.code;
        if (row.retry == "spaced_payday" || row.retry == "spaced_days") {
            EXPECT_EQ(family, kFunds) << row.code;
        }
        if (row.retry == "soon") {
            EXPECT_EQ(family, kTechnical) << row.code;
        }
    }
}

TEST(Decline, NoAdviceRevivesWhatIsForbidden) {
    int forbidden = 0;
    for (const auto& row : FixtureRows()) {
        if (!row.stripe_blocks && row.category != "hard" && row.category != "fraud") continue;
        EXPECT_FALSE(Read(row.code, "try_again_later").retry_same_card) << row.code;
        EXPECT_FALSE(Read(row.code, "try_again_later", "51", "02").retry_same_card) << row.code;
        ++forbidden;
    }
    EXPECT_EQ(forbidden, 15);
}

TEST(Decline, TheIssuersWordOutranksTheDeclineCode) {
    EXPECT_FALSE(Read("insufficient_funds", "do_not_try_again").retry_same_card);
    EXPECT_EQ(Read("insufficient_funds", "do_not_try_again").rule, "advice_code do_not_try_again");
    EXPECT_EQ(Read("generic_decline", "confirm_card_data").family, kCredential);
    EXPECT_FALSE(Read("generic_decline", "confirm_card_data").retry_same_card);
    auto later = Read("expired_card", "try_again_later");
    EXPECT_TRUE(later.retry_same_card);
    EXPECT_EQ(later.family, kVague);
    EXPECT_EQ(later.rule, "advice_code try_again_later");
}

TEST(Decline, LaterKeepsTheCauseThatTheCodeNames) {
    EXPECT_EQ(Read("insufficient_funds", "try_again_later").family, kFunds);
    EXPECT_EQ(Read("processing_error", "try_again_later").family, kTechnical);
    EXPECT_EQ(Read("do_not_honor", "try_again_later").family, kVague);
    EXPECT_EQ(Read("do_not_honor", "try_again_later", "51").family, kFunds);
}

TEST(Decline, MastercardsAdviceIsObeyed) {
    for (auto code : {"03", "21"}) {
        EXPECT_EQ(Read("insufficient_funds", "", "", code).family, kNever) << code;
        EXPECT_FALSE(Read("insufficient_funds", "try_again_later", "", code).retry_same_card) << code;
        EXPECT_EQ(Read("insufficient_funds", "", "", code).rule, std::string("network_advice_code ") + code);
    }
    for (auto code : {"01", "40", "41", "43"}) {
        EXPECT_EQ(Read("do_not_honor", "", "", code).family, kCredential) << code;
        EXPECT_FALSE(Read("do_not_honor", "try_again_later", "", code).retry_same_card) << code;
    }
    for (auto code : {"24", "25", "26", "27", "28", "29", "30"}) {
        EXPECT_EQ(Read("do_not_honor", "", "", code).family, kFunds) << code;
        EXPECT_TRUE(Read("do_not_honor", "", "", code).retry_same_card) << code;
    }
    EXPECT_TRUE(Read("do_not_honor", "", "", "02").retry_same_card);
    EXPECT_EQ(Read("do_not_honor", "", "", "04").family, kMerchant);
    EXPECT_FALSE(Read("do_not_honor", "", "", "22").retry_same_card);
}

TEST(Decline, VisasCategoryOneIsNeverRepeated) {
    for (auto code : {"04", "07", "12", "14", "15", "41", "43", "46", "57", "R0", "R1", "R3"}) {
        for (auto decline_code : {"", "generic_decline", "insufficient_funds", "never_heard_of"}) {
            EXPECT_FALSE(Read(decline_code, "try_again_later", code, "02").retry_same_card) << code;
        }
        EXPECT_EQ(Read("generic_decline", "", code).rule, std::string("network_decline_code ") + code);
    }
}

TEST(Decline, TheNetworksCodeSpeaksWhereStripesGivesNoReason) {
    EXPECT_EQ(Read("generic_decline", "", "51").family, kFunds);
    EXPECT_EQ(Read("generic_decline", "", "91").family, kTechnical);
    EXPECT_EQ(Read("generic_decline", "", "1A").family, kAuthentication);
    EXPECT_FALSE(Read("generic_decline", "", "54").retry_same_card);
    EXPECT_EQ(Read("", "", "51").rule, "network_decline_code 51");
    EXPECT_EQ(Read("processing_error", "", "51").family, kTechnical);
}

TEST(Decline, AnUnknownCodeIsVagueAndSaysSo) {
    auto reading = Read("mercury_in_retrograde");
    EXPECT_EQ(reading.family, kVague);
    EXPECT_TRUE(reading.retry_same_card);
    EXPECT_FALSE(reading.known);
    EXPECT_EQ(reading.rule, "unknown decline_code mercury_in_retrograde");
    EXPECT_EQ(Read("").rule, "no decline code");
    EXPECT_EQ(Read("mercury_in_retrograde", "brand_new_advice", "ZZ", "99").known, false);
}

TEST(Decline, MastercardsAdviceNamesTheDelayBeforeTheNextTry) {
    const std::map<std::string, int> hours = {{"24", 1},   {"25", 24},  {"26", 48},  {"27", 96},
                                              {"28", 144}, {"29", 192}, {"30", 240}, {"02", 72}};
    for (const auto& [code, delay] : hours) {
        auto reading = Read("insufficient_funds", "", "51", code);
        EXPECT_EQ(reading.not_before.count(), delay) << code;
        EXPECT_EQ(reading.action, DeclineAction::kPayday) << code;
        EXPECT_EQ(reading.money_expected, code != "02") << code;
        // The issuer's "later" speaks first, and the network's delay still holds.
        EXPECT_EQ(Read("insufficient_funds", "try_again_later", "51", code).not_before.count(), delay)
            << code;
    }
    EXPECT_EQ(Read("insufficient_funds").not_before.count(), 0);
    EXPECT_EQ(Read("lost_card", "", "", "30").not_before.count(), 0);
}

TEST(Decline, TheActionSaysWhatToDo) {
    EXPECT_EQ(Read("insufficient_funds").action, DeclineAction::kPayday);
    EXPECT_EQ(Read("card_velocity_exceeded").action, DeclineAction::kLimit);
    EXPECT_EQ(Read("do_not_honor").action, DeclineAction::kSpace);
    EXPECT_EQ(Read("do_not_honor", "", "51").action, DeclineAction::kPayday);
    EXPECT_EQ(Read("processing_error").action, DeclineAction::kSoon);
    EXPECT_EQ(Read("expired_card").action, DeclineAction::kAsk);
    EXPECT_EQ(Read("lost_card").action, DeclineAction::kNewCard);
    EXPECT_EQ(Read("authentication_required").action, DeclineAction::kAuthenticate);
    EXPECT_EQ(Read("invalid_amount").action, DeclineAction::kMerchant);
    EXPECT_EQ(Read("stop_payment_order").action, DeclineAction::kStop);
    EXPECT_EQ(Read("do_not_honor", "", "", "21").action, DeclineAction::kStop);
    EXPECT_EQ(Read("mercury_in_retrograde").action, DeclineAction::kSpace);
}

TEST(Decline, EveryFamilyHasAName) {
    std::set<std::string_view> names;
    for (auto family :
         {kFunds, kVague, kTechnical, kCredential, kAuthentication, kFraud, kNever, kMerchant}) {
        EXPECT_FALSE(NameOf(family).empty());
        names.insert(NameOf(family));
    }
    EXPECT_EQ(names.size(), 8u);
}

}  // namespace
}  // namespace citadel::policy

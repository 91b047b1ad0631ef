#include "policy/decline_table.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace citadel::policy {
namespace {

const std::string kHead = "input\tcode\tfamily\tsame_card\taction\twait_h\tin_force\tsource\n";

std::string ErrorOf(const std::string& text) {
    try {
        ParseDeclines(text);
    } catch (const std::invalid_argument& refused) {
        return refused.what();
    }
    return "";
}

TEST(DeclineTable, TheBuiltInOneIsReadWholeWithSourceAndDate) {
    EXPECT_GE(DeclineRows().size(), 100u);
    for (const auto& row : DeclineRows()) {
        EXPECT_FALSE(row.source.empty()) << row.code;
        EXPECT_EQ(row.in_force.size(), 10u) << row.code;
        EXPECT_EQ(FindDecline(row.input, row.code), &row);
    }
    EXPECT_EQ(FindDecline(DeclineInput::kDeclineCode, "mercury_in_retrograde"), nullptr);
    // A code of one input says nothing in another.
    EXPECT_EQ(FindDecline(DeclineInput::kDeclineCode, "24"), nullptr);
}

TEST(DeclineTable, ReadsARow) {
    auto text =
        "# a remark\n" + kHead + "network_advice_code\t27\tfunds\tlater\tpayday\t96\t2022-10-14\tsome page\n";
    auto rows = ParseDeclines(text);
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].input, DeclineInput::kNetworkAdvice);
    EXPECT_EQ(rows[0].code, "27");
    EXPECT_EQ(rows[0].family, DeclineFamily::kFunds);
    EXPECT_EQ(rows[0].same_card, SameCard::kLater);
    EXPECT_EQ(rows[0].action, DeclineAction::kPayday);
    EXPECT_EQ(rows[0].not_before, std::chrono::hours(96));
    EXPECT_EQ(rows[0].in_force, "2022-10-14");
    EXPECT_EQ(rows[0].source, "some page");
}

TEST(DeclineTable, NamesTheLineThatIsWrong) {
    auto with = [](const std::string& row) { return ErrorOf(kHead + row + "\n"); };
    EXPECT_EQ(with("decline_code\tx\tfunds\tlater\tpayday\t0\t2026-01-01\tpage"), "");
    for (const char* row : {
             "decline_code\tx\tfunds\tlater\tpayday\t0\t2026-01-01",             // a column missing
             "decline_code\tx\tfunds\tlater\tpayday\t0\t2026-01-01\tpage\tand",  // one too many
             "decline_code\tx\t\tlater\tpayday\t0\t2026-01-01\tpage",            // an empty one
             "decline\tx\tfunds\tlater\tpayday\t0\t2026-01-01\tpage",
             "decline_code\tx\tmoney\tlater\tpayday\t0\t2026-01-01\tpage",
             "decline_code\tx\tfunds\tsometimes\tpayday\t0\t2026-01-01\tpage",
             "decline_code\tx\tfunds\tlater\thope\t0\t2026-01-01\tpage",
             "decline_code\tx\tfunds\tlater\tpayday\t-1\t2026-01-01\tpage",
             "decline_code\tx\tfunds\tlater\tpayday\t1h\t2026-01-01\tpage",
             "decline_code\tx\tfunds\tlater\tpayday\t0\t2026-02-30\tpage",
             "decline_code\tx\tnever\tnever\tpayday\t0\t2026-01-01\tpage",  // forbidden, and yet a time
             "decline_code\tx\tfunds\tlater\task\t0\t2026-01-01\tpage",
             "decline_code\tx\tnever\tnever\tnew_card\t5\t2026-01-01\tpage",
         }) {
        EXPECT_NE(with(row).find("line 2"), std::string::npos) << row << " gave: " << with(row);
    }
    EXPECT_NE(ErrorOf("code\tfamily\n"), "");
    auto row = std::string("decline_code\tx\tfunds\tlater\tpayday\t0\t2026-01-01\tpage");
    EXPECT_NE(with(row + "\n" + row).find("line 3"), std::string::npos);
}

}  // namespace
}  // namespace citadel::policy

// What the dashboard asks beside the daily figures: sums by cause and decline, search, the card, a merchant's
// letters. Each sees its own merchant's rows and nobody else's.
#include <gtest/gtest.h>

#include "store/breakdown.h"
#include "store/card_use.h"
#include "store/email_templates.h"
#include "store/recovery_search.h"
#include "support/tenants.h"

namespace citadel::testing {
namespace {

class Figures : public ::testing::Test {
  protected:
    store::Breakdown Read(const std::string& from = "2026-01-01", const std::string& to = "2026-01-31") {
        return t_.Do(store::ReadBreakdown(t_.tenant_pool, t_.mine, from, to));
    }
    store::Page<store::RecoveryLine> Search(const std::string& words, const std::string& status = "",
                                            store::PageOrder order = {}) {
        return t_.Do(store::SearchRecoveries(t_.tenant_pool, t_.mine, status, words, order));
    }
    void Change(std::int64_t recovery, const std::string& set) {
        t_.sql().Run(fmt::format("update citadel.recoveries set {} where recovery_id = {}", set, recovery));
    }

    Tenants t_;
};

TEST_F(Figures, Breakdown_SumsWhatIsOpenWhatCameBackAndWhy) {
    t_.sql().Run(
        "update citadel.recoveries set currency = 'usd', amount_due = 1000, decline_code = "
        "'insufficient_funds', first_failed_at = '2026-01-10T00:00:00Z'");
    Change(t_.Recovery(t_.mine, 1),
           "status = 'recovered', reason = 'paid', cause = 'retry', amount_recovered = 1000, amount_reversed "
           "= 300, "
           "closed_at = '2026-01-31T23:59:59Z'");
    Change(t_.Recovery(t_.mine, 2), "decline_code = 'expired_card', currency = 'eur'");
    auto sums = Read();
    ASSERT_EQ(sums.open.size(), 2u);
    EXPECT_EQ(sums.open[0].count + sums.open[1].count, 2);
    ASSERT_EQ(sums.causes.size(), 1u);
    EXPECT_EQ(sums.causes[0].cause, "retry");
    EXPECT_EQ(sums.causes[0].amount, 700);
    ASSERT_EQ(sums.declined.size(), 2u);
    for (const auto& row : sums.declined) {
        bool funds = row.decline.decline_code == "insufficient_funds";
        EXPECT_EQ(row.currency, funds ? "usd" : "eur");
        EXPECT_EQ(row.count, funds ? 2 : 1);
        EXPECT_EQ(row.recovered_amount, funds ? 700 : 0);
    }
}

TEST_F(Figures, Breakdown_CountsWholeDaysInUtcAndNoOthers) {
    auto recovery = t_.Recovery(t_.mine);
    Change(recovery,
           "first_failed_at = '2026-01-05T12:00:00Z', status = 'recovered', reason = 'paid', cause = "
           "'customer', "
           "amount_recovered = 5, closed_at = '2026-01-10T23:59:59.999Z'");
    EXPECT_EQ(Read("2026-01-10", "2026-01-10").causes.size(), 1u);
    EXPECT_EQ(Read("2026-01-11", "2026-01-31").causes.size(), 0u);
    EXPECT_EQ(Read("2026-01-01", "2026-01-09").causes.size(), 0u);
    // It failed on the 5th and ended later: it is one of the 5th's.
    EXPECT_EQ(Read("2026-01-05", "2026-01-05").declined.size(), 1u);
}

TEST_F(Figures, Search_FindsByNameAddressNumberAndId) {
    auto recovery = t_.Recovery(t_.mine, 2);
    Change(recovery,
           "customer_name = 'Åsa Öberg', customer_email = 'asa@example.com', invoice_number = 'ACME-7', "
           "invoice_id = 'in_searched', customer_id = 'cus_searched'");
    for (auto words : {"åsa ÖB", "ASA@exam", "acme-7", "in_searched", "cus_searched"}) {
        auto page = Search(words);
        ASSERT_EQ(page.rows.size(), 1u) << words;
        EXPECT_EQ(page.rows[0].id, recovery);
        EXPECT_FALSE(page.has_more);
    }
    EXPECT_EQ(Search("%").rows.size(), 0u);
    EXPECT_EQ(Search("_").rows.size(), 0u);
    EXPECT_EQ(Search("in_search").rows.size(), 0u);
    EXPECT_EQ(Search("asa", "open").rows.size(), 1u);
    EXPECT_EQ(Search("asa", "recovered").rows.size(), 0u);
}

TEST_F(Figures, Search_PagesAndSeesNobodyElses) {
    t_.sql().Run("update citadel.recoveries set customer_name = 'Same Name'");
    store::PageOrder order{.before = store::kNewestFirst, .limit = 2};
    auto first = Search("same name", "", order);
    EXPECT_EQ(first.rows.size(), 2u);
    ASSERT_TRUE(first.has_more);
    order.before = first.next;
    auto second = Search("same name", "", order);
    ASSERT_EQ(second.rows.size(), 1u);
    EXPECT_FALSE(second.has_more);
    EXPECT_EQ(second.rows[0].id, t_.Recovery(t_.mine, 1));
}

TEST_F(Figures, Card_IsTheOneThatWouldBeChargedAndUnknownBeforeThat) {
    auto recovery = t_.Recovery(t_.mine), foreign = t_.Recovery(t_.theirs);
    auto card = [&](std::int64_t of) { return t_.Do(store::ReadCardOf(t_.tenant_pool, t_.mine, of)); };
    EXPECT_FALSE(card(recovery));
    Change(recovery, "card_fingerprint = 'fp_1', card_network = 'visa'");
    Change(foreign, "card_fingerprint = 'fp_2', card_network = 'amex'");
    ASSERT_TRUE(card(recovery));
    EXPECT_EQ(card(recovery)->fingerprint, "fp_1");
    EXPECT_EQ(card(recovery)->network, "visa");
    EXPECT_FALSE(card(foreign));
}

TEST_F(Figures, Templates_AreWrittenOverDeletedAndNobodyElses) {
    auto read = [&](MerchantKey who) {
        return t_.Do(store::ReadTemplate(t_.tenant_pool, who, "payment_failed", 1));
    };
    auto write = [&](const std::string& subject) {
        store::OwnTemplate text{subject, "**body**", t_.now()};
        t_.Do(store::WriteTemplate(t_.tenant_pool, t_.mine, "payment_failed", 1, text));
    };
    EXPECT_FALSE(read(t_.mine));
    write("first");
    write("second");
    ASSERT_TRUE(read(t_.mine));
    EXPECT_EQ(read(t_.mine)->subject, "second");
    EXPECT_EQ(read(t_.mine)->body, "**body**");
    EXPECT_EQ(read(t_.mine)->updated_at, t_.now());
    EXPECT_FALSE(read(t_.theirs));
    t_.Do(store::DeleteTemplate(t_.tenant_pool, t_.theirs, "payment_failed", 1));
    EXPECT_TRUE(read(t_.mine));
    t_.Do(store::DeleteTemplate(t_.tenant_pool, t_.mine, "payment_failed", 1));
    EXPECT_FALSE(read(t_.mine));
}

}  // namespace
}  // namespace citadel::testing

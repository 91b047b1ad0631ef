// The engine's promises over random histories. Payers with random cards and banks, merchants in every mode,
// and whatever can happen to an open invoice, in any order and at any time: the customer pays, brings a
// card, cancels; the merchant voids, refunds, switches modes, asks for a charge, stops; Stripe answers
// late, wrongly or not at all; webhooks are lost, doubled and reordered; workers crash between any two
// steps. After every day the promises are judged from both sides, by the database and by the simulator's
// own ledger. CITADEL_HISTORIES sets how many histories are played, CITADEL_SEED where they begin.
#include <gtest/gtest.h>

#include <cstdlib>

#include "property/history_world.h"

namespace citadel::testing {
namespace {

std::uint64_t FromEnvironment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text && *text ? std::strtoull(text, nullptr, 10) : otherwise;
}

constexpr int kPayers = 50;
constexpr int kDays = 34;

TEST(EngineHistories, KeepEveryPromise) {
    // More is played with CITADEL_HISTORIES=1000.
    auto histories = FromEnvironment("CITADEL_HISTORIES", 200);
    auto seed = FromEnvironment("CITADEL_SEED", 20260302);
    Tally tally;
    for (std::uint64_t played = 0; played < histories; played += kPayers, ++seed) {
        SCOPED_TRACE("CITADEL_SEED=" + std::to_string(seed));
        HistoryWorld world(seed, kPayers);
        for (int day = 1; day <= kDays; ++day) {
            world.PlayDay(day);
            world.ExpectPromisesKept();
            if (::testing::Test::HasFailure()) return;
        }
        world.ExpectRest();
        if (::testing::Test::HasFailure()) return;
        tally.Add(world.tally());
    }
    // A history in which nothing happens proves nothing.
    EXPECT_GT(tally.recovered, histories / 10);
    EXPECT_GT(tally.stopped, histories / 20);
    EXPECT_GT(tally.charges, histories / 2);
    EXPECT_GT(tally.crashes, histories / 10);
    EXPECT_GT(tally.mails, histories / 2);
    EXPECT_GT(tally.exhausted, 0U);
    RecordProperty("tally", tally.Text());
}

}  // namespace
}  // namespace citadel::testing

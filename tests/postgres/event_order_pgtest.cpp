// Promise 2: however often, late or out of order the events of one invoice arrive, the state is that of
// one clean delivery. Every order of small sets, in both API shapes, with and without second deliveries.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "support/ingest.h"
#include "support/state.h"
#include "support/stories.h"

namespace citadel::testing {
namespace {

const Time kNow = *ParseTime("2026-01-20T12:00:00Z");

struct Plot {
    const char* name;
    std::vector<Told> told;  // in the order of a clean delivery
};
void PrintTo(const Plot& plot, std::ostream* out) { *out << plot.name; }

const Told kFailed{"invoice.payment_failed", 1};
const Told kFailedAgain{"invoice.payment_failed", 2};
const Told kAsked{"invoice.payment_action_required"};
const Told kRefunded{"charge.refunded"};
const Told kDisputed{"charge.dispute.created"};
const Told kEnded{"customer.subscription.deleted"};

Told Paid(int attempts) { return {"invoice.paid", attempts}; }

const std::vector<Plot> kPlots = {
    {"PaidByTheCustomer", {kFailed, kFailedAgain, Paid(2)}},
    {"PaidByStripesRetry", {kFailed, kFailedAgain, Paid(3)}},
    {"PaidIsToldTwice", {kFailed, Paid(2), {"invoice.payment_succeeded", 2}}},
    {"PaidAfterTheSubscriptionEnded", {kFailed, kEnded, Paid(1)}},
    {"PaidAndRefunded", {kFailed, Paid(2), kRefunded}},
    {"PaidAndDisputed", {kFailed, Paid(2), kDisputed}},
    {"PaidRefundedAndDisputed", {kFailed, Paid(2), kRefunded, kDisputed}},
    {"Voided", {kFailed, kFailedAgain, {"invoice.voided"}}},
    {"GivenUpThenPaid", {kFailed, {"invoice.marked_uncollectible"}, Paid(1)}},
    {"StoppedTwice", {kFailed, kEnded, {"invoice.voided"}}},
    {"AskedThenPaid", {kAsked, kFailed, Paid(1)}},
    {"AskedAndStillOpen", {kAsked, kFailed, kFailedAgain}},
    {"PaidOutsideStripe", {kFailed, kEnded, {"invoice.paid#out_of_band"}}},
    {"Disconnected", {kFailed, {"account.application.deauthorized"}}},
    {"PaidThenDisconnected", {kFailed, Paid(2), {"account.application.deauthorized"}}},
};

// One account for each way to tell the story; its events, in its order.
struct Telling {
    std::string account;
    std::vector<std::string> events;
};

class TellsInEveryOrder {
  public:
    TellsInEveryOrder(const Plot& plot, std::string shape, std::string prefix)
        : plot_(plot), shape_(std::move(shape)), prefix_(std::move(prefix)) {
        std::vector<std::size_t> order(plot.told.size());
        std::iota(order.begin(), order.end(), 0);
        do {
            Add(order);
            auto twice = order;  // all again, in the same order
            twice.insert(twice.end(), order.begin(), order.end());
            Add(twice);
            auto doubled = std::vector<std::size_t>();  // each one twice in a row
            for (auto i : order) doubled.insert(doubled.end(), {i, i});
            Add(doubled);
        } while (std::next_permutation(order.begin(), order.end()));
    }
    const std::vector<Telling>& tellings() const { return tellings_; }

  private:
    void Add(const std::vector<std::size_t>& order) {
        int number = static_cast<int>(tellings_.size()) + 1;
        Telling telling{prefix_ + std::to_string(number), {}};
        Story story(shape_, telling.account, number);
        for (auto i : order) telling.events.push_back(story.Tell(plot_.told[i]));
        tellings_.push_back(std::move(telling));
    }

    const Plot& plot_;
    std::string shape_;
    std::string prefix_;
    std::vector<Telling> tellings_;
};

std::string OrderOf(const Telling& telling) {
    std::string text;
    for (const auto& event : telling.events) text += stripe::ParseEvent(event).id + " ";
    return text;
}

void ExpectAllEqual(TestDatabase& database, const std::vector<Telling>& tellings) {
    auto clean = StateOfAccount(database.sql(), tellings.front().account);
    int complaints = 0;
    for (const auto& telling : tellings) {
        auto state = StateOfAccount(database.sql(), telling.account);
        EXPECT_EQ(state, clean) << "after " << OrderOf(telling);
        if (state != clean && ++complaints == 2) break;  // two examples tell enough
    }
    EXPECT_EQ(BookDifferences(database.url()), 0);
}

// All tests of this file share a database: every telling has an account of its own.
class EventOrder : public ::testing::TestWithParam<std::tuple<Plot, const char*>> {
  protected:
    static void SetUpTestSuite() { database_ = new TestDatabase(); }
    static void TearDownTestSuite() { delete database_; }

    EventOrder()
        : teller_(std::get<0>(GetParam()), std::get<1>(GetParam()), Prefix()),
          ingest_(database_->url(), kNow) {
        AddMerchants(database_->sql(), Prefix(), static_cast<int>(teller_.tellings().size()));
    }

    static std::string Prefix() {
        std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
        return "acct_" + std::to_string(std::hash<std::string>()(name)) + "_";
    }

    inline static TestDatabase* database_ = nullptr;
    TellsInEveryOrder teller_;
    Ingest ingest_;
};

TEST_P(EventOrder, EveryOrderGivesTheStateOfOneCleanDelivery) {
    std::vector<std::vector<std::string>> lists;
    for (const auto& telling : teller_.tellings()) lists.push_back(telling.events);
    ingest_.StoreLists(lists);
    ExpectAllEqual(*database_, teller_.tellings());
}

TEST_P(EventOrder, AllAtOnceGivesTheStateOfOneCleanDelivery) {
    ingest_.StoreLists({teller_.tellings().front().events});
    for (const auto& telling : teller_.tellings()) ingest_.StoreAtOnce(telling.events);
    ExpectAllEqual(*database_, teller_.tellings());
}

INSTANTIATE_TEST_SUITE_P(Plots, EventOrder,
                         ::testing::Combine(::testing::ValuesIn(kPlots),
                                            ::testing::Values(kOldShape, kNewShape)),
                         [](const auto& info) {
                             bool old_shape = std::get<1>(info.param) == std::string(kOldShape);
                             return std::string(std::get<0>(info.param).name) +
                                    (old_shape ? "_OldShape" : "_NewShape");
                         });

}  // namespace
}  // namespace citadel::testing

#include "runtime/batcher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

namespace citadel::runtime {
namespace {

namespace asio = boost::asio;

// A letter for the subject, then a number: "a1" and "a2" are one subject's.
std::vector<std::string> SubjectOf(const std::string& item) {
    std::vector<std::string> subjects;
    if (item.front() != '-') subjects.push_back(item.substr(0, 1));
    return subjects;
}

// A database that commits when told to.
class Bench {
  public:
    explicit Bench(Batcher<std::string, std::string>::Limits limits = {})
        : batcher(
              io, "test", limits, [this](std::vector<std::string> items) { return Commit(std::move(items)); },
              SubjectOf),
          gate(io.get_executor()) {}

    void Add(const std::string& item) { adders.Spawn("add", AddOne(item)); }
    // Lets one commit go on, and everything that follows from it.
    void CommitOne() {
        ++permits;
        gate.NotifyAll();
        Settle();
    }
    void Settle() {
        io.restart();
        while (io.poll() > 0) io.restart();
    }

    asio::io_context io{1};
    Batcher<std::string, std::string> batcher;
    Nursery adders{io};
    Wake gate;
    int permits = 0;
    bool failing = false;
    std::vector<std::vector<std::string>> begun;  // batches handed to commit
    std::map<std::string, std::string> answers;

  private:
    asio::awaitable<std::vector<std::string>> Commit(std::vector<std::string> items) {
        begun.push_back(items);
        while (permits == 0) co_await gate.Wait();
        --permits;
        if (failing) throw Trouble(TroubleKind::kUnavailable, "the database is away");
        for (auto& item : items) item = "done " + item;
        co_return items;
    }
    asio::awaitable<void> AddOne(std::string item) {
        std::string answer;
        try {
            answer = co_await batcher.Add(item);
        } catch (const Trouble& trouble) {
            answer = trouble.what();
        }
        answers[item] = answer;
    }
};

using Batches = std::vector<std::vector<std::string>>;

TEST(Batcher, TheFirstItemWaitsForNobodyAndTheRestShareACommit) {
    Bench bench;
    for (const char* item : {"-1", "-2", "-3"}) {
        bench.Add(item);
        bench.Settle();
    }
    EXPECT_EQ(bench.begun, (Batches{{"-1"}}));
    bench.CommitOne();
    EXPECT_EQ(bench.begun, (Batches{{"-1"}, {"-2", "-3"}}));
    EXPECT_EQ(bench.answers.size(), 1u);
    bench.CommitOne();
    EXPECT_EQ(bench.answers["-3"], "done -3");
    EXPECT_EQ(bench.answers.size(), 3u);
}

TEST(Batcher, ABatchHoldsAtMostItsMaximum) {
    Bench bench({.batch_max = 2, .waiting_max = 100, .lanes = 1});
    for (int i = 1; i <= 6; ++i) {
        bench.Add("-" + std::to_string(i));
        bench.Settle();
    }
    for (int i = 0; i < 4; ++i) bench.CommitOne();
    EXPECT_EQ(bench.begun, (Batches{{"-1"}, {"-2", "-3"}, {"-4", "-5"}, {"-6"}}));
}

TEST(Batcher, TwoItemsOfOneSubjectNeverShareABatchAndKeepTheirOrder) {
    Bench bench;
    for (const char* item : {"x1", "a1", "a2", "b1", "a3", "c1"}) {
        bench.Add(item);
        bench.Settle();
    }
    for (int i = 0; i < 4; ++i) bench.CommitOne();
    EXPECT_EQ(bench.begun, (Batches{{"x1"}, {"a1", "b1", "c1"}, {"a2"}, {"a3"}}));
}

TEST(Batcher, ASecondLaneTakesWhatConcernsOthers) {
    Bench bench({.batch_max = 64, .waiting_max = 100, .lanes = 2});
    for (const char* item : {"a1", "a2", "b1"}) {
        bench.Add(item);
        bench.Settle();
    }
    // a2 waits for the lane that commits a1, though the other lane is free.
    EXPECT_EQ(bench.begun, (Batches{{"a1"}, {"b1"}}));
    EXPECT_EQ(bench.batcher.waiting(), 1u);
    bench.CommitOne();
    bench.CommitOne();
    EXPECT_EQ(bench.begun.back(), (std::vector<std::string>{"a2"}));
}

TEST(Batcher, FewItemsWaitForTheBatchUnderWayAndManyOpenAnotherBesideIt) {
    Bench bench({.batch_max = 8, .waiting_max = 100, .lanes = 2, .beside_min = 3});
    for (auto item : {"a1", "b1", "c1"}) {
        bench.Add(item);
        bench.Settle();
    }
    ASSERT_EQ(bench.begun.size(), 1u);
    bench.Add("d1");
    bench.Settle();
    EXPECT_EQ(bench.begun.back(), (std::vector<std::string>{"b1", "c1", "d1"}));
    bench.Add("e1");
    bench.CommitOne();  // the first lane ends: one item is not worth a batch beside the second
    EXPECT_EQ(bench.begun.size(), 2u);
    bench.CommitOne();
    EXPECT_EQ(bench.begun.back(), (std::vector<std::string>{"e1"}));
    bench.CommitOne();
    EXPECT_EQ(bench.answers.size(), 5u);
}

TEST(Batcher, NeverRunsMoreLanesThanAllowed) {
    Bench bench({.batch_max = 1, .waiting_max = 100, .lanes = 3});
    for (int i = 0; i < 9; ++i) bench.Add("-" + std::to_string(i));
    bench.Settle();
    EXPECT_EQ(bench.begun.size(), 3u);
    for (int i = 0; i < 9; ++i) bench.CommitOne();
    EXPECT_EQ(bench.answers.size(), 9u);
}

TEST(Batcher, RefusesWhatItCannotHold) {
    Bench bench({.batch_max = 1, .waiting_max = 2, .lanes = 1});
    for (const char* item : {"-1", "-2", "-3", "-4"}) {
        bench.Add(item);
        bench.Settle();
    }
    EXPECT_EQ(bench.answers, (std::map<std::string, std::string>{{"-4", "test is full"}}));
    bench.CommitOne();
    bench.Add("-5");
    bench.Settle();
    EXPECT_FALSE(bench.answers.contains("-5")) << "there is room again";
}

TEST(Batcher, EveryoneInTheBatchHearsOfItsFailureAndTheNextBatchGoesOn) {
    Bench bench;
    for (const char* item : {"-1", "a1", "b1"}) {
        bench.Add(item);
        bench.Settle();
    }
    bench.CommitOne();
    bench.failing = true;
    bench.CommitOne();
    EXPECT_EQ(bench.answers["-1"], "done -1");
    EXPECT_EQ(bench.answers["a1"], "the database is away");
    EXPECT_EQ(bench.answers["b1"], "the database is away");
    bench.failing = false;
    bench.Add("a2");
    bench.Settle();
    bench.CommitOne();
    EXPECT_EQ(bench.answers["a2"], "done a2");
}

TEST(Batcher, CloseWaitsForWhatIsBeingCommitted) {
    Bench bench;
    bench.Add("-1");
    bench.Settle();
    bool closed = false;
    asio::co_spawn(bench.io, bench.batcher.Close(), [&closed](std::exception_ptr) { closed = true; });
    bench.Settle();
    EXPECT_FALSE(closed);
    bench.CommitOne();
    EXPECT_TRUE(closed);
    EXPECT_EQ(bench.answers["-1"], "done -1");
}

}  // namespace
}  // namespace citadel::runtime

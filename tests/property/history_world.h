// A small world for random histories: database, simulator and engine in one process, one clock, one
// generator that everything comes from.
#pragma once
#include <boost/json/object.hpp>

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "app/engine.h"
#include "app/sim_remote.h"
#include "stripe_sim/simulator.h"
#include "support/test_database.h"

namespace citadel::testing {

struct Tally {
    std::uint64_t recovered = 0, stopped = 0, exhausted = 0, charges = 0, mails = 0, crashes = 0;
    void Add(const Tally& other);
    std::string Text() const;
};

class HistoryWorld {
  public:
    HistoryWorld(std::uint64_t seed, int payers);
    ~HistoryWorld();

    // A day with a few things that happen at random hours.
    void PlayDay(int day);
    // What has to be true at any moment at which nothing is under way.
    void ExpectPromisesKept();
    // After weeks without a fault: no slot in doubt, no recovery without a task, every end told alike.
    void ExpectRest();
    Tally tally();

  private:
    struct Payer {
        std::string account;
        std::string customer;
        std::string subscription;
        std::string invoice;
    };

    int Below(int limit) { return static_cast<int>(random_() % static_cast<std::uint64_t>(limit)); }
    std::string StoryOf(const std::string& text);
    bool Chance(int percent) { return Below(100) < percent; }
    boost::json::object Tell(const std::string& path, boost::json::object body);
    int Api(const std::string& account, const std::string& method, const std::string& path,
            const std::string& form);

    void AddMerchant(int number);
    void AddPayer(int number);
    boost::json::array RandomOutcomes();
    void HappenSomething();
    void HappenToPayer(const Payer& payer);
    void HappenToMerchant(const Payer& payer);
    void StopByHand(const Payer& payer);
    void SetFaults(bool on);
    void PlayUntil(Time end);
    boost::asio::awaitable<bool> IsQuiet();
    boost::asio::awaitable<void> LetSettle(int rounds = 0);
    boost::asio::awaitable<Time> NextMoment();

    std::mt19937_64 random_;
    std::mt19937_64 crashes_;
    Time start_;
    TestDatabase database_;
    boost::asio::io_context io_{1};
    app::Config config_;
    ManualClock* clock_;
    std::unique_ptr<stripe_sim::Simulator> simulator_;
    std::unique_ptr<app::Engine> engine_;
    std::unique_ptr<http::Client> http_;
    std::unique_ptr<app::SimRemote> remote_;
    std::vector<std::string> accounts_;
    std::vector<Payer> payers_;
    std::uint64_t crash_count_ = 0;
    int crash_percent_ = 0;
    bool simulator_ended_ = false;
};

}  // namespace citadel::testing

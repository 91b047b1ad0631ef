#include "auth/key_source.h"

#include <gtest/gtest.h>
#include <boost/asio/steady_timer.hpp>

#include "http/server.h"
#include "runtime/nursery.h"
#include "support/run.h"

namespace citadel::auth {
namespace {

namespace asio = boost::asio;
using std::chrono::hours;
using std::chrono::seconds;

std::string SetOf(const std::string& key_id) {
    static const auto key = crypto::SigningKey::Generate("KEY");
    auto text = key.PublicSet();
    return text.replace(text.find("\"KEY\"") + 1, 3, key_id);
}

// The issuer's address, on the same io_context.
class Published : public ::testing::Test {
  protected:
    Published() : server(io, [this](http::Request request) { return Serve(std::move(request)); }) {
        server.Listen("127.0.0.1", 0);
        KeySource::Options options;
        options.url = "http://127.0.0.1:" + std::to_string(server.port()) + "/.well-known/jwks.json";
        source.emplace(io, http, clock, options);
    }
    ~Published() override { testing::Await(io, server.Drain(std::chrono::milliseconds(0))); }

    asio::awaitable<http::Reply> Serve(http::Request) {
        ++fetches;
        while (silent) co_await released.Wait();
        co_return http::Json(status, set);
    }
    Keys Current() { return testing::Await(io, source->Current()); }
    Keys NewerThan(Keys known) { return testing::Await(io, source->NewerThan(std::move(known))); }

    asio::io_context io{1};
    ManualClock clock{FromUnixSeconds(1767225600)};
    http::Client http{io};
    http::Server server;
    std::optional<KeySource> source;
    runtime::Wake released{io.get_executor()};
    int fetches = 0;
    int status = 200;
    bool silent = false;
    std::string set = SetOf("a");
};

TEST_F(Published, KeysAreFetchedOnceInFiveMinutes) {
    ASSERT_TRUE(Current());
    EXPECT_TRUE(Current()->Has("a"));
    clock.Advance(seconds(299));
    Current();
    EXPECT_EQ(fetches, 1);
    set = SetOf("b");
    clock.Advance(seconds(1));
    auto keys = Current();
    EXPECT_EQ(fetches, 2);
    EXPECT_TRUE(keys->Has("b"));
    EXPECT_FALSE(keys->Has("a")) << "a withdrawn key goes with the set that it was in";
}

TEST_F(Published, AnUnknownKeyFetchesAtMostOnceInHalfAMinute) {
    auto first = Current();
    for (int i = 0; i < 50; ++i) EXPECT_EQ(NewerThan(first), first);
    EXPECT_EQ(fetches, 1);
    clock.Advance(seconds(30));
    set = SetOf("b");
    auto newer = NewerThan(first);
    EXPECT_TRUE(newer->Has("b"));
    for (int i = 0; i < 50; ++i) NewerThan(newer);
    EXPECT_EQ(fetches, 2);
    EXPECT_EQ(NewerThan(first), newer) << "somebody else has fetched it already";
}

TEST_F(Published, AnOutageIsServedFromTheLastGoodSetForSomeHours) {
    auto good = Current();
    status = 500;
    clock.Advance(seconds(300));
    EXPECT_EQ(Current(), good);
    for (int i = 0; i < 50; ++i) EXPECT_EQ(Current(), good);
    EXPECT_EQ(fetches, 2) << "a dead address is not hammered";
    set = "{}";
    status = 200;
    clock.Advance(seconds(30));
    EXPECT_EQ(Current(), good) << "an answer that is no key set is an outage too";
    clock.Advance(hours(6));
    EXPECT_EQ(Current(), nullptr);
    set = SetOf("a");
    clock.Advance(seconds(30));
    EXPECT_TRUE(Current());
}

TEST_F(Published, WithoutASetItIsTriedAgainSoonAndStillNotHammered) {
    status = 503;
    EXPECT_EQ(Current(), nullptr);
    EXPECT_EQ(Current(), nullptr);
    EXPECT_EQ(fetches, 1);
    clock.Advance(seconds(2));
    status = 200;
    EXPECT_TRUE(Current());
    EXPECT_EQ(fetches, 2);
}

asio::awaitable<void> Ask(KeySource& source, int& answered) {
    Keys keys = co_await source.Current();
    if (keys) ++answered;
}

TEST_F(Published, FiftyAskersAreOneFetch) {
    silent = true;
    int answered = 0;
    runtime::Nursery askers(io);
    for (int i = 0; i < 50; ++i) askers.Spawn("ask", Ask(*source, answered));
    while (fetches == 0) io.run_one();
    silent = false;
    released.NotifyAll();
    testing::Await(io, askers.Close());
    EXPECT_EQ(answered, 50);
    EXPECT_EQ(fetches, 1);
}

TEST_F(Published, AStaleSetServesWhileSomebodyElseFetches) {
    auto stale = Current();
    clock.Advance(seconds(300));
    silent = true;
    int answered = 0;
    runtime::Nursery askers(io);
    askers.Spawn("ask", Ask(*source, answered));
    while (fetches == 1) io.run_one();
    EXPECT_EQ(Current(), stale);
    EXPECT_EQ(answered, 0);
    silent = false;
    released.NotifyAll();
    testing::Await(io, askers.Close());
    EXPECT_EQ(answered, 1);
}

TEST(KeySource, WithoutAnAddressThereAreNoKeys) {
    asio::io_context io{1};
    http::Client http{io};
    ManualClock clock{FromUnixSeconds(0)};
    KeySource source(io, http, clock, {});
    EXPECT_EQ(testing::Await(io, source.Current()), nullptr);
}

}  // namespace
}  // namespace citadel::auth

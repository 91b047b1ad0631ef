// Many who come and want nothing: what they cost is bounded, and they take nothing from those who want
// something.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "http/server.h"
#include "support/raw_http.h"
#include "support/server_thread.h"

namespace citadel::http {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using std::chrono::steady_clock;
using testing::RawConnection;
using testing::RawRequest;
using testing::ServerThread;

constexpr int kCrowd = 10'000;

asio::awaitable<Reply> Echo(Request request) {
    Reply reply;
    reply.content_type = "text/plain";
    reply.body = std::move(request.body);
    co_return reply;
}

// Of this process, the server in it included.
std::int64_t ResidentBytes() {
    std::int64_t size = 0, resident = 0;
    std::ifstream("/proc/self/statm") >> size >> resident;
    return resident * sysconf(_SC_PAGESIZE);
}

class Crowd : public ::testing::Test {
  protected:
    void SetUp() override {
        // Both ends of every connection are here. Root may raise the hard limit too.
        rlimit files{};
        getrlimit(RLIMIT_NOFILE, &files);
        files.rlim_max = std::max<rlim_t>(files.rlim_max, 2 * kCrowd + 1000);
        files.rlim_cur = files.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &files) != 0) {
            getrlimit(RLIMIT_NOFILE, &files);
            files.rlim_cur = files.rlim_max;
            setrlimit(RLIMIT_NOFILE, &files);
        }
        rlim_t needed = kCrowd + ServerLimits().connections_max + 500;
        if (files.rlim_cur < needed) GTEST_SKIP() << "needs " << needed << " descriptors";
        server.emplace(io, Echo, limits);
    }
    // Milliseconds until the answer; negative: there was none.
    static double AnswerMs(RawConnection& connection) {
        auto began = steady_clock::now();
        connection.Send(RawRequest("POST", "/", "are you there"));
        bool answered = connection.Read().body == "are you there";
        std::chrono::duration<double, std::milli> took = steady_clock::now() - began;
        return answered ? took.count() : -1;
    }
    // `customer` asks now and then, so that no newcomer waits for the kernel to let it knock again.
    void Gather(RawConnection& customer) {
        for (int i = 0; i < kCrowd; ++i) {
            idle.push_back(std::make_unique<RawConnection>(server->port()));
            if (i % 500 == 0) EXPECT_GE(AnswerMs(customer), 0) << i;
        }
    }
    std::size_t TurnedAway() {
        return static_cast<std::size_t>(
            std::count_if(idle.begin(), idle.end(), [](auto& c) { return c->HasNews(); }));
    }

    asio::io_context io{1};
    ServerLimits limits;
    std::optional<ServerThread> server;
    std::vector<std::unique_ptr<RawConnection>> idle;
};

TEST_F(Crowd, TenThousandIdleConnections_CostABoundedMemoryAndHoldUpNobodyWhoIsIn) {
    RawConnection customer(server->port());
    EXPECT_GE(AnswerMs(customer), 0);
    auto before = ResidentBytes();
    Gather(customer);
    double took = AnswerMs(customer);
    EXPECT_GE(took, 0);
    EXPECT_LT(took, 1000);
    // Who finds no place is told so at once, by the end of its connection; the last may still be knocking.
    auto expected = kCrowd + 1 - ServerLimits().connections_max;
    for (auto began = steady_clock::now(); TurnedAway() < expected && steady_clock::now() - began < 10s;)
        std::this_thread::sleep_for(10ms);
    EXPECT_EQ(TurnedAway(), expected);
    EXPECT_LT(ResidentBytes() - before, 64 << 20);
    for (auto& one : idle) {
        if (one->HasNews()) EXPECT_TRUE(one->ClosedByServer());
    }
    RecordProperty("answer_ms", std::to_string(took));
    RecordProperty("memory_kib", static_cast<int>((ResidentBytes() - before) >> 10));
}

TEST_F(Crowd, TenThousandIdleConnections_MakePlaceForANewcomer) {
    RawConnection customer(server->port());
    Gather(customer);
    for (int i = 0; i < 20; ++i) {
        RawConnection newcomer(server->port());
        double took = AnswerMs(newcomer);
        EXPECT_GE(took, 0);
        EXPECT_LT(took, 1000);
    }
    EXPECT_TRUE(idle.front()->ClosedByServer()) << "who has idled longest goes first";
    EXPECT_FALSE(idle.back()->HasNews());
}

}  // namespace
}  // namespace citadel::http

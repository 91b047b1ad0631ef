#include "simulator_load.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>

#include <chrono>
#include <functional>
#include <iostream>

#include "base/error.h"
#include "http/server.h"
#include "keep_alive.h"
#include "runtime/nursery.h"
#include "server_process.h"

namespace citadel::bench {

namespace asio = boost::asio;
namespace json = boost::json;
using SteadyClock = std::chrono::steady_clock;

namespace {

constexpr int kConnections = 64;
constexpr int kSubscriptions = 40;
constexpr std::size_t kMostPaid = 4000;  // in a round; each needs an open invoice

std::string Request(std::string_view method, std::string_view path, std::string_view headers = {},
                    std::string_view body = {}) {
    return fmt::format(
        "{} {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer sk_test_citadel_sim\r\n{}"
        "Content-Length: {}\r\n\r\n{}",
        method, path, headers, body.size(), body);
}

struct Calls {
    int port = 0;
    double seconds = 0;
    std::size_t most = SIZE_MAX;
    std::function<std::string(std::size_t)> request;  // by number
    std::function<void(std::string_view body)> on_answer{};
    std::size_t next = 0;
    std::int64_t answered = 0;
    std::string failure{};
    SteadyClock::time_point ends{};
};

asio::awaitable<void> CallOverOneConnection(asio::io_context& io, Calls& calls) {
    KeepAlive connection(io);
    co_await connection.Connect(calls.port);
    while (SteadyClock::now() < calls.ends && calls.next < calls.most) {
        std::string request = calls.request(calls.next++);
        auto answer = co_await connection.Ask(request);
        if (!answer.starts_with("HTTP/1.1 200")) {
            calls.failure = fmt::format("{}\nwas answered\n{}", request, answer);
            co_return;
        }
        ++calls.answered;
        if (calls.on_answer) calls.on_answer(BodyOf(answer));
    }
}

CallRound Run(Calls calls, pid_t server) {
    asio::io_context io(1);
    auto began = SteadyClock::now();
    std::chrono::duration<double> length(calls.seconds);
    calls.ends = began + std::chrono::duration_cast<SteadyClock::duration>(length);
    auto cpu = CpuMicros(server);
    runtime::Nursery nursery(io);
    for (int i = 0; i < kConnections; ++i) nursery.Spawn("connection", CallOverOneConnection(io, calls));
    io.run();
    std::chrono::duration<double> took = SteadyClock::now() - began;
    if (!calls.failure.empty()) throw std::runtime_error(calls.failure);
    CallRound round;
    round.calls = calls.answered;
    round.seconds = took.count();
    CITADEL_CHECK(round.calls > 0, "the server answers");
    round.server_micros = (CpuMicros(server) - cpu) / static_cast<double>(round.calls);
    return round;
}

class Simulator {
  public:
    Simulator(const std::filesystem::path& folder)
        : process_({CITADEL_BINARY, {"stripe-sim", "--port", "0"}, {{"LOG_LEVEL", "warn"}}},
                   folder / "simulator.log") {
        account_ = TextOf(Tell("/_sim/accounts", R"({"name":"Bench"})"), "id");
        auto customer = Tell("/_sim/customers", fmt::format(R"({{"account":"{}"}})", account_));
        method_ = TextOf(customer, "paymentMethod");
        auto terms = fmt::format(R"({{"account":"{}","customer":"{}","amount":2000,"currency":"usd"}})",
                                 account_, TextOf(customer, "id"));
        for (int i = 0; i < kSubscriptions; ++i)
            subscriptions_.push_back(TextOf(Tell("/_sim/subscriptions", terms), "id"));
        MakeOpenInvoices(100);
        read_ = open_;
    }

    CallRound ReadInvoices(double seconds) {
        Calls calls = CallsFor(seconds);
        calls.request = [this](std::size_t i) {
            return Request("GET", "/v1/invoices/" + read_[i % read_.size()], Headers());
        };
        return Run(std::move(calls), process_.pid());
    }

    CallRound MakeCustomers(double seconds) {
        Calls calls = CallsFor(seconds);
        calls.request = [this](std::size_t) {
            auto form = fmt::format("name=Payer+{0}&email=payer{0}%40example.com&metadata%5Bnumber%5D={0}",
                                    keys_ + 1);
            return Request("POST", "/v1/customers", HeadersWithKey(), form);
        };
        return Run(std::move(calls), process_.pid());
    }

    CallRound PayInvoices(double seconds) {
        MakeOpenInvoices(kMostPaid);
        LetTheBankSay("approve");
        Calls calls = CallsFor(seconds);
        calls.most = open_.size();
        calls.request = [this](std::size_t i) {
            return Request("POST", "/v1/invoices/" + open_[i] + "/pay", HeadersWithKey(), "off_session=true");
        };
        return Run(std::move(calls), process_.pid());
    }

  private:
    Calls CallsFor(double seconds) const {
        Calls calls;
        calls.port = process_.port();
        calls.seconds = seconds;
        return calls;
    }

    json::object Tell(const std::string& path, const std::string& body) {
        json::object answer;
        Calls calls = CallsFor(60);
        calls.most = 1;
        calls.request = [&](std::size_t) { return Request("POST", path, "", body); };
        calls.on_answer = [&](std::string_view text) { answer = json::parse(text).as_object(); };
        Run(std::move(calls), process_.pid());
        return answer;
    }

    static std::string TextOf(const json::object& object, std::string_view name) {
        return std::string(object.at(name).as_string());
    }

    std::string Headers() const { return fmt::format("Stripe-Account: {}\r\n", account_); }
    std::string HeadersWithKey() {
        return fmt::format(
            "{}Idempotency-Key: bench-{}\r\nContent-Type: application/x-www-form-urlencoded\r\n", Headers(),
            ++keys_);
    }

    void LetTheBankSay(std::string_view outcome) {
        Tell("/_sim/card", fmt::format(R"({{"account":"{}","paymentMethod":"{}","outcomes":["{}"]}})",
                                       account_, method_, outcome));
    }

    // Renewals whose first charge is declined.
    void MakeOpenInvoices(std::size_t count) {
        LetTheBankSay("insufficient_funds");
        open_.clear();
        Calls calls = CallsFor(60);
        calls.most = count;
        calls.request = [&](std::size_t i) {
            const auto& subscription = subscriptions_[i % subscriptions_.size()];
            return Request("POST", "/_sim/renew", "",
                           fmt::format(R"({{"subscription":"{}"}})", subscription));
        };
        calls.on_answer = [&](std::string_view text) {
            open_.push_back(TextOf(json::parse(text).as_object(), "invoice"));
        };
        Run(std::move(calls), process_.pid());
    }

    ServerProcess process_;
    std::string account_, method_;
    std::vector<std::string> subscriptions_;
    std::vector<std::string> read_, open_;
    std::int64_t keys_ = 0;
};

CallRound AskForTheConstant(const ServerProcess& server, double seconds) {
    Calls calls;
    calls.port = server.port();
    calls.seconds = seconds;
    calls.request = [](std::size_t) { return Request("GET", "/healthz"); };
    return Run(std::move(calls), server.pid());
}

asio::awaitable<http::Reply> AnswerConstant(http::Request) {
    co_return http::Json(200, R"({"status":"ok"})");
}

}  // namespace

std::vector<CallSeries> MeasureSimulator(const std::filesystem::path& folder, int rounds, double seconds) {
    ServerProcess constant({"/proc/self/exe", {"--serve-constant"}}, folder / "constant.log");
    Simulator simulator(folder);
    std::vector<CallSeries> all{{"a constant, from the same HTTP server"},
                                {"GET /v1/invoices/{}"},
                                {"POST /v1/customers, idempotent"},
                                {"POST /v1/invoices/{}/pay, approved"}};
    simulator.ReadInvoices(seconds / 4);
    for (int round = 0; round < rounds; ++round) {
        all[0].rounds.push_back(AskForTheConstant(constant, seconds));
        all[1].rounds.push_back(simulator.ReadInvoices(seconds));
        all[2].rounds.push_back(simulator.MakeCustomers(seconds));
        all[3].rounds.push_back(simulator.PayInvoices(seconds));
    }
    return all;
}

void ServeConstant() {
    asio::io_context io(1);
    http::Server server(io, AnswerConstant);
    server.Listen("127.0.0.1", 0);
    std::cout << "listens on http://127.0.0.1:" << server.port() << std::endl;
    io.run();
}

}  // namespace citadel::bench

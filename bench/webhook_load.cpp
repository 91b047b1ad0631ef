#include "webhook_load.h"

#include <fmt/format.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <fstream>
#include <iterator>

#include "base/clock.h"
#include "base/error.h"
#include "keep_alive.h"
#include "percentile.h"
#include "runtime/nursery.h"
#include "stripe/signature.h"

namespace citadel::bench {

namespace asio = boost::asio;
namespace json = boost::json;
using SteadyClock = std::chrono::steady_clock;

namespace {

constexpr std::string_view kSerialMark = "############";
constexpr std::string_view kAccountMark = "acct_1Bench@@@@@@@";

std::string ReadRenewalFailure() {
    std::ifstream file(CITADEL_SOURCE_DIR "/tests/fixtures/stripe_events_2025-02-24.acacia.json");
    std::string text(std::istreambuf_iterator<char>(file), {});
    auto fixture = json::parse(text);
    return json::serialize(fixture.at("events").at("invoice.payment_failed"));
}

void ReplaceAll(std::string& text, std::string_view what, std::string_view with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
        text.replace(at, what.size(), with);
    }
}

std::vector<std::size_t> PlacesOf(const std::string& text, std::string_view mark) {
    std::vector<std::size_t> places;
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1))
        places.push_back(at);
    return places;
}

void PutNumber(std::string& text, std::size_t at, std::size_t digits, std::int64_t number) {
    for (std::size_t i = digits; i > 0; --i, number /= 10)
        text[at + i - 1] = static_cast<char>('0' + number % 10);
}

// What all connections of one load share.
struct Sending {
    const Load& load;
    const std::vector<SignedEvent>& events;
    WebhookText text{};
    std::size_t next = 0;
    SteadyClock::time_point began{};
    SteadyClock::time_point ends{};
    std::vector<float> answer_ms{};
    LoadResult result{};

    SteadyClock::time_point DueAt(std::size_t index) const {
        std::chrono::duration<double> offset(static_cast<double>(index) / load.per_second);
        return began + std::chrono::duration_cast<SteadyClock::duration>(offset);
    }
};

std::string RequestFor(Sending& sending, const SignedEvent& event) {
    const auto& body = sending.text.Body(event.serial);
    return fmt::format(
        "POST /api/webhooks/stripe HTTP/1.1\r\nHost: localhost\r\nUser-Agent: Stripe/1.0 "
        "(+https://stripe.com/docs/webhooks)\r\nAccept: */*\r\nContent-Type: application/json; "
        "charset=utf-8\r\n"
        "Stripe-Signature: {}\r\nContent-Length: {}\r\n\r\n{}",
        event.signature, body.size(), body);
}

bool IsEnqueued(std::string_view answer) {
    return answer.starts_with("HTTP/1.1 200") && answer.find("\"enqueued\"") != std::string_view::npos;
}

asio::awaitable<void> SendOverOneConnection(asio::io_context& io, Sending& sending) {
    KeepAlive connection(io);
    co_await connection.Connect(sending.load.port);
    asio::steady_timer timer(io);
    while (SteadyClock::now() < sending.ends && sending.next < sending.events.size()) {
        auto index = sending.next++;
        auto begin = SteadyClock::now();
        if (sending.load.per_second > 0) {
            begin = sending.DueAt(index);
            if (begin >= sending.ends) break;
            timer.expires_at(begin);
            if (begin > SteadyClock::now()) co_await timer.async_wait(asio::use_awaitable);
        }
        std::string request = RequestFor(sending, sending.events[index]);
        auto answer = co_await connection.Ask(request);
        std::chrono::duration<float, std::milli> took = SteadyClock::now() - begin;
        sending.answer_ms.push_back(took.count());
        ++(IsEnqueued(answer) ? sending.result.accepted : sending.result.refused);
    }
}

}  // namespace

std::string AccountOf(int index) { return fmt::format("acct_1Bench{:07}", index); }

WebhookText::WebhookText() : body_(ReadRenewalFailure()) {
    ReplaceAll(body_, "acct_1TestMerchant", kAccountMark);
    for (const char* id : {"evt_1Test0001", "in_1TestCycle1", "ch_3TestCycle1", "pi_3TestCycle1",
                           "il_1TestCycle1", "cus_TestPayer1", "sub_1TestMonthly1"}) {
        std::string text = id;
        ReplaceAll(body_, text, text.substr(0, text.find("Test")) + std::string(kSerialMark));
    }
    serial_places_ = PlacesOf(body_, kSerialMark);
    account_places_ = PlacesOf(body_, kAccountMark);
    CITADEL_CHECK(serial_places_.size() >= 7 && !account_places_.empty(),
                  "the fixture has the ids to replace");
}

const std::string& WebhookText::Body(std::int64_t serial) {
    for (auto at : serial_places_) PutNumber(body_, at, kSerialMark.size(), serial);
    for (auto at : account_places_) PutNumber(body_, at + 11, 7, serial % kMerchants);
    return body_;
}

std::vector<SignedEvent> SignEvents(std::int64_t first_serial, std::size_t count, const Secret& secret) {
    WebhookText text;
    SystemClock clock;
    std::vector<SignedEvent> events;
    events.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        auto serial = first_serial + static_cast<std::int64_t>(i);
        events.push_back({serial, stripe::SignPayload(text.Body(serial), secret, clock.Now())});
    }
    return events;
}

LoadResult SendWebhooks(const Load& load, const std::vector<SignedEvent>& events) {
    asio::io_context io(1);
    Sending sending{load, events};
    sending.answer_ms.reserve(events.size());
    sending.began = SteadyClock::now();
    std::chrono::duration<double> length(load.seconds);
    sending.ends = sending.began + std::chrono::duration_cast<SteadyClock::duration>(length);
    runtime::Nursery nursery(io);
    for (int i = 0; i < load.connections; ++i)
        nursery.Spawn("connection", SendOverOneConnection(io, sending));
    io.run();
    std::chrono::duration<double> took = SteadyClock::now() - sending.began;
    sending.result.seconds = took.count();
    sending.result.p50_ms = Percentile(sending.answer_ms, 0.50);
    sending.result.p99_ms = Percentile(sending.answer_ms, 0.99);
    return sending.result;
}

}  // namespace citadel::bench

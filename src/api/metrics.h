// GET /metrics: what this process has counted, and what the database says about the queue and the day, in the text
// format of Prometheus. Requests are counted by route as it is registered, never by address as it was sent, so the
// number of series is bounded.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "base/clock.h"
#include "http/message.h"
#include "postgres/pool.h"
#include "store/gauges.h"

namespace citadel::api {

class Metrics {
  public:
    Metrics(postgres::Pool& pool, const Clock& clock) : pool_(pool), clock_(clock) {}

    void CountRequest(const std::string& method, const std::string& route, int status,
                      std::chrono::duration<double> took);
    // enqueued, processed, ignored, duplicate, or refused.
    void CountWebhook(const std::string& action) { ++webhooks_[action]; }

    boost::asio::awaitable<http::Reply> Report(http::Request request);

  private:
    boost::asio::awaitable<void> LookAtDatabase();
    std::string Text() const;

    static constexpr std::array<double, 9> kBounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10};

    postgres::Pool& pool_;
    const Clock& clock_;
    std::map<std::tuple<std::string, std::string, int>, std::uint64_t> requests_;
    std::map<std::string, std::uint64_t> webhooks_;
    std::array<std::uint64_t, kBounds.size() + 1> took_{};
    double took_in_all_ = 0;
    store::Gauges gauges_;
    bool database_up_ = false;
    std::chrono::steady_clock::time_point looked_at_{};
};

}  // namespace citadel::api

// The outermost ring of the API: each address's share of requests, who may read answers from a browser of
// another origin (nobody, unless it is configured), and the count of everything.
#pragma once
#include <string>
#include <vector>

#include "api/metrics.h"
#include "api/rate_limit.h"
#include "http/message.h"
#include "http/router.h"

namespace citadel::api {

class Edge {
  public:
    struct Options {
        RateLimit per_address{.per_second = 200, .burst = 1000};
        std::vector<std::string> cors_origins;  // https://app.example.com; empty: CORS is closed
        int trusted_proxies = 0;                // how many of ours stand in front and write X-Forwarded-For
    };
    // `router` and `metrics` outlive it.
    Edge(const http::Router& router, Metrics& metrics, Options options)
        : router_(router), metrics_(metrics), options_(std::move(options)), addresses_(options_.per_address) {
    }

    boost::asio::awaitable<http::Reply> Serve(http::Request request);

  private:
    std::string AddressOf(const http::Request& request) const;
    boost::asio::awaitable<http::Reply> Route(http::Request request);

    const http::Router& router_;
    Metrics& metrics_;
    Options options_;
    RateLimiter addresses_;
};

}  // namespace citadel::api

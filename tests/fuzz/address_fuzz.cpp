// "METHOD target", any bytes, through decoding and the router with the API's own patterns: one route or a
// refusal, and whatever the route reads of path and query is in bounds or refused by name.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "api/body.h"
#include "api/inputs.h"
#include "base/error.h"
#include "http/router.h"

using namespace citadel;

namespace {

boost::asio::awaitable<http::Reply> ReadAddress(http::Request request) {
    constexpr std::string_view kStatuses[] = {"open", "recovered"};
    auto order = api::ReadPageOrder(request);
    CITADEL_CHECK(order.limit >= 1 && order.limit <= 100 && order.before >= 0, "a page is bounded");
    auto status = api::ReadFilter(request, "status", kStatuses);
    CITADEL_CHECK(status.empty() || status == "open" || status == "recovered",
                  "a filter is one of its values");
    if (auto day = api::ReadDate(api::QueryValue(request, "from")))
        CITADEL_CHECK(api::ReadDate(api::FormatDate(*day)) == day, "a date is that date");
    for (const auto& capture : request.captures) {
        CITADEL_CHECK(!capture.empty(), "a placeholder matches something");
        auto id = api::ReadId(capture);
        CITADEL_CHECK(!id || *id >= 0, "an id is no negative number");
        api::IsStripeId(capture);
    }
    co_return http::Json(200, "{}");
}

const http::Router& Routes() {
    static const http::Router router = [] {
        http::Router made;
        for (const char* pattern : {"/api/recoveries", "/api/recoveries/{id}", "/api/recoveries/{id}/stop",
                                    "/api/recoveries/by-customer/{customerId}", "/api/tasks/completed",
                                    "/api/tasks/{id}", "/api/email-templates/{kind}/{attempt}/preview"}) {
            made.Add("GET", pattern, ReadAddress);
            made.Add("POST", pattern, ReadAddress);
        }
        return made;
    }();
    return router;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    auto space = text.find(' ');
    http::Request request;
    request.method = std::string(text.substr(0, space));
    if (space != std::string_view::npos) request.target = std::string(text.substr(space + 1));
    auto question = request.target.find('?');
    request.path = http::PercentDecode(std::string_view(request.target).substr(0, question), false);
    if (question != std::string::npos)
        request.query = http::ParseForm(std::string_view(request.target).substr(question + 1));
    bool known = !Routes().PatternOf(request).empty();
    boost::asio::io_context io(1);
    boost::asio::co_spawn(io, Routes().Route(request),
                          [known](std::exception_ptr failure, http::Reply reply) {
                              if (!failure) {
                                  CITADEL_CHECK(known == (reply.status == 200),
                                                "the pattern that is found is the one that serves");
                                  return;
                              }
                              try {
                                  std::rethrow_exception(failure);
                              } catch (const api::BadInput&) {
                              }
                          });
    io.run();
    return 0;
}

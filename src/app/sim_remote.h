// The simulator as the demo and the tests see it: its control API over HTTP, never its memory.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "http/client.h"
#include "store/report.h"

namespace citadel::app {

struct SimState {
    bool busy = false;  // something is due now or under way
    std::optional<Time> next_event_at;
};

class SimRemote {
  public:
    SimRemote(http::Client& http, std::string base) : http_(http), base_(std::move(base)) {}

    // Both throw Trouble when the simulator does not answer with a success.
    boost::asio::awaitable<boost::json::object> Get(std::string path);
    boost::asio::awaitable<boost::json::object> Post(std::string path, boost::json::object body);

    boost::asio::awaitable<SimState> State();
    boost::asio::awaitable<std::vector<store::EventName>> AcknowledgedEvents();
    // A customer of the simulator finds this mail in the box, and may act on it in its own time.
    boost::asio::awaitable<void> DeliverMail(store::SentMail mail);

  private:
    boost::asio::awaitable<boost::json::object> Ask(http::Call call);

    http::Client& http_;
    std::string base_;
};

}  // namespace citadel::app

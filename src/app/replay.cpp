// citadel replay FILE: Stripe events through the inbox, as if they had been delivered. Idempotent.
#include <boost/json.hpp>

#include <fstream>
#include <iostream>
#include <sstream>

#include "app/commands.h"
#include "app/engine.h"
#include "app/run_once.h"
#include "base/error.h"

namespace citadel::app {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

struct Counts {
    std::map<std::string, std::int64_t> actions;
    std::int64_t unreadable = 0;
    std::int64_t failed = 0;
};

// Either a JSON list (Stripe's {"object":"list","data":[…]} or a bare array), or one event a line.
std::vector<std::string> SplitEvents(const std::string& text) {
    std::vector<std::string> events;
    boost::system::error_code bad;
    json::value whole = json::parse(text, bad);
    const json::array* list = nullptr;
    if (!bad && whole.is_array()) list = &whole.as_array();
    if (!bad && whole.is_object() && whole.as_object().contains("data") && whole.at("data").is_array()) {
        list = &whole.at("data").as_array();
    }
    if (list) {
        for (const auto& event : *list) events.push_back(json::serialize(event));
        return events;
    }
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.find_first_not_of(" \t\r") != std::string::npos) events.push_back(std::move(line));
    }
    return events;
}

asio::awaitable<void> ReplayOne(Engine& engine, std::string text, std::size_t number, Counts& counts) {
    try {
        stripe::Event event = stripe::ParseEvent(text);
        store::IntakeResult result = co_await engine.inbox().Store(event);
        ++counts.actions[std::string(store::NameOf(result.action))];
    } catch (const stripe::BadObject& bad) {
        ++counts.unreadable;
        std::cerr << "event " << number << ": " << bad.what() << "\n";
    } catch (const std::exception& error) {
        ++counts.failed;
        std::cerr << "event " << number << ": " << error.what() << "\n";
    }
}

asio::awaitable<void> ReplayAll(asio::io_context& io, Engine& engine, std::vector<std::string> events,
                                Counts& counts) {
    runtime::Nursery nursery(io);
    std::size_t number = 0;
    for (auto& event : events) {
        while (nursery.running() >= 512) co_await runtime::Sleep(std::chrono::milliseconds(1));
        nursery.Spawn("replay", ReplayOne(engine, std::move(event), ++number, counts));
    }
    co_await nursery.Close();
}

}  // namespace

int Replay(Config config, const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        throw Trouble(TroubleKind::kConfiguration, "FILE must be a readable file; got \"" + file + "\"");
    std::stringstream text;
    text << stream.rdbuf();
    auto events = SplitEvents(text.str());
    Database database(config);
    asio::io_context io(1);
    Engine engine(io, config, database.url());
    Counts counts;
    auto total = events.size();
    RunToEnd(io, ReplayAll(io, engine, std::move(events), counts));
    std::cout << "events      " << total << "\n";
    for (const char* action : {"enqueued", "processed", "ignored", "duplicate"}) {
        std::cout << fmt::format("{:<11} {}\n", action, counts.actions[action]);
    }
    std::cout << fmt::format("{:<11} {}\n{:<11} {}\n", "unreadable", counts.unreadable, "failed",
                             counts.failed);
    return counts.unreadable + counts.failed == 0 ? 0 : 1;
}

}  // namespace citadel::app

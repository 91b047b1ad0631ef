#include "app/sim_remote.h"

#include <boost/json.hpp>

#include "base/error.h"

namespace citadel::app {

namespace asio = boost::asio;
namespace json = boost::json;

asio::awaitable<json::object> SimRemote::Ask(http::Call call) {
    call.answer_bytes_max = 512 << 20;
    auto what = call.method + " " + call.url;
    http::Answer answer = co_await http_.Fetch(std::move(call));
    if (!answer.ok()) {
        throw Trouble(
            TroubleKind::kUnavailable,
            fmt::format("{}: {} {}", what, answer.status, answer.error.empty() ? answer.body : answer.error));
    }
    json::object body = json::parse(answer.body).as_object();
    co_return body;
}

asio::awaitable<json::object> SimRemote::Get(std::string path) {
    http::Call call;
    call.url = base_ + path;
    json::object answer = co_await Ask(std::move(call));
    co_return answer;
}

asio::awaitable<json::object> SimRemote::Post(std::string path, json::object body) {
    http::Call call;
    call.method = "POST";
    call.url = base_ + path;
    call.headers.emplace_back("Content-Type", "application/json");
    call.body = json::serialize(body);
    json::object answer = co_await Ask(std::move(call));
    co_return answer;
}

asio::awaitable<SimState> SimRemote::State() {
    json::object answer = co_await Get("/_sim/state");
    SimState state;
    state.busy = answer.at("dueNow").as_bool();
    const auto& next = answer.at("nextEventAt");
    if (next.is_string()) state.next_event_at = ParseTime(next.as_string());
    co_return state;
}

asio::awaitable<std::vector<store::EventName>> SimRemote::AcknowledgedEvents() {
    json::object answer = co_await Get("/_sim/acknowledged");
    std::vector<store::EventName> events;
    for (const auto& row : answer.at("acknowledged").as_array()) {
        const auto& event = row.as_object();
        events.push_back(
            {std::string(event.at("account").as_string()), std::string(event.at("event").as_string())});
    }
    co_return events;
}

asio::awaitable<void> SimRemote::DeliverMail(store::SentMail mail) {
    json::object body{
        {"account", mail.account}, {"customer", mail.customer_id}, {"invoice", mail.invoice_id}};
    co_await Post("/_sim/mail", std::move(body));
}

}  // namespace citadel::app

#include "stripe/meters.h"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <cmath>

#include "stripe/answer.h"
#include "stripe/client.h"

namespace citadel::stripe {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr const char* kDuplicate = "duplicate_meter_event";

std::string BodyOf(const MeterEvent& event) {
    json::object payload;
    for (const auto& [name, value] : event.payload) payload[name] = value;
    json::object body{{"event_name", event.event_name},
                      {"identifier", event.identifier},
                      {"timestamp", FormatTime(event.timestamp)},
                      {"payload", std::move(payload)}};
    return json::serialize(body);
}

std::string TextIn(const json::object& object, std::string_view outer, std::string_view inner) {
    auto child = object.if_contains(outer);
    return child && child->is_object() ? ReadText(child->get_object(), inner) : std::string();
}

struct MeterPage {
    std::optional<Meter> found;
    std::string last_id;  // the next page begins behind it; empty: this is the last one
};

MeterPage ReadPage(const json::object& list, const std::string& event_name) {
    MeterPage page;
    for (const auto& entry : list.at("data").as_array()) {
        const auto& object = entry.as_object();
        if (list.at("has_more").as_bool()) page.last_id = ReadText(object, "id");
        if (ReadText(object, "event_name") != event_name) continue;
        page.found = Meter{ReadText(object, "id"), TextIn(object, "default_aggregation", "formula"),
                           TextIn(object, "value_settings", "event_payload_key")};
    }
    return page;
}

}  // namespace

asio::awaitable<Outcome<MeterReceipt>> SendMeterEvent(Client platform, MeterEvent event) {
    http::Answer answer =
        co_await platform.Send("POST", "/v2/billing/meter_events", BodyOf(event), event.identifier);
    auto taken = [](const json::object&) { return MeterReceipt::kTaken; };
    Outcome<MeterReceipt> outcome = ReadAnswer<MeterReceipt>(answer, taken);
    auto failure = std::get_if<Failure>(&outcome);
    if (failure && failure->code == kDuplicate) outcome = MeterReceipt::kAlreadyThere;
    co_return outcome;
}

asio::awaitable<Outcome<std::optional<Meter>>> FindMeter(Client platform, std::string event_name) {
    std::string after;
    while (true) {
        auto path = "/v1/billing/meters?status=active&limit=100" + after;
        http::Answer answer = co_await platform.Send("GET", path, "", "");
        auto read = [&event_name](const json::object& list) { return ReadPage(list, event_name); };
        Outcome<MeterPage> outcome = ReadAnswer<MeterPage>(answer, read);
        if (auto failure = std::get_if<Failure>(&outcome)) co_return *failure;
        const auto& page = std::get<MeterPage>(outcome);
        if (page.found || page.last_id.empty()) co_return page.found;
        after = "&starting_after=" + http::PercentEncode(page.last_id);
    }
}

asio::awaitable<Outcome<std::int64_t>> ReadMeter(Client platform, Meter meter, std::string customer,
                                                 Time since, Time until) {
    auto path =
        fmt::format("/v1/billing/meters/{}/event_summaries?customer={}&start_time={}&end_time={}&limit=1",
                    http::PercentEncode(meter.id), http::PercentEncode(customer), ToUnixSeconds(since),
                    ToUnixSeconds(until));
    http::Answer answer = co_await platform.Send("GET", path, "", "");
    auto read = [](const json::object& list) {
        const auto& data = list.at("data").as_array();
        if (data.empty()) return std::int64_t{0};
        return std::int64_t{
            std::llround(data.front().as_object().at("aggregated_value").to_number<double>())};
    };
    Outcome<std::int64_t> outcome = ReadAnswer<std::int64_t>(answer, read);
    co_return outcome;
}

}  // namespace citadel::stripe

// /v2/core/events: thin events with their data. Pages are numbered by where they begin.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "stripe_sim/api.h"
#include "stripe_sim/api_error.h"
#include "stripe_sim/render_meters.h"

namespace citadel::stripe_sim {
namespace {

constexpr std::int64_t kLimitMax = 100, kLimit = 20;

json::object GetThinEvent(ApiCall& call) {
    for (const auto& event : call.world.thin_events.Of(call.account.id)) {
        if (event->id == call.captures.at(0)) return RenderThinEvent(call.view, *event, true);
    }
    throw NoSuch("event", call.captures.at(0), "id");
}

bool IsWanted(const ApiCall& call, const Event& event) {
    const auto& body = *std::get<Copy<ThinBody>>(event.object);
    auto object = call.params.Text("object_id");
    auto types = call.params.List("types");
    return (!object || body.related_id == *object) &&
           (types.empty() || std::ranges::count(types, event.type) > 0);
}

std::size_t ReadPage(const ApiCall& call) {
    auto text = call.params.TextOr("page", "0");
    std::size_t first = 0;
    auto read = std::from_chars(text.data(), text.data() + text.size(), first);
    if (read.ec == std::errc() && read.ptr == text.data() + text.size()) return first;
    throw BadParameter("", fmt::format("Invalid page: {}", text), "page");
}

json::object ListThinEvents(ApiCall& call) {
    auto limit = call.params.Number("limit").value_or(kLimit);
    if (limit < 1 || limit > kLimitMax)
        throw BadParameter("", fmt::format("limit must be between 1 and {}.", kLimitMax), "limit");
    auto first = ReadPage(call), size = static_cast<std::size_t>(limit);
    std::vector<const Event*> wanted;
    for (const auto& event : call.world.thin_events.Of(call.account.id)) {
        if (IsWanted(call, *event)) wanted.push_back(event.get());
    }
    std::ranges::reverse(wanted);
    json::array data;
    for (std::size_t i = first; i < wanted.size() && data.size() < size; ++i)
        data.emplace_back(RenderThinEvent(call.view, *wanted[i], true));
    auto url = [&](std::size_t page) { return fmt::format("/v2/core/events?limit={}&page={}", size, page); };
    json::object list;
    list["data"] = std::move(data);
    list["next_page_url"] = nullptr;
    list["previous_page_url"] = nullptr;
    if (first + size < wanted.size()) list["next_page_url"] = url(first + size);
    if (first > 0) list["previous_page_url"] = url(first > size ? first - size : 0);
    return list;
}

constexpr ApiRoute kRoutes[] = {{"GET", "/v2/core/events", "limit page object_id types", ListThinEvents},
                                {"GET", "/v2/core/events/{}", "", GetThinEvent}};

}  // namespace

std::span<const ApiRoute> ThinEventRoutes() { return kRoutes; }

}  // namespace citadel::stripe_sim

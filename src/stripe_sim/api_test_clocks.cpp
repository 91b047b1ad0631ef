// /v1/test_helpers/test_clocks.
#include "stripe_sim/api_list.h"
#include "stripe_sim/test_clocks.h"

namespace citadel::stripe_sim {
namespace {

TestClock& ClockIn(ApiCall& call) {
    return FindOr404(call.account.test_clocks, kClockKind, call.captures.at(0), "test_clock");
}

Time RequiredTime(const Params& params, std::string_view name) {
    params.Required(name);
    return *params.Moment(name);
}

json::object CreateClock(ApiCall& call) {
    auto frozen_time = RequiredTime(call.params, "frozen_time");
    return Render(call.view, AddTestClock(call.world, call.account, call.params.TextOr("name"), frozen_time,
                                          call.cause));
}

json::object GetClock(ApiCall& call) { return Render(call.view, ClockIn(call)); }

json::object ListClocks(ApiCall& call) {
    return ListOf(call, "/v1/test_helpers/test_clocks", call.account.test_clocks.all(),
                  [](const TestClock&) { return true; });
}

json::object AdvanceClock(ApiCall& call) {
    auto& clock = ClockIn(call);
    auto target = RequiredTime(call.params, "frozen_time");
    if (target <= clock.frozen_time) {
        throw BadParameter("", "The time to advance to must be after the test clock's current frozen time.",
                           "frozen_time");
    }
    if (target > FurthestAdvance(call.account, clock)) {
        throw BadParameter(
            "",
            "The time to advance to cannot be more than two intervals in the future from the "
            "shortest subscription in this test clock, or more than two years in the future if "
            "it has no subscriptions.",
            "frozen_time");
    }
    AdvanceTestClock(call.world, call.account, clock, target, call.cause);
    return Render(call.view, clock);
}

json::object DeleteClock(ApiCall& call) {
    const auto& clock = ClockIn(call);
    auto answer = RenderDeleted(clock.id, "test_helpers.test_clock");
    DeleteTestClock(call.world, call.account, clock, call.cause);
    return answer;
}

constexpr ApiRoute kRoutes[] = {
    {"POST", "/v1/test_helpers/test_clocks", "frozen_time name", CreateClock},
    {"GET", "/v1/test_helpers/test_clocks", "limit starting_after ending_before", ListClocks},
    {"GET", "/v1/test_helpers/test_clocks/{}", "", GetClock},
    {"DELETE", "/v1/test_helpers/test_clocks/{}", "", DeleteClock},
    {"POST", "/v1/test_helpers/test_clocks/{}/advance", "frozen_time", AdvanceClock}};

}  // namespace

std::span<const ApiRoute> TestClockRoutes() { return kRoutes; }

}  // namespace citadel::stripe_sim

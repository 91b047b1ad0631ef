// Renderings of usage that need no view: v1 and v2 show the same event in different dress.
#pragma once
#include "stripe_sim/meters.h"
#include "stripe_sim/render.h"

namespace citadel::stripe_sim {

json::object Render(const View& view, const MeterSummary& summary);
json::object RenderMeterEvent(const MeterEvent& event);
json::object RenderMeterEventV2(const MeterEvent& event);
// What cancels the event; v2 adds an id and a time.
json::object RenderMeterAdjustment(const MeterEvent& event, std::string_view kind);

// As it is sent; with its data when it is fetched (`whole`).
json::object RenderThinEvent(const View& view, const Event& event, bool whole);

}  // namespace citadel::stripe_sim

#include "stripe_sim/meter_errors.h"

#include <fmt/format.h>

#include <map>

#include "stripe_sim/meters.h"

namespace citadel::stripe_sim {
namespace {

constexpr auto kWindow = std::chrono::seconds(10);
constexpr std::size_t kSamplesMax = 10;

json::object DescribeCode(const std::string& code, const std::vector<const MeterErrors::One*>& errors) {
    json::array samples;
    for (const auto* error : errors) {
        if (samples.size() == kSamplesMax) break;
        json::object request, sample;
        request["identifier"] = error->identifier;
        sample["error_message"] = error->message;
        sample["request"] = std::move(request);
        samples.emplace_back(std::move(sample));
    }
    json::object type;
    type["code"] = code;
    type["error_count"] = errors.size();
    type["sample_errors"] = std::move(samples);
    return type;
}

json::object DescribeErrors(const MeterErrors& errors) {
    std::map<std::string, std::vector<const MeterErrors::One*>> by_code;
    for (const auto& error : errors.found) by_code[error.code].push_back(&error);
    json::array types;
    for (const auto& [code, same] : by_code) types.emplace_back(DescribeCode(code, same));
    auto count = errors.found.size();
    json::object reason;
    reason["error_count"] = count;
    reason["error_types"] = std::move(types);
    json::object data;
    data["developer_message_summary"] = count == 1 ? std::string("There is 1 invalid event")
                                                   : fmt::format("There are {} invalid events", count);
    data["reason"] = std::move(reason);
    data["validation_start"] = FormatTime(errors.since);
    data["validation_end"] = FormatTime(errors.since + kWindow);
    return data;
}

void Report(World& world, Account& account, const std::string& meter) {
    auto waiting = account.meter_errors.extract(meter);
    ThinBody body;
    body.data = DescribeErrors(waiting.mapped());
    bool known = !meter.empty();
    if (known) {
        body.related_id = meter;
        body.related_type = "billing.meter";
        body.related_url = "/v1/billing/meters/" + meter;
    }
    world.EmitThin(account,
                   known ? "v1.billing.meter.error_report_triggered" : "v1.billing.meter.no_meter_found",
                   std::move(body));
}

}  // namespace

void NoteMeterError(World& world, Account& account, const MeterEvent& event, const MeterFault& fault) {
    const auto* meter = MeterOf(account, event.event_name);
    std::string id = meter ? meter->id : "";
    auto [entry, fresh] = account.meter_errors.try_emplace(id);
    entry->second.found.push_back({std::string(fault.code), fault.message, event.identifier});
    if (!fresh) return;
    entry->second.since = world.Now();
    world.At(world.Now() + kWindow, [&world, &account, id] { Report(world, account, id); });
}

}  // namespace citadel::stripe_sim

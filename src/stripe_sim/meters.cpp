#include "stripe_sim/meters.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "stripe_sim/meter_errors.h"

namespace citadel::stripe_sim {
namespace {

constexpr auto kUnique = std::chrono::hours(24);
constexpr auto kOldest = std::chrono::days(35);
constexpr auto kAhead = std::chrono::minutes(5);
constexpr std::size_t kDigitsMax = 15;

std::optional<double> ReadValue(const std::string& text) {
    double value = 0;
    auto end = text.data() + text.size();
    auto read = std::from_chars(text.data(), end, value, std::chars_format::fixed);
    if (text.empty() || read.ec != std::errc() || read.ptr != end || !(value >= 0)) return std::nullopt;
    return value;
}

std::string PayloadText(const MeterEvent& event, const std::string& key) {
    auto found = event.payload.find(key);
    return found == event.payload.end() ? std::string() : found->second;
}

std::optional<MeterFault> FindPayloadFault(const Account& account, const Meter& meter,
                                           const MeterEvent& event) {
    auto customer = PayloadText(event, meter.customer_key), value = PayloadText(event, meter.value_key);
    if (customer.empty())
        return MeterFault{"meter_event_no_customer_defined",
                          fmt::format("Customer mapping key {} not found in payload.", meter.customer_key)};
    if (!account.customers.Find(customer))
        return MeterFault{"meter_event_customer_not_found",
                          fmt::format("Customer {} not found or has been deleted.", customer)};
    if (meter.formula == "count" && value.empty()) return std::nullopt;
    if (value.size() > kDigitsMax)
        return MeterFault{"meter_event_value_too_many_digits",
                          fmt::format("The value has more than {} digits.", kDigitsMax)};
    if (!ReadValue(value))
        return MeterFault{"meter_event_invalid_value",
                          fmt::format("The value of the key {} is no number.", meter.value_key)};
    return std::nullopt;
}

bool Counts(const Meter& meter, const MeterEvent& event, const std::string& customer) {
    return !event.faulty && !event.canceled && event.event_name == meter.event_name &&
           PayloadText(event, meter.customer_key) == customer;
}

// Adds one event to a window, as the meter's formula wants it.
void AddTo(MeterSummary& summary, const Meter& meter, const MeterEvent& event, Time& latest) {
    auto value = ReadValue(PayloadText(event, meter.value_key)).value_or(0);
    if (meter.formula == "count") summary.value += 1;
    else if (meter.formula == "sum") summary.value += value;
    else if (event.timestamp >= latest) summary.value = value;
    latest = std::max(latest, event.timestamp);
}

}  // namespace

Meter* MeterOf(Account& account, const std::string& event_name) {
    Meter* found = nullptr;
    for (auto& meter : account.meters.all()) {
        if (meter.event_name == event_name && !(found && found->active())) found = &meter;
    }
    return found;
}

std::optional<MeterFault> FindFault(const World& world, Account& account, const MeterEvent& event) {
    const auto* meter = MeterOf(account, event.event_name);
    if (!meter)
        return MeterFault{"no_meter", fmt::format("No meter found for event name {}.", event.event_name)};
    if (!meter->active())
        return MeterFault{"archived_meter", fmt::format("The meter {} is not active.", meter->id)};
    auto age = world.Now() - event.timestamp;
    if (age > kOldest)
        return MeterFault{"timestamp_too_far_in_past", "The timestamp is more than 35 days in the past."};
    if (age < -kAhead)
        return MeterFault{"timestamp_in_future", "The timestamp is more than 5 minutes in the future."};
    return FindPayloadFault(account, *meter, event);
}

MeterEvent* RecentEvent(const World& world, Account& account, const std::string& identifier) {
    auto found = account.meter_events_by_identifier.find(identifier);
    if (found == account.meter_events_by_identifier.end()) return nullptr;
    return found->second->created + kUnique > world.Now() ? found->second : nullptr;
}

const MeterEvent& AcceptEvent(World& world, Account& account, MeterEvent event) {
    if (auto fault = FindFault(world, account, event)) {
        event.faulty = true;
        NoteMeterError(world, account, event, *fault);
    }
    auto& kept = account.meter_events.emplace_back(std::move(event));
    account.meter_events_by_identifier[kept.identifier] = &kept;
    return kept;
}

std::vector<MeterSummary> Summarize(const Account& account, const Meter& meter, const std::string& customer,
                                    Time start, Time end, Duration window) {
    std::vector<MeterSummary> summaries;
    for (auto from = start; from < end; from += window) {
        auto to = std::min(end, from + window);
        auto id = fmt::format("mtrusg_{}_{}_{}_{}", meter.id.substr(4), customer.substr(4),
                              ToUnixSeconds(from), ToUnixSeconds(to));
        summaries.push_back({std::move(id), meter.id, from, to, 0});
    }
    std::vector<Time> latest(summaries.size());
    for (const auto& event : account.meter_events) {
        if (!Counts(meter, event, customer) || event.timestamp < start || event.timestamp >= end) continue;
        auto index = static_cast<std::size_t>((event.timestamp - start) / window);
        AddTo(summaries[index], meter, event, latest[index]);
    }
    return summaries;
}

}  // namespace citadel::stripe_sim

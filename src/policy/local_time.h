// The customer's clock and calendar: his offset from UTC, the hour of his day, and hours that are closed.
// An offset is fixed for one decision; daylight saving is at most an hour's error in a guess about people.
#pragma once
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace citadel::policy {

using LocalDays = std::chrono::local_days;
using LocalTime = std::chrono::local_time<Duration>;

// Standard time of the most populous zone of a country (ISO 3166, either case); 0 for one that is unknown.
int GuessUtcOffsetMinutes(std::string_view country);

class Zone {
  public:
    explicit Zone(int offset_minutes) : offset_(offset_minutes) {}
    LocalTime Local(Time time) const { return LocalTime(time.time_since_epoch() + offset_); }
    Time Utc(LocalTime local) const { return Time(local.time_since_epoch() - offset_); }
    LocalDays Day(Time time) const { return std::chrono::floor<std::chrono::days>(Local(time)); }
    // Since local midnight.
    Duration OfDay(Time time) const { return Local(time) - Day(time); }

  private:
    std::chrono::minutes offset_;
};

// Local hours in which something is not done, from `from` until `until`, over midnight if need be.
// Equal ones mean no hour at all.
struct ClosedHours {
    int from = 0;
    int until = 0;

    bool Contains(const Zone& zone, Time time) const;
    // `time` itself when it is open, else the end of the closed hours.
    Time NextOpen(const Zone& zone, Time time) const;
    // The open hour nearest to `wanted`, on the same day.
    int NearestOpenHour(int wanted) const;
};

// "Fri 2026-01-02 11:20" of the customer's clock.
std::string FormatLocal(const Zone& zone, Time time);

}  // namespace citadel::policy

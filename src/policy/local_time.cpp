#include "policy/local_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

namespace citadel::policy {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;

struct CountryOffset {
    std::string_view country;
    int minutes;
};

// Standard time; where a country has several zones, the one (or the middle of those) most people live in.
constexpr CountryOffset kOffsets[] = {
    {"AE", 240},  {"AR", -180}, {"AT", 60},   {"AU", 600},  {"BE", 60},   {"BG", 120}, {"BR", -180},
    {"CA", -300}, {"CH", 60},   {"CL", -240}, {"CN", 480},  {"CO", -300}, {"CY", 120}, {"CZ", 60},
    {"DE", 60},   {"DK", 60},   {"EE", 120},  {"EG", 120},  {"ES", 60},   {"FI", 120}, {"FR", 60},
    {"GB", 0},    {"GR", 120},  {"HK", 480},  {"HR", 60},   {"HU", 60},   {"ID", 420}, {"IE", 0},
    {"IL", 120},  {"IN", 330},  {"IT", 60},   {"JP", 540},  {"KE", 180},  {"KR", 540}, {"LT", 120},
    {"LU", 60},   {"LV", 120},  {"MT", 60},   {"MX", -360}, {"MY", 480},  {"NG", 60},  {"NL", 60},
    {"NO", 60},   {"NZ", 720},  {"PE", -300}, {"PH", 480},  {"PL", 60},   {"PT", 0},   {"RO", 120},
    {"SA", 180},  {"SE", 60},   {"SG", 480},  {"SI", 60},   {"SK", 60},   {"TH", 420}, {"TR", 180},
    {"TW", 480},  {"UA", 120},  {"US", -360}, {"VN", 420},  {"ZA", 120}};

constexpr std::array<std::string_view, 7> kWeekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

}  // namespace

int GuessUtcOffsetMinutes(std::string_view country) {
    if (country.size() != 2) return 0;
    auto upper = [](char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); };
    const char code[] = {upper(country[0]), upper(country[1])};
    for (const auto& row : kOffsets) {
        if (row.country == std::string_view(code, 2)) return row.minutes;
    }
    return 0;
}

bool ClosedHours::Contains(const Zone& zone, Time time) const {
    auto hour = floor<hours>(zone.OfDay(time)).count();
    return from <= until ? hour >= from && hour < until : hour >= from || hour < until;
}

Time ClosedHours::NextOpen(const Zone& zone, Time time) const {
    if (!Contains(zone, time)) return time;
    auto end = zone.Utc(LocalTime(zone.Day(time)) + hours(until));
    return end > time ? end : end + days(1);
}

int ClosedHours::NearestOpenHour(int wanted) const {
    auto open = [this](int hour) {
        return from <= until ? hour < from || hour >= until : hour < from && hour >= until;
    };
    int nearest = wanted;
    int distance = 24;
    for (int hour = 0; hour < 24; ++hour) {
        if (!open(hour) || std::abs(hour - wanted) >= distance) continue;
        nearest = hour;
        distance = std::abs(hour - wanted);
    }
    return nearest;
}

std::string FormatLocal(const Zone& zone, Time time) {
    auto day = zone.Day(time);
    std::chrono::year_month_day date(day);
    auto minute = floor<std::chrono::minutes>(zone.OfDay(time)).count();
    return fmt::format("{} {:04}-{:02}-{:02} {:02}:{:02}", kWeekdays[std::chrono::weekday(day).c_encoding()],
                       int(date.year()), unsigned(date.month()), unsigned(date.day()), minute / 60,
                       minute % 60);
}

}  // namespace citadel::policy

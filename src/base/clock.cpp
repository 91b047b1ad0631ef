#include "base/clock.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <stdexcept>

namespace citadel {
namespace {

using std::chrono::duration_cast;
using std::chrono::floor;

// Reads exactly `digits` decimal digits at the front of `text` and removes them.
std::optional<int> TakeNumber(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return std::nullopt;
    int value = 0;
    auto end = text.data() + digits;
    auto parsed = std::from_chars(text.data(), end, value);
    if (parsed.ec != std::errc() || parsed.ptr != end || text.front() == '-') return std::nullopt;
    text.remove_prefix(digits);
    return value;
}

// RFC 3339 takes the letters T and Z in either case.
bool TakeChar(std::string_view& text, char wanted) {
    if (text.empty()) return false;
    bool lower = wanted >= 'A' && wanted <= 'Z' && text.front() == wanted + ('a' - 'A');
    if (text.front() != wanted && !lower) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<Duration> TakeOffset(std::string_view& text) {
    if (TakeChar(text, 'Z')) return Duration(0);
    if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
    int sign = text.front() == '+' ? 1 : -1;
    text.remove_prefix(1);
    auto hours = TakeNumber(text, 2);
    if (!hours || text.empty() || text.front() != ':') return std::nullopt;
    text.remove_prefix(1);
    auto minutes = TakeNumber(text, 2);
    if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
    return sign * (std::chrono::hours(*hours) + std::chrono::minutes(*minutes));
}

std::optional<Duration> TakeFraction(std::string_view& text) {
    if (text.empty() || text.front() != '.') return Duration(0);
    text.remove_prefix(1);
    std::int64_t micros = 0;
    std::size_t digits = 0;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        if (digits < 6) micros = micros * 10 + (text.front() - '0');
        ++digits;
        text.remove_prefix(1);
    }
    if (digits == 0) return std::nullopt;
    for (; digits < 6; ++digits) micros *= 10;
    return Duration(micros);
}

}  // namespace

Time SystemClock::Now() const { return floor<Duration>(std::chrono::system_clock::now()); }

FastClock::FastClock(Time start, double rate)
    : start_(start), rate_(rate), began_(std::chrono::steady_clock::now()) {}

Time FastClock::Now() const {
    auto elapsed = duration_cast<Duration>(std::chrono::steady_clock::now() - began_);
    return start_ + Stretch(elapsed);
}

std::unique_ptr<Clock> ParseClock(std::string_view text) {
    const std::string expected =
        "CITADEL_CLOCK must be \"real\", \"fixed:TIME\" or \"fast:START:RATE\" with RFC 3339 times, "
        "for instance fast:2026-01-01T00:00:00Z:21600";
    if (text.empty() || text == "real") return std::make_unique<SystemClock>();
    if (text.starts_with("fixed:")) {
        auto time = ParseTime(text.substr(6));
        if (!time) throw std::invalid_argument(fmt::format("{}; got \"{}\"", expected, text));
        return std::make_unique<ManualClock>(*time);
    }
    auto colon = text.rfind(':');
    if (text.starts_with("fast:") && colon > 5) {
        auto start = ParseTime(text.substr(5, colon - 5));
        double rate = 0;
        auto digits = text.substr(colon + 1);
        auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), rate);
        bool whole = parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size();
        if (start && whole && std::isfinite(rate) && rate > 0 && rate <= 10'000'000) {
            return std::make_unique<FastClock>(*start, rate);
        }
    }
    throw std::invalid_argument(fmt::format("{}; got \"{}\"", expected, text));
}

std::string FormatTime(Time time) {
    auto day = floor<std::chrono::days>(time);
    std::chrono::year_month_day date(day);
    std::chrono::hh_mm_ss clock(time - day);
    auto text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", int(date.year()), unsigned(date.month()),
                            unsigned(date.day()), clock.hours().count(), clock.minutes().count(),
                            clock.seconds().count());
    if (clock.subseconds().count() != 0) text += fmt::format(".{:06}", clock.subseconds().count());
    return text + "Z";
}

std::optional<Time> ParseTime(std::string_view text) {
    auto year = TakeNumber(text, 4);
    if (!year || !TakeChar(text, '-')) return std::nullopt;
    auto month = TakeNumber(text, 2);
    if (!month || !TakeChar(text, '-')) return std::nullopt;
    auto day = TakeNumber(text, 2);
    if (!day || (!TakeChar(text, 'T') && !TakeChar(text, ' '))) return std::nullopt;
    auto hour = TakeNumber(text, 2);
    if (!hour || !TakeChar(text, ':')) return std::nullopt;
    auto minute = TakeNumber(text, 2);
    if (!minute || !TakeChar(text, ':')) return std::nullopt;
    auto second = TakeNumber(text, 2);
    if (!second) return std::nullopt;
    auto fraction = TakeFraction(text);
    auto offset = TakeOffset(text);
    std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(unsigned(*month)),
                                     std::chrono::day(unsigned(*day))};
    if (!fraction || !offset || !text.empty() || !date.ok()) return std::nullopt;
    if (*hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    Time time = std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
                std::chrono::seconds(*second);
    return time + *fraction - *offset;
}

}  // namespace citadel

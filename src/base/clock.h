// Time enters the program here and nowhere else: code asks the Clock it was given, SQL receives that
// answer as a parameter. A month of dunning can therefore play in a minute, in tests and in the demo.
// All times are UTC with microseconds, which is what PostgreSQL stores.
#pragma once
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace citadel {

using Duration = std::chrono::microseconds;
using Time = std::chrono::sys_time<Duration>;

class Clock {
  public:
    virtual ~Clock() = default;
    virtual Time Now() const = 0;
    // Seconds of this clock in a second on the wall. Limits about the world outside (leases,
    // signature age, back-off after a broken connection) are meant in wall time; Stretch() converts.
    virtual double Rate() const { return 1.0; }
    Duration Stretch(Duration wall) const {
        return Duration(static_cast<std::int64_t>(static_cast<double>(wall.count()) * Rate()));
    }
};

class SystemClock final : public Clock {
  public:
    Time Now() const override;
};

// Stands still until told; may be read from any thread.
class ManualClock final : public Clock {
  public:
    explicit ManualClock(Time start) : micros_(start.time_since_epoch().count()) {}
    Time Now() const override { return Time(Duration(micros_.load())); }
    void Set(Time time) { micros_ = time.time_since_epoch().count(); }
    void Advance(Duration by) { micros_ += by.count(); }

  private:
    std::atomic<std::int64_t> micros_;
};

// Begins at `start` when constructed and runs `rate` times as fast as the wall clock.
class FastClock final : public Clock {
  public:
    FastClock(Time start, double rate);
    Time Now() const override;
    double Rate() const override { return rate_; }

  private:
    Time start_;
    double rate_;
    std::chrono::steady_clock::time_point began_;
};

// Reads the value of CITADEL_CLOCK: "real", "fixed:TIME" or "fast:START:RATE".
// Throws std::invalid_argument whose text says what was wrong and what is expected.
std::unique_ptr<Clock> ParseClock(std::string_view text);

// "2026-01-01T00:00:00Z", with up to six decimals of a second when there are any (RFC 3339).
std::string FormatTime(Time time);
// Accepts RFC 3339 with "Z" or a numeric offset; nullopt for anything else.
std::optional<Time> ParseTime(std::string_view text);

inline std::int64_t ToUnixSeconds(Time time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}
inline Time FromUnixSeconds(std::int64_t seconds) { return Time(std::chrono::seconds(seconds)); }

}  // namespace citadel

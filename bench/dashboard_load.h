// How long a merchant waits for its first page, with a short history and with a long one: two databases of
// one PostgreSQL, each with a `citadel serve` of its own, asked by turns so that both meet the same machine.
#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

namespace citadel::bench {

struct DashboardRound {
    std::int64_t answers = 0;
    double seconds = 0;
    double p50_ms = 0;
    double p99_ms = 0;
};

struct DashboardSeries {
    std::int64_t ledger_rows = 0;
    double fill_seconds = 0;
    std::vector<DashboardRound> rounds{};
};

inline constexpr int kDashboardConnections = 4;

// One series for each length of history, the shortest first. An answer that is no success ends the benchmark.
std::vector<DashboardSeries> MeasureDashboard(const std::filesystem::path& folder, int rounds,
                                              double seconds);

}  // namespace citadel::bench

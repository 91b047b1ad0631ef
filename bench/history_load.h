// What the queue must not feel: how long its history is, and how much another merchant has waiting.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "ceiling.h"

namespace citadel::bench {

struct HistorySeries {
    std::int64_t recoveries = 0;  // closed ones, each with a task that is over and four lines in the ledger
    double fill_seconds = 0;
    std::vector<CeilingResult> rounds{};
};
// Tasks claimed and settled beside a short and a long history, taking turns.
std::vector<HistorySeries> MeasureHistories(const std::string& server_url, int rounds, double seconds);

struct FairnessRound {
    double alone_seconds = 0;
    double beside_seconds = 0;
};
inline constexpr int kGiantTasks = 500'000;
inline constexpr int kTasksOfEachOther = 10;
// How long 999 merchants with 10 due tasks each wait for all of them, alone and beside one with 500,000.
std::vector<FairnessRound> MeasureFairness(const std::string& server_url, int rounds);

}  // namespace citadel::bench

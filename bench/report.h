// The figures of a run, as a table with the ratios first and as JSON. Medians over the rounds.
#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "ceiling.h"
#include "dashboard_load.h"
#include "history_load.h"
#include "simulator_load.h"
#include "webhook_load.h"

namespace citadel::bench {

struct WebhookRound {
    LoadResult load;
    double own_micros = 0;       // processor time of citadel serve, an event
    double postgres_micros = 0;  // of all of PostgreSQL's processes
};

struct CeilingSeries {
    int batch = 0;
    int connections = 0;
    std::vector<CeilingResult> rounds{};
    std::vector<double> postgres_micros{};
};

struct Figures {
    std::size_t body_bytes = 0;
    std::vector<WebhookRound> webhooks;   // as fast as 64 connections can
    std::vector<WebhookRound> half_load;  // at half of that rate
    std::vector<CeilingSeries> inserts{{64, 1}, {64, 2}, {256, 1}, {256, 2}};
    std::vector<CeilingResult> queue;
    std::vector<CeilingSeries> claims{{64, 1}, {64, 2}};
    std::vector<HistorySeries> histories;  // the shortest first
    std::vector<FairnessRound> fairness;
    std::vector<CallSeries> simulator;       // the constant first
    std::vector<DashboardSeries> dashboard;  // the shortest history first

    std::int64_t refused() const;
};

template <typename Rows, typename Get>
double MedianOf(const Rows& rows, Get get) {
    std::vector<double> values;
    for (const auto& row : rows) values.push_back(get(row));
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

std::string AsTable(const Figures& figures);
std::string AsJson(const Figures& figures);

}  // namespace citadel::bench

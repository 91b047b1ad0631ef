// What PostgreSQL itself can do for the same rows on this machine: plain SQL in one statement a batch,
// no deduplication to answer for, no locks of subjects, no decisions, everything resolved beforehand.
#pragma once
#include <cstdint>
#include <string>

namespace citadel::bench {

struct CeilingResult {
    std::int64_t rows = 0;
    double seconds = 0;
    double p50_ms = 0;  // of a batch
    double p99_ms = 0;
    double per_second() const { return static_cast<double>(rows) / seconds; }
};

// Each event's row in processed_events, recoveries, scheduled_tasks and usage_logs, and its share of
// daily_metrics, on all indexes, in batches over blocking connections. Begins with empty tables.
CeilingResult MeasureInserts(const std::string& url, int batch, int connections, double seconds);

// A task claimed (skip locked, lease), then completed with its ledger row and metrics; two statements
// a batch. Empties the tables and fills them with `waiting` due tasks first.
CeilingResult MeasureClaims(const std::string& url, int batch, int connections, double seconds, int waiting);

// The waiting tasks of MeasureClaims, with the recoveries they are about; the benchmark of our own queue
// begins with the same.
void FillQueue(const std::string& url, int waiting);

}  // namespace citadel::bench

// How fast the Stripe simulator answers, and what a call costs it: `citadel stripe-sim` as a process of its
// own, beside the same HTTP server that answers a constant.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace citadel::bench {

struct CallRound {
    std::int64_t calls = 0;
    double seconds = 0;
    double server_micros = 0;  // processor time of the answering process, a call
    double per_second() const { return static_cast<double>(calls) / seconds; }
};

struct CallSeries {
    std::string name;
    std::vector<CallRound> rounds{};
};

// The constant first, then reading an invoice, making customers under idempotency keys, and paying invoices;
// `rounds` of each, by turns. An answer that is no success ends the benchmark.
std::vector<CallSeries> MeasureSimulator(const std::filesystem::path& folder, int rounds, double seconds);

// The other side of the constant: serves {"status":"ok"} until it is killed.
void ServeConstant();

}  // namespace citadel::bench

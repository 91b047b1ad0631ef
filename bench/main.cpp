// citadel_bench [--json FILE] [--only webhooks|queue|history|fairness|simulator|dashboard]: webhooks accepted
// per second and tasks through the queue, each beside what PostgreSQL itself can do with the same rows in the
// same run; the queue beside a long history, and beside a merchant who has half a million tasks waiting;
// calls that the Stripe simulator answers, beside a constant of the same HTTP server; a merchant's first page
// with a long history, beside a short one. Short rounds take turns, because a shared machine drifts; medians
// are printed. CITADEL_BENCH_SECONDS is the length of a round, default 3.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>

#include "base/log.h"
#include "ceiling.h"
#include "dashboard_load.h"
#include "plain_sql.h"
#include "postgres/embedded.h"
#include "queue_load.h"
#include "report.h"
#include "server_process.h"
#include "simulator_load.h"
#include "webhook_load.h"

namespace citadel::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kRounds = 3;
constexpr int kQueueWaiting = 60'000;

// The folder of this run; PostgreSQL's user must be able to walk into it.
class RunFolder {
  public:
    RunFolder() {
        std::string name = (fs::temp_directory_path() / "citadel_bench.XXXXXX").string();
        path_ = mkdtemp(name.data());
        fs::permissions(path_, fs::perms(0755));
    }
    ~RunFolder() { fs::remove_all(path_); }
    const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

void Say(const std::string& what) { std::cerr << "bench: " << what << std::endl; }

class Bench {
  public:
    Bench(const fs::path& folder, double seconds)
        : seconds_(seconds), postgres_(postgres::Embedded::Start(folder)),
          ours_(MakeDatabase(postgres_->url(), "ours")), ceiling_(MakeDatabase(postgres_->url(), "ceiling")),
          server_(ServeCommand(ours_, kSecret), folder / "serve.log") {}

    void RunWebhooks() {
        Say("warming up");
        WebhooksRound(1.0);
        for (int round = 1; round <= kRounds; ++round) {
            Say(fmt::format("webhooks, round {} of {}", round, kRounds));
            for (auto& ceiling : figures_.inserts) MeasureInsertsOnce(ceiling);
            figures_.webhooks.push_back(WebhooksRound(seconds_));
        }
        Say("webhooks at half of the load");
        double reached = MedianOf(figures_.webhooks, [](const auto& r) { return r.load.per_second(); });
        for (int round = 0; round < kRounds; ++round)
            figures_.half_load.push_back(WebhooksRound(seconds_, reached / 2));
        figures_.body_bytes = WebhookText().body_bytes();
    }

    void RunQueue() {
        for (int round = 1; round <= kRounds; ++round) {
            Say(fmt::format("queue, round {} of {}", round, kRounds));
            for (auto& ceiling : figures_.claims) {
                ceiling.rounds.push_back(
                    MeasureClaims(ceiling_, ceiling.batch, ceiling.connections, seconds_ / 2, kQueueWaiting));
            }
            FillQueue(ceiling_, kQueueWaiting);
            figures_.queue.push_back(MeasureQueue(ceiling_, seconds_ / 2));
        }
    }

    void RunHistories() {
        Say("the queue beside a long history");
        figures_.histories = MeasureHistories(postgres_->url(), kRounds, seconds_ / 2);
    }

    void RunFairness() {
        Say("fairness");
        figures_.fairness = MeasureFairness(postgres_->url(), kRounds);
    }

    Figures TakeFigures() { return std::move(figures_); }

  private:
    static constexpr const char* kSecret = "whsec_bench";

    // What earlier rounds left to be written is no business of the next one.
    void SettleDisk() { PlainConnection(postgres_->url()).Execute("checkpoint"); }

    void MeasureInsertsOnce(CeilingSeries& series) {
        SettleDisk();
        auto before = CpuMicrosOfServer(postgres_->postmaster_pid());
        auto result = MeasureInserts(ceiling_, series.batch, series.connections, seconds_ / 2);
        auto after = CpuMicrosOfServer(postgres_->postmaster_pid());
        series.rounds.push_back(result);
        series.postgres_micros.push_back((after - before) / static_cast<double>(result.rows));
    }

    WebhookRound WebhooksRound(double seconds, double per_second = 0) {
        Load load;
        load.port = server_.port();
        load.seconds = seconds;
        load.per_second = per_second;
        double expected = per_second > 0 ? per_second : 25'000;
        auto events =
            SignEvents(next_serial_, static_cast<std::size_t>(expected * seconds) + 64, Secret(kSecret));
        next_serial_ += static_cast<std::int64_t>(events.size());
        SettleDisk();
        auto own = CpuMicros(server_.pid());
        auto postgres = CpuMicrosOfServer(postgres_->postmaster_pid());
        WebhookRound round;
        round.load = SendWebhooks(load, events);
        auto count = static_cast<double>(std::max<std::int64_t>(round.load.accepted, 1));
        round.own_micros = (CpuMicros(server_.pid()) - own) / count;
        round.postgres_micros = (CpuMicrosOfServer(postgres_->postmaster_pid()) - postgres) / count;
        return round;
    }

    double seconds_;
    std::unique_ptr<postgres::Embedded> postgres_;
    std::string ours_;
    std::string ceiling_;
    ServerProcess server_;
    std::int64_t next_serial_ = 1;
    Figures figures_;
};

struct Options {
    std::string json_file{};
    std::string only{};
    double seconds = 3;
};

std::optional<Options> ReadOptions(const std::vector<std::string>& words) {
    Options options;
    for (std::size_t i = 0; i < words.size(); i += 2) {
        if (i + 1 == words.size()) return std::nullopt;
        if (words[i] == "--json") options.json_file = words[i + 1];
        else if (words[i] == "--only") options.only = words[i + 1];
        else return std::nullopt;
    }
    constexpr std::string_view kSections[] = {"",         "webhooks",  "queue",    "history",
                                              "fairness", "simulator", "dashboard"};
    if (std::ranges::find(kSections, options.only) == std::end(kSections)) return std::nullopt;
    const char* given = std::getenv("CITADEL_BENCH_SECONDS");
    if (given && *given) options.seconds = std::atof(given);
    if (!(options.seconds >= 0.1 && options.seconds <= 60)) return std::nullopt;
    return options;
}

int Main(const Options& options) {
    log::Configure("warn", "text");
    RunFolder folder;
    Figures figures;
    auto wanted = [&](std::string_view section) { return options.only.empty() || options.only == section; };
    if (wanted("webhooks") || wanted("queue") || wanted("history") || wanted("fairness")) {
        Bench bench(folder.path(), options.seconds);
        if (wanted("webhooks")) bench.RunWebhooks();
        if (wanted("queue")) bench.RunQueue();
        if (wanted("history")) bench.RunHistories();
        if (wanted("fairness")) bench.RunFairness();
        figures = bench.TakeFigures();
    }
    if (wanted("simulator")) {
        Say("the simulator");
        figures.simulator = MeasureSimulator(folder.path(), kRounds, options.seconds / 2);
    }
    if (wanted("dashboard")) {
        Say("the dashboard, its ledgers first");
        figures.dashboard = MeasureDashboard(folder.path(), kRounds, options.seconds);
    }
    std::cout << AsTable(figures);
    if (!options.json_file.empty()) std::ofstream(options.json_file) << AsJson(figures) << "\n";
    return figures.refused() == 0 ? 0 : 1;
}

}  // namespace
}  // namespace citadel::bench

int main(int argc, char** argv) {
    // The other side of the constant that the simulator is measured beside.
    if (argc == 2 && std::string_view(argv[1]) == "--serve-constant") {
        citadel::bench::ServeConstant();
        return 0;
    }
    auto options = citadel::bench::ReadOptions({argv + 1, argv + argc});
    if (!options) {
        std::cerr << "usage: citadel_bench [--json FILE] [--only "
                     "webhooks|queue|history|fairness|simulator|dashboard]\n"
                     "CITADEL_BENCH_SECONDS: the seconds of a round, 0.1 to 60, default 3\n";
        return 2;
    }
    try {
        return citadel::bench::Main(*options);
    } catch (const std::exception& error) {
        std::cerr << "citadel_bench: " << error.what() << "\n";
        return 1;
    }
}

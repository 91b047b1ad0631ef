#include "report.h"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace citadel::bench {

namespace json = boost::json;

namespace {

double RateOf(const std::vector<CeilingResult>& rounds) {
    return MedianOf(rounds, [](const auto& r) { return r.per_second(); });
}

double BatchMsOf(const std::vector<CeilingResult>& rounds) {
    return MedianOf(rounds, [](const auto& r) { return r.p50_ms; });
}

double BatchP99Of(const std::vector<CeilingResult>& rounds) {
    return MedianOf(rounds, [](const auto& r) { return r.p99_ms; });
}

double MicrosOf(const CeilingSeries& series) {
    return MedianOf(series.postgres_micros, [](double micros) { return micros; });
}

double Best(const std::vector<CeilingSeries>& all) {
    double best = 0;
    for (const auto& series : all) best = std::max(best, RateOf(series.rounds));
    return best;
}

struct Webhooks {
    explicit Webhooks(const std::vector<WebhookRound>& rounds)
        : rate(MedianOf(rounds, [](const auto& r) { return r.load.per_second(); })),
          p50(MedianOf(rounds, [](const auto& r) { return r.load.p50_ms; })),
          p99(MedianOf(rounds, [](const auto& r) { return r.load.p99_ms; })),
          own(MedianOf(rounds, [](const auto& r) { return r.own_micros; })),
          postgres(MedianOf(rounds, [](const auto& r) { return r.postgres_micros; })) {}
    double rate, p50, p99, own, postgres;
};

std::string CeilingLine(const CeilingSeries& series, double ours, const char* what) {
    double rate = RateOf(series.rounds);
    auto line = fmt::format(
        "  {:>5.2f}  {:>8.0f}/s  PostgreSQL alone, {} {} a batch, {} connection{}, a batch p50 {:.1f}, p99 "
        "{:.1f} ms",
        ours / rate, rate, series.batch, what, series.connections, series.connections > 1 ? "s" : "",
        BatchMsOf(series.rounds), BatchP99Of(series.rounds));
    if (!series.postgres_micros.empty()) line += fmt::format(", {:.0f} us of its CPU each", MicrosOf(series));
    return line + "\n";
}

json::array AsJson(const std::vector<CeilingSeries>& all) {
    json::array list;
    for (const auto& series : all) {
        list.push_back({{"batch", series.batch},
                        {"connections", series.connections},
                        {"perSecond", RateOf(series.rounds)},
                        {"batchP50Ms", BatchMsOf(series.rounds)},
                        {"batchP99Ms", BatchP99Of(series.rounds)},
                        {"postgresMicros", MicrosOf(series)}});
    }
    return list;
}

json::object AsJson(const Webhooks& figures) {
    return {{"perSecond", figures.rate},
            {"p50Ms", figures.p50},
            {"p99Ms", figures.p99},
            {"ownMicros", figures.own},
            {"postgresMicros", figures.postgres}};
}

std::string WebhooksTable(const Figures& figures) {
    Webhooks full(figures.webhooks);
    Webhooks half(figures.half_load);
    auto text = fmt::format(
        "\nWebhooks accepted after commit (64 connections, 1,000 merchants, unique signed events of {} "
        "bytes)\n"
        "  ratio to PostgreSQL's best for the same rows: {:.2f}\n",
        figures.body_bytes, full.rate / Best(figures.inserts));
    text += fmt::format(
        "  {:>5}  {:>8.0f}/s  citadel serve; an answer p50 {:.1f} ms, p99 {:.1f} ms; CPU an event: ours "
        "{:.0f} us, "
        "PostgreSQL {:.0f} us\n",
        "", full.rate, full.p50, full.p99, full.own, full.postgres);
    text += fmt::format("  {:>5}  {:>8.0f}/s  the same at half of the load: p50 {:.1f} ms, p99 {:.1f} ms\n",
                        "", half.rate, half.p50, half.p99);
    for (const auto& series : figures.inserts) text += CeilingLine(series, full.rate, "events");
    if (figures.refused() > 0) text += fmt::format("  {} webhooks were not accepted\n", figures.refused());
    return text;
}

std::string QueueTable(const Figures& figures) {
    double queue = RateOf(figures.queue);
    auto text = fmt::format(
        "\nTasks claimed and settled, nothing done between\n"
        "  ratio to PostgreSQL's best: {:.2f}\n",
        queue / Best(figures.claims));
    text += fmt::format(
        "  {:>5}  {:>8.0f}/s  ours, batches of 64, one connection, a batch p50 {:.1f}, p99 {:.1f} ms\n", "",
        queue, BatchMsOf(figures.queue), BatchP99Of(figures.queue));
    for (const auto& series : figures.claims) text += CeilingLine(series, queue, "tasks");
    return text;
}

std::string HistoryTable(const std::vector<HistorySeries>& all) {
    auto text = fmt::format(
        "\nTasks claimed and settled beside a long history\n"
        "  ratio of the longest to the shortest: {:.2f} (promised: above 0.8)\n",
        RateOf(all.back().rounds) / RateOf(all.front().rounds));
    for (const auto& series : all) {
        text += fmt::format(
            "  {:>5.2f}  {:>8.0f}/s  {:>7} closed recoveries; a batch p50 {:.1f}, p99 {:.1f} ms\n",
            RateOf(series.rounds) / RateOf(all.front().rounds), RateOf(series.rounds), series.recoveries,
            BatchMsOf(series.rounds), BatchP99Of(series.rounds));
    }
    return text;
}

double AloneOf(const std::vector<FairnessRound>& rounds) {
    return MedianOf(rounds, [](const auto& r) { return r.alone_seconds; });
}

double BesideOf(const std::vector<FairnessRound>& rounds) {
    return MedianOf(rounds, [](const auto& r) { return r.beside_seconds; });
}

std::string FairnessTable(const std::vector<FairnessRound>& rounds) {
    return fmt::format(
        "\n999 merchants with {} due tasks each, beside one with {}\n"
        "  ratio of the time until all of theirs are done to the same alone: {:.2f} (promised: below 2)\n"
        "         {:.1f} s beside it, {:.1f} s alone\n",
        kTasksOfEachOther, kGiantTasks, BesideOf(rounds) / AloneOf(rounds), BesideOf(rounds),
        AloneOf(rounds));
}

double RateOf(const CallSeries& series) {
    return MedianOf(series.rounds, [](const auto& r) { return r.per_second(); });
}

double MicrosOf(const CallSeries& series) {
    return MedianOf(series.rounds, [](const auto& r) { return r.server_micros; });
}

// By processor time: on a shared machine it says more than the rate.
double ShareOf(const CallSeries& series, const CallSeries& constant) {
    return MicrosOf(constant) / MicrosOf(series);
}

std::string SimulatorTable(const std::vector<CallSeries>& all) {
    std::string text =
        "\nCalls to the Stripe simulator (64 connections, one process)\n"
        "  ratio of the constant's CPU a call to its own, calls, CPU a call of the answering process\n";
    for (const auto& series : all) {
        text += fmt::format("  {:>5.2f}  {:>8.0f}/s  {:>4.0f} us  {}\n", ShareOf(series, all.front()),
                            RateOf(series), MicrosOf(series), series.name);
    }
    return text;
}

json::array AsJson(const std::vector<CallSeries>& all) {
    json::array list;
    for (const auto& series : all) {
        list.push_back({{"call", series.name},
                        {"perSecond", RateOf(series)},
                        {"serverMicros", MicrosOf(series)},
                        {"ratio", ShareOf(series, all.front())}});
    }
    return list;
}

double P99Of(const DashboardSeries& series) {
    return MedianOf(series.rounds, [](const auto& r) { return r.p99_ms; });
}

double P50Of(const DashboardSeries& series) {
    return MedianOf(series.rounds, [](const auto& r) { return r.p50_ms; });
}

double RateOf(const DashboardSeries& series) {
    return MedianOf(series.rounds, [](const auto& r) { return static_cast<double>(r.answers) / r.seconds; });
}

std::string DashboardTable(const std::vector<DashboardSeries>& all) {
    auto text = fmt::format(
        "\n/api/dashboard by the length of history ({} connections)\n"
        "  ratio of p99, longest to shortest: {:.2f} (promised: below 1.5)\n",
        kDashboardConnections, P99Of(all.back()) / P99Of(all.front()));
    for (const auto& series : all) {
        text +=
            fmt::format("  {:>5.2f}  {:>8.0f}/s  {:>7} ledger rows; an answer p50 {:.2f} ms, p99 {:.2f} ms\n",
                        P99Of(series) / P99Of(all.front()), RateOf(series), series.ledger_rows, P50Of(series),
                        P99Of(series));
    }
    return text;
}

json::object AsJson(const std::vector<DashboardSeries>& all) {
    json::array list;
    for (const auto& series : all) {
        list.push_back({{"ledgerRows", series.ledger_rows},
                        {"fillSeconds", series.fill_seconds},
                        {"perSecond", RateOf(series)},
                        {"p50Ms", P50Of(series)},
                        {"p99Ms", P99Of(series)}});
    }
    return {{"p99Ratio", P99Of(all.back()) / P99Of(all.front())}, {"histories", std::move(list)}};
}

}  // namespace

std::int64_t Figures::refused() const {
    std::int64_t sum = 0;
    for (const auto& round : webhooks) sum += round.load.refused;
    for (const auto& round : half_load) sum += round.load.refused;
    return sum;
}

std::string AsTable(const Figures& figures) {
    std::string text;
    if (!figures.webhooks.empty()) text += WebhooksTable(figures);
    if (!figures.queue.empty()) text += QueueTable(figures);
    if (!figures.histories.empty()) text += HistoryTable(figures.histories);
    if (!figures.fairness.empty()) text += FairnessTable(figures.fairness);
    if (!figures.simulator.empty()) text += SimulatorTable(figures.simulator);
    if (!figures.dashboard.empty()) text += DashboardTable(figures.dashboard);
    return text;
}

std::string AsJson(const Figures& figures) {
    json::object all;
    if (!figures.webhooks.empty()) {
        Webhooks full(figures.webhooks);
        all["webhooks"] = {{"ratio", full.rate / Best(figures.inserts)},
                           {"bodyBytes", figures.body_bytes},
                           {"fullLoad", AsJson(full)},
                           {"halfLoad", AsJson(Webhooks(figures.half_load))},
                           {"ceilings", AsJson(figures.inserts)},
                           {"refused", figures.refused()}};
    }
    if (!figures.queue.empty()) {
        all["queue"] = {{"ratio", RateOf(figures.queue) / Best(figures.claims)},
                        {"perSecond", RateOf(figures.queue)},
                        {"batchP50Ms", BatchMsOf(figures.queue)},
                        {"batchP99Ms", BatchP99Of(figures.queue)},
                        {"ceilings", AsJson(figures.claims)}};
    }
    if (!figures.histories.empty()) {
        json::array list;
        for (const auto& series : figures.histories) {
            list.push_back({{"closedRecoveries", series.recoveries},
                            {"fillSeconds", series.fill_seconds},
                            {"perSecond", RateOf(series.rounds)},
                            {"batchP50Ms", BatchMsOf(series.rounds)},
                            {"batchP99Ms", BatchP99Of(series.rounds)}});
        }
        all["history"] = {
            {"ratio", RateOf(figures.histories.back().rounds) / RateOf(figures.histories.front().rounds)},
            {"histories", std::move(list)}};
    }
    if (!figures.fairness.empty()) {
        all["fairness"] = {{"ratio", BesideOf(figures.fairness) / AloneOf(figures.fairness)},
                           {"besideSeconds", BesideOf(figures.fairness)},
                           {"aloneSeconds", AloneOf(figures.fairness)}};
    }
    if (!figures.simulator.empty()) all["simulator"] = AsJson(figures.simulator);
    if (!figures.dashboard.empty()) all["dashboard"] = AsJson(figures.dashboard);
    return json::serialize(all);
}

}  // namespace citadel::bench

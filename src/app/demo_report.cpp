#include "app/demo_report.h"

#include <boost/json.hpp>

#include "email/locale.h"
#include "store/books.h"

namespace citadel::app {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

using Amounts = std::map<std::string, std::int64_t>;

Amounts AmountsOf(const json::object& check) {
    Amounts amounts;
    for (const auto& row : check.at("recovered").as_array()) {
        auto amount = row.at("amount").to_number<std::int64_t>();
        if (amount != 0) amounts[std::string(row.at("currency").as_string())] = amount;
    }
    return amounts;
}

Amounts AmountsOf(const store::Report& report) {
    Amounts amounts;
    for (const auto& money : report.recovered_amounts) amounts[money.currency] = money.minor;
    return amounts;
}

// Complains when the engine's figure is not the simulator's.
void Compare(DemoReport& report, const std::string& what, std::int64_t ours, std::int64_t truth) {
    if (ours == truth) return;
    report.complaints.push_back(fmt::format("{}: the database says {}, the simulator {}", what, ours, truth));
    report.books_balanced = false;
}

void Demand(DemoReport& report, const std::string& what, std::int64_t count) {
    if (count != 0) report.complaints.push_back(fmt::format("{}: {}, must be 0", what, count));
}

}  // namespace

asio::awaitable<DemoReport> MakeDemoReport(postgres::Pool& pool, SimRemote& sim) {
    DemoReport report;
    report.engine = co_await store::ReadReportAcrossMerchants(pool);
    auto differences = co_await store::CountBookDifferencesAcrossMerchants(pool);
    json::object check = co_await sim.Get("/_sim/check");
    auto acknowledged = co_await sim.AcknowledgedEvents();
    auto truth = [&](const char* name) { return check.at(name).to_number<std::int64_t>(); };

    report.events_lost = co_await store::CountMissingEventsAcrossMerchants(pool, std::move(acknowledged));
    report.events_lost += truth("failedRenewalsUnannounced");
    report.tasks_lost = report.engine.stranded + report.engine.unsettled + report.engine.tasks_failed;
    report.duplicate_charges = truth("duplicateCharges");
    report.charges_after_stop = truth("chargesAfterStop");
    report.books_balanced = differences == 0;
    Demand(report, "days on which metrics and ledger differ", differences);
    Demand(report, "events lost", report.events_lost);
    Demand(report, "tasks lost", report.tasks_lost);
    Demand(report, "duplicate charges", report.duplicate_charges);
    Demand(report, "charges after a stop", report.charges_after_stop);
    Compare(report, "invoices failed", report.engine.failed, truth("invoicesFailed"));
    Compare(report, "invoices recovered", report.engine.recovered, truth("invoicesRecovered"));
    Compare(report, "attempts", report.engine.attempts, truth("attempts"));
    if (AmountsOf(report.engine) != AmountsOf(check)) {
        report.complaints.push_back("recovered amounts: database and simulator differ");
        report.books_balanced = false;
    }
    for (const auto& violation : check.at("violations").as_array()) {
        report.complaints.push_back(json::serialize(violation));
    }
    co_return report;
}

std::string ToText(const DemoReport& report, int days, int merchants) {
    const auto& engine = report.engine;
    auto percent = engine.failed > 0
                       ? 100.0 * static_cast<double>(engine.recovered) / static_cast<double>(engine.failed)
                       : 0.0;
    std::string text = fmt::format("\nAfter {} days with {} merchants\n", days, merchants);
    auto line = [&](std::string_view name, const std::string& value) {
        text += fmt::format("  {:<26} {}\n", name, value);
    };
    line("invoices failed", std::to_string(engine.failed));
    line("invoices recovered", fmt::format("{}  ({:.1f} %)", engine.recovered, percent));
    for (const auto& [cause, count] : engine.causes) line("  by " + cause, std::to_string(count));
    for (const auto& money : engine.recovered_amounts) line("recovered", email::FormatMoney(money));
    line("stopped by a stop signal", std::to_string(engine.stopped));
    line("sequence ended unpaid", std::to_string(engine.exhausted));
    line("still open", std::to_string(engine.open));
    line("charge attempts", std::to_string(engine.attempts));
    line("e-mails sent", std::to_string(engine.emails));
    line("events lost", std::to_string(report.events_lost));
    line("tasks lost", std::to_string(report.tasks_lost));
    line("duplicate charges", std::to_string(report.duplicate_charges));
    line("charges after a stop", std::to_string(report.charges_after_stop));
    line("books", report.books_balanced ? "balanced, and equal to the simulator's ledger" : "NOT BALANCED");
    for (const auto& complaint : report.complaints) text += "  WRONG: " + complaint + "\n";
    return text;
}

std::string ToJson(const DemoReport& report) {
    json::array recovered, complaints;
    for (const auto& money : report.engine.recovered_amounts) {
        recovered.push_back({{"currency", money.currency}, {"amount", money.minor}});
    }
    for (const auto& complaint : report.complaints) complaints.emplace_back(complaint);
    json::object causes;
    for (const auto& [cause, count] : report.engine.causes) causes[cause] = count;
    return json::serialize(json::object{{"invoicesFailed", report.engine.failed},
                                        {"invoicesRecovered", report.engine.recovered},
                                        {"recovered", std::move(recovered)},
                                        {"recoveredByCause", std::move(causes)},
                                        {"stopped", report.engine.stopped},
                                        {"exhausted", report.engine.exhausted},
                                        {"open", report.engine.open},
                                        {"attempts", report.engine.attempts},
                                        {"emailsSent", report.engine.emails},
                                        {"eventsLost", report.events_lost},
                                        {"tasksLost", report.tasks_lost},
                                        {"duplicateCharges", report.duplicate_charges},
                                        {"chargesAfterStop", report.charges_after_stop},
                                        {"booksBalanced", report.books_balanced},
                                        {"complaints", std::move(complaints)}});
}

}  // namespace citadel::app

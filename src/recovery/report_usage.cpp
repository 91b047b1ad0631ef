#include "recovery/report_usage.h"

#include "base/log.h"
#include "recovery/self_scheduled.h"
#include "store/usage.h"
#include "stripe/meters.h"

namespace citadel::recovery {

namespace asio = boost::asio;
using store::UsageReport;
using store::UsageVerdict;

namespace {

// Stripe keeps identifiers for at least 24 hours; until then sending again is a safe question.
constexpr std::chrono::hours kIdentifierIsSafeFor{23};
// Stripe refuses older facts; a call takes its time.
constexpr auto kTooOld = stripe::kMeterEventAgeMax - std::chrono::minutes(5);
// Wall time of the lease that a call may need with its repetitions.
constexpr std::chrono::seconds kOneCall{100};

// What came of one line: a verdict, or the reason why the run has to end here.
struct Told {
    std::optional<UsageVerdict> verdict;
    std::string not_now;
};

Told SetAside(const UsageReport& report, std::string reason) {
    Told told;
    told.verdict = UsageVerdict{report.merchant, report.log_id, std::move(reason)};
    return told;
}

Told IsThere(const UsageReport& report) { return SetAside(report, ""); }

Told NotNow(const stripe::Failure& failure) {
    Told told;
    told.not_now = fmt::format("{} {}", stripe::NameOf(failure.kind), failure.message);
    return told;
}

// The meter adds up one member of the payload, whichever its owner chose: invoices or minor units.
stripe::MeterEvent EventOf(const UsageReport& report) {
    stripe::MeterEvent event;
    event.event_name = report.event_name;
    event.identifier = report.identifier;
    event.timestamp = report.happened_at;
    event.payload = {{"stripe_customer_id", report.customer_id},
                     {"value", std::to_string(report.quantity)},
                     {"amount", std::to_string(report.amount.minor)},
                     {"currency", report.amount.currency}};
    return event;
}

// What this line adds to the meter; nullopt: from such a meter no single line can be told.
std::optional<std::int64_t> WeightOn(const stripe::Meter& meter, std::int64_t lines, std::int64_t quantity,
                                     std::int64_t amount) {
    if (meter.formula == "count") return lines;
    if (meter.formula != "sum") return std::nullopt;
    if (meter.value_key == "value") return quantity;
    if (meter.value_key == "amount") return amount;
    return std::nullopt;
}

bool IsForTheOwnerToMend(const stripe::Failure& failure) {
    return failure.kind == stripe::FailureKind::kAuthentication ||
           failure.kind == stripe::FailureKind::kOutOfReach || failure.code == stripe::kNoMeter ||
           failure.code == stripe::kArchivedMeter;
}

asio::awaitable<Told> Send(const Tools& tools, const UsageReport& report) {
    if (report.happened_at < tools.clock.Now() - kTooOld) {
        co_return SetAside(report, "older than 35 days: Stripe takes no such usage");
    }
    stripe::Client client = tools.stripe.For("");
    auto outcome = co_await stripe::SendMeterEvent(std::move(client), EventOf(report));
    tools.Reached("usage_sent");
    auto failure = std::get_if<stripe::Failure>(&outcome);
    if (!failure) co_return IsThere(report);
    bool refused = failure->kind == stripe::FailureKind::kInvalid ||
                   failure->kind == stripe::FailureKind::kNotFound ||
                   failure->kind == stripe::FailureKind::kDeclined;
    if (!refused || IsForTheOwnerToMend(*failure)) co_return NotNow(*failure);
    co_return SetAside(report, fmt::format("refused: {} {}", failure->code, failure->message));
}

// In doubt for longer than Stripe keeps identifiers. All events of that customer are ours, and those in doubt
// were sent in this order: so whatever the meter has of that minute beyond the settled ones is this line.
asio::awaitable<Told> LookAndSend(const Tools& tools, const UsageReport& report) {
    stripe::Client client = tools.stripe.For("");
    auto found = co_await stripe::FindMeter(client, report.event_name);
    if (auto failure = std::get_if<stripe::Failure>(&found)) co_return NotNow(*failure);
    auto meter = std::get<std::optional<stripe::Meter>>(found);
    if (!meter) co_return NotNow({.message = "no meter counts events named " + report.event_name});
    auto weight = WeightOn(*meter, 1, report.quantity, report.amount.minor);
    if (!weight) {
        co_return SetAside(report,
                           "nobody knows whether it arrived, and the meter cannot tell single events");
    }
    Time since = std::chrono::floor<std::chrono::minutes>(report.happened_at);
    Time until = since + std::chrono::minutes(1);
    auto read = co_await stripe::ReadMeter(client, *meter, report.customer_id, since, until);
    if (auto failure = std::get_if<stripe::Failure>(&read)) {
        if (failure->kind != stripe::FailureKind::kNotFound) co_return NotNow(*failure);
        co_return SetAside(report, "refused: " + failure->message);
    }
    auto settled = co_await store::SumReportedUsage(tools.pool, report.merchant, report.event_name,
                                                    report.customer_id, since, until);
    auto known = WeightOn(*meter, settled.reports, settled.quantity, settled.amount);
    if (std::get<std::int64_t>(read) - *known >= *weight) co_return IsThere(report);
    co_await store::RenewUsageReport(tools.pool, report.merchant, report.log_id, tools.clock.Now());
    Told told = co_await Send(tools, report);
    co_return told;
}

struct Batch {
    std::vector<UsageVerdict> verdicts;
    std::string not_now;  // why it ended early
};

asio::awaitable<Batch> Tell(const Tools& tools, const store::Task& task, std::vector<UsageReport> reports) {
    Batch batch;
    for (const auto& report : reports) {
        Time now = tools.clock.Now();
        if (task.lease_expires_at - now < tools.clock.Stretch(kOneCall)) {
            batch.not_now = "the lease is nearly over";
            break;
        }
        bool old_doubt = report.in_doubt && now - report.intended_at > kIdentifierIsSafeFor;
        Told told;
        if (old_doubt) {
            // What is settled so far counts when the next one is weighed.
            co_await store::SettleUsageReports(tools.pool, std::exchange(batch.verdicts, {}), now);
            told = co_await LookAndSend(tools, report);
        } else {
            told = co_await Send(tools, report);
        }
        if (told.verdict) batch.verdicts.push_back(std::move(*told.verdict));
        batch.not_now = std::move(told.not_now);
        if (!batch.not_now.empty()) break;
    }
    co_return batch;
}

void LogRefusals(const Batch& batch) {
    for (const auto& verdict : batch.verdicts) {
        if (verdict.set_aside_because.empty()) continue;
        log::Error("usage_set_aside", {{"merchant", verdict.merchant.id},
                                       {"line", verdict.log_id},
                                       {"reason", verdict.set_aside_because}});
    }
}

}  // namespace

asio::awaitable<store::SelfScheduledEnd> ReportUsage(const Tools& tools, const UsageReporting& reporting,
                                                     store::Task task) {
    Time now = tools.clock.Now();
    auto reports = co_await store::IntendUsageReportsAcrossMerchants(tools.pool, task, reporting.event_name,
                                                                     reporting.batch, now);
    store::SelfScheduledEnd end;
    end.task = task;
    end.next_at = std::chrono::floor<std::chrono::minutes>(now) + reporting.every;
    if (!reports || reports->empty()) {
        end.result = "nothing to tell";
        co_return end;
    }
    tools.Reached("usage_intended");
    auto count = reports->size();
    bool had_doubts = reports->front().in_doubt;
    Batch batch = co_await Tell(tools, task, std::move(*reports));
    LogRefusals(batch);
    auto settled = batch.verdicts.size();
    co_await store::SettleUsageReports(tools.pool, std::move(batch.verdicts), tools.clock.Now());
    tools.Reached("usage_settled");
    if (!batch.not_now.empty()) {
        auto why = fmt::format("told {} of {}: {}", settled, count, batch.not_now);
        log::Warn("usage_not_told", {{"why", why}});
        co_return PutOff(task, tools.clock, std::move(why));
    }
    end.result = fmt::format("told {}", count);
    if (had_doubts || count == static_cast<std::size_t>(reporting.batch)) end.next_at = now;
    co_return end;
}

}  // namespace citadel::recovery

// The reports of the control API: state, ledger, verdict, acknowledgements and the payers' secrets.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "stripe_sim/check.h"
#include "stripe_sim/control.h"
#include "stripe_sim/control_body.h"
#include "stripe_sim/network_limits.h"
#include "stripe_sim/path_pattern.h"
#include "stripe_sim/payers.h"

namespace citadel::stripe_sim {
namespace {

json::object Describe(const Attempt& attempt) {
    json::object row;
    row["id"] = attempt.id;
    row["time"] = FormatTime(attempt.time);
    row["account"] = attempt.account;
    row["customer"] = attempt.customer;
    row["invoice"] = attempt.invoice;
    row["paymentIntent"] = attempt.payment_intent;
    row["paymentMethod"] = attempt.payment_method;
    row["amount"] = attempt.amount;
    row["currency"] = attempt.currency;
    row["outcome"] = NameOf(attempt.outcome);
    row["declineCode"] = attempt.decline_code;
    row["driver"] = NameOf(attempt.driver);
    row["idempotencyKey"] = attempt.idempotency_key;
    row["fingerprint"] = attempt.fingerprint;
    row["brand"] = attempt.brand;
    row["testClock"] = attempt.test_clock;
    row["stoppedBy"] = attempt.stopped_by;
    return row;
}

json::object Describe(const RequestRecord& record) {
    json::object row;
    row["number"] = record.number;
    row["arrivedAt"] = FormatTime(record.arrived);
    row["answeredAt"] = FormatTime(record.answered);
    row["requestId"] = record.request_id;
    row["account"] = record.account;
    row["method"] = record.method;
    row["path"] = record.path;
    row["idempotencyKey"] = record.idempotency_key;
    row["status"] = record.status;
    row["replayed"] = record.replayed;
    row["fault"] = record.fault;
    row["changed"] = json::array(record.changed.begin(), record.changed.end());
    return row;
}

json::array DescribeLimits() {
    json::array rows;
    for (const auto& limit : NetworkLimits()) {
        json::object row;
        row["network"] = limit.network;
        row["attempts"] = limit.attempts;
        row["days"] = std::chrono::floor<std::chrono::days>(limit.window).count();
        row["source"] = limit.source;
        row["asOf"] = limit.as_of;
        rows.emplace_back(std::move(row));
    }
    return rows;
}

// The query's value for `name`, or empty: no filter.
std::string Filter(const json::object& query, std::string_view name) {
    const auto* value = query.if_contains(name);
    return value ? std::string(value->as_string()) : std::string();
}

std::uint64_t NumberIn(const json::object& query, std::string_view name, std::uint64_t otherwise) {
    auto text = Filter(query, name);
    if (text.empty()) return otherwise;
    std::uint64_t number = 0;
    auto end = text.data() + text.size();
    auto read = std::from_chars(text.data(), end, number);
    if (read.ec == std::errc() && read.ptr == end) return number;
    throw Refusal(fmt::format("\"{}\" is a number", name));
}

bool Fits(const std::string& filter, std::string_view value) { return filter.empty() || filter == value; }

}  // namespace

json::object Control::State(const json::object&) {
    auto now = world_.Now();
    auto agenda = world_.agenda.Next(), webhook = webhooks_.NextDue();
    bool due = webhooks_.in_flight() > 0;
    std::optional<Time> next;
    for (const auto& time : {agenda, webhook}) {
        if (time && *time <= now) due = true;
        else if (time && (!next || *time < *next)) next = time;
    }
    json::object answer;
    answer["now"] = FormatTime(now);
    answer["nextEventAt"] = nullptr;
    if (next) answer["nextEventAt"] = FormatTime(*next);
    answer["dueNow"] = due;
    answer["webhooksInFlight"] = webhooks_.in_flight();
    answer["webhooksPending"] = webhooks_.pending();
    return answer;
}

json::object Control::ShowLedger(const json::object& query) {
    auto account = Filter(query, "account"), invoice = Filter(query, "invoice"),
         driver = Filter(query, "driver");
    json::array rows;
    for (const auto& attempt : world_.ledger.attempts()) {
        bool wanted = Fits(account, attempt.account) && Fits(invoice, attempt.invoice) &&
                      Fits(driver, NameOf(attempt.driver));
        if (wanted) rows.emplace_back(Describe(attempt));
    }
    json::object answer;
    answer["attempts"] = std::move(rows);
    return answer;
}

json::object Control::ShowRequests(const json::object& query) {
    auto account = Filter(query, "account"), method = Filter(query, "method"), path = Filter(query, "path"),
         key = Filter(query, "idempotencyKey"), object = Filter(query, "object");
    auto after = NumberIn(query, "after", 0), limit = NumberIn(query, "limit", 100);
    json::array rows;
    bool more = false;
    for (const auto& record : world_.requests.records()) {
        bool wanted = record.number > after && Fits(account, record.account) && Fits(method, record.method) &&
                      FitsPath(path, record.path) && Fits(key, record.idempotency_key) &&
                      (object.empty() || std::ranges::count(record.changed, object) > 0);
        if (!wanted) continue;
        more = rows.size() == limit;
        if (more) break;
        rows.emplace_back(Describe(record));
    }
    json::object answer;
    answer["requests"] = std::move(rows);
    answer["hasMore"] = more;
    answer["forgotten"] = world_.requests.forgotten();
    return answer;
}

json::object Control::Check(const json::object&) {
    auto verdict = Judge(world_);
    json::array violations, recovered;
    for (const auto& violation : verdict.violations) {
        json::object row;
        row["rule"] = violation.rule;
        row["detail"] = violation.detail;
        violations.emplace_back(std::move(row));
    }
    for (const auto& [currency, amount] : verdict.recovered) {
        json::object row;
        row["currency"] = currency;
        row["amount"] = amount;
        recovered.emplace_back(std::move(row));
    }
    json::object by_driver;
    for (const auto& [driver, count] : verdict.recovered_by_driver) by_driver[driver] = count;
    json::object answer;
    answer["networkLimits"] = DescribeLimits();
    answer["violations"] = std::move(violations);
    answer["invoicesFailed"] = verdict.invoices_failed;
    answer["invoicesRecovered"] = verdict.invoices_recovered;
    answer["recovered"] = std::move(recovered);
    answer["recoveredByDriver"] = std::move(by_driver);
    answer["attempts"] = verdict.attempts;
    answer["duplicateCharges"] = verdict.duplicate_charges;
    answer["chargesAfterStop"] = verdict.charges_after_stop;
    answer["refusedAfterStop"] = verdict.refused_after_stop;
    answer["webhooksUndelivered"] = webhooks_.undelivered();
    answer["failedRenewalsUnannounced"] = verdict.failed_renewals_unannounced;
    return answer;
}

json::object Control::Acknowledged(const json::object& query) {
    auto type = Filter(query, "type"), account = Filter(query, "account");
    json::array rows;
    for (const auto& one : world_.ledger.acknowledged()) {
        if (!Fits(type, one.type) || !Fits(account, one.account)) continue;
        json::object row;
        row["event"] = one.event;
        row["account"] = one.account;
        row["type"] = one.type;
        row["invoice"] = one.invoice;
        rows.emplace_back(std::move(row));
    }
    json::object answer;
    answer["acknowledged"] = std::move(rows);
    return answer;
}

json::object Control::ShowPayers(const json::object& query) {
    auto trouble = Filter(query, "trouble");
    json::array rows;
    for (const auto& [customer, payer] : world_.payers) {
        if (!Fits(trouble, NameOf(payer->trouble))) continue;
        json::object row;
        row["customer"] = customer;
        row["trouble"] = NameOf(payer->trouble);
        row["mails"] = payer->mails;
        row["acted"] = payer->acted;
        rows.emplace_back(std::move(row));
    }
    json::object answer;
    answer["payers"] = std::move(rows);
    return answer;
}

}  // namespace citadel::stripe_sim

#include "api/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace citadel::api {

namespace json = boost::json;

namespace {

// numerator / denominator, null while there is nothing to divide by.
json::value Rate(std::int64_t numerator, std::int64_t denominator) {
    if (denominator <= 0) return nullptr;
    return std::clamp(static_cast<double>(numerator) / static_cast<double>(denominator), 0.0, 1.0);
}

std::int64_t Sum(const std::vector<store::DailyFigures>& currencies, const char* column) {
    std::int64_t sum = 0;
    for (const auto& figures : currencies) sum += figures.values.at(column);
    return sum;
}

std::int64_t Recovered(const std::vector<store::DailyFigures>& currencies, const std::string& currency) {
    for (const auto& figures : currencies) {
        if (figures.currency == currency)
            return figures.values.at("recovered_amount") - figures.values.at("reversed_amount");
    }
    return 0;
}

json::array RecoveredByCurrency(const std::vector<store::DailyFigures>& currencies) {
    json::array amounts;
    for (const auto& figures : currencies) {
        auto amount = Recovered(currencies, figures.currency);
        if (!figures.currency.empty() && figures.values.at("recovered_count") > 0)
            amounts.push_back(ToJson(Money{amount, figures.currency}));
    }
    return amounts;
}

json::object Trend(const store::DashboardFigures& d, const char* column) {
    return {{"current", Sum(d.month, column)}, {"previous", Sum(d.previous_month, column)}};
}

json::object Trends(const store::DashboardFigures& d) {
    std::set<std::string> currencies;
    for (const auto* sums : {&d.month, &d.previous_month}) {
        for (const auto& figures : *sums) {
            if (!figures.currency.empty()) currencies.insert(figures.currency);
        }
    }
    json::array recovered;
    for (const auto& currency : currencies) {
        recovered.push_back(json::object{{"currency", currency},
                                         {"current", Recovered(d.month, currency)},
                                         {"previous", Recovered(d.previous_month, currency)}});
    }
    auto rate = [](const auto& sums) {
        return Rate(Sum(sums, "recovered_count"), Sum(sums, "failed_count"));
    };
    return {{"recovered", std::move(recovered)},
            {"recoveredCount", Trend(d, "recovered_count")},
            {"failedCount", Trend(d, "failed_count")},
            {"emailsSent", Trend(d, "emails_sent")},
            {"attempts", Trend(d, "attempts")},
            {"recoveryRate", json::object{{"current", rate(d.month)}, {"previous", rate(d.previous_month)}}}};
}

json::object Stats(const store::DashboardFigures& d) {
    auto mails = Sum(d.year, "emails_sent"), opens = Sum(d.year, "opens"), clicks = Sum(d.year, "clicks");
    return {{"since", d.since},
            {"recovered", RecoveredByCurrency(d.year)},
            {"recoveryRate", Rate(Sum(d.year, "recovered_count"), Sum(d.year, "failed_count"))},
            {"openRecoveries", d.open_recoveries},
            {"pendingTasks", d.pending_tasks},
            {"runningTasks", d.running_tasks},
            {"completedTasks", Sum(d.year, "tasks_completed")},
            {"failedTasks", Sum(d.year, "tasks_failed")},
            {"emailsSent", mails},
            {"totalOpens", opens},
            {"totalClicks", clicks},
            {"openRate", Rate(opens, mails)},
            {"ctr", Rate(clicks, mails)},
            {"trends", Trends(d)},
            {"lastProcessedAt", OrNull(d.last_processed_at)}};
}

json::object EntryOf(const store::TimelineEntry& entry) {
    json::value number = nullptr, amount = nullptr;
    if (entry.number) number = *entry.number;
    if (entry.amount) amount = *entry.amount;
    return {{"at", FormatTime(entry.at)},
            {"kind", entry.kind},
            {"name", entry.name},
            {"reason", entry.reason},
            {"outcome", OrNull(entry.outcome)},
            {"number", std::move(number)},
            {"amount", std::move(amount)},
            {"currency", OrNull(entry.currency)},
            {"declineCode", OrNull(entry.decline_code)},
            {"rule", OrNull(entry.rule)},
            {"nextAt", OrNull(entry.next_at)},
            {"eventId", OrNull(entry.event_id)}};
}

template <typename Row>
json::array ToArray(const std::vector<Row>& rows) {
    json::array array;
    for (const auto& row : rows) array.push_back(ToJson(row));
    return array;
}

}  // namespace

json::value OrNull(const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(text);
}

json::value OrNull(const std::optional<Time>& time) {
    return time ? json::value(FormatTime(*time)) : json::value(nullptr);
}

json::value IdOrNull(const std::optional<std::int64_t>& id) {
    return id ? json::value(std::to_string(*id)) : json::value(nullptr);
}

std::string ToCamelCase(std::string_view name) {
    std::string text;
    bool capital = false;
    for (char c : name) {
        if (c == '_') capital = true;
        else text += capital && c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
        if (c != '_') capital = false;
    }
    return text;
}

http::Reply Answer(const json::object& body, int status) { return http::Json(status, json::serialize(body)); }

http::Reply NotFound() { return http::Problem(404, "not_found", "There is no such thing."); }

json::object ToJson(const Money& money) { return {{"currency", money.currency}, {"amount", money.minor}}; }

json::object ToJson(const store::MerchantProfile& m) {
    json::object plan{{"tier", m.tier}, {"mailsPerMonth", m.mails_per_month}, {"queueLimit", m.queue_limit}};
    return {{"id", std::to_string(m.key.id)},
            {"email", m.email},
            {"name", m.name},
            {"tier", m.tier},
            {"plan", std::move(plan)},
            {"stripeConnected", m.stripe_connected},
            {"stripeAccountId", OrNull(m.stripe_account_id)},
            {"billingCountry", m.billing_country},
            {"billingAddress", m.billing_address},
            {"brandColor", m.brand_color},
            {"logoUrl", m.logo_url},
            {"fromName", m.from_name},
            {"supportEmail", m.support_email},
            {"replyTo", m.reply_to},
            {"timezone", m.timezone},
            {"locale", m.locale},
            {"retryMode", m.retry_mode},
            {"digestEnabled", m.digest_enabled},
            {"createdAt", FormatTime(m.created_at)}};
}

json::object ToJson(const store::RecoveryLine& r) {
    return {{"id", std::to_string(r.id)},
            {"invoiceId", r.invoice_id},
            {"invoiceNumber", r.invoice_number},
            {"customerId", r.customer_id},
            {"customerName", r.customer_name},
            {"customerEmail", r.customer_email},
            {"subscriptionId", r.subscription_id},
            {"status", r.status},
            {"reason", OrNull(r.reason)},
            {"cause", OrNull(r.cause)},
            {"currency", r.currency},
            {"amountDue", r.amount_due},
            {"amountRecovered", r.amount_recovered},
            {"amountReversed", r.amount_reversed},
            {"needsCustomer", r.needs_customer},
            {"attempts", r.slots_used},
            {"mailsSent", r.mails_sent},
            {"stripeAttempts", r.stripe_attempts},
            {"declineCode", r.decline_code},
            {"adviceCode", r.advice_code},
            {"policy", r.policy},
            {"hostedInvoiceUrl", r.hosted_invoice_url},
            {"firstFailedAt", FormatTime(r.first_failed_at)},
            {"lastAttemptAt", OrNull(r.last_attempt_at)},
            {"nextActionAt", OrNull(r.next_action_at)},
            {"stripeNextAttemptAt", OrNull(r.stripe_next_attempt_at)},
            {"openedAt", FormatTime(r.opened_at)},
            {"closedAt", OrNull(r.closed_at)}};
}

json::object ToJson(const store::RecoveryStory& story) {
    json::array timeline;
    for (const auto& entry : story.timeline) timeline.push_back(EntryOf(entry));
    return {{"recovery", ToJson(story.recovery)}, {"timeline", std::move(timeline)}};
}

json::object ToJson(const store::TaskLine& task) {
    return {{"id", std::to_string(task.id)},
            {"taskType", task.task_type},
            {"status", task.status},
            {"runAt", FormatTime(task.run_at)},
            {"recoveryId", IdOrNull(task.recovery_id)},
            {"tries", task.tries},
            {"deferrals", task.deferrals},
            {"result", OrNull(task.result)},
            {"createdAt", FormatTime(task.created_at)},
            {"finishedAt", OrNull(task.finished_at)},
            {"renewal", OrNull(task.renewal)}};
}

json::value OrNull(const std::optional<store::RenewalLine>& renewal) {
    if (!renewal) return nullptr;
    return json::object{{"customerId", renewal->customer_id},
                        {"subscriptionId", renewal->subscription_id},
                        {"renewsAt", FormatTime(renewal->renews_at)}};
}

json::object ToJson(const store::ActivityLine& line) {
    return {{"id", std::to_string(line.id)},    {"metricType", line.metric_type},
            {"quantity", line.quantity},        {"amount", line.amount},
            {"currency", line.currency},        {"recoveryId", IdOrNull(line.recovery_id)},
            {"eventId", OrNull(line.event_id)}, {"occurredAt", FormatTime(line.occurred_at)}};
}

json::object ToJson(const store::DailyFigures& day) {
    json::object row{{"date", day.date}, {"currency", day.currency}};
    for (const auto& [column, value] : day.values) row[ToCamelCase(column)] = value;
    return row;
}

json::object ToJson(const store::DashboardFigures& d) {
    json::object usage{
        {"current", d.mails_this_month}, {"limit", d.profile.mails_per_month}, {"plan", d.profile.tier}};
    return {{"stats", Stats(d)},
            {"recentTasks", ToArray(d.recent_tasks)},
            {"recentActivity", ToArray(d.recent_activity)},
            {"usage", std::move(usage)},
            {"merchant", ToJson(d.profile)}};
}

json::object ToJson(const store::AdminMerchant& m) {
    return {{"id", std::to_string(m.key.id)},
            {"name", m.name},
            {"email", m.email},
            {"tier", m.tier},
            {"retryMode", m.retry_mode},
            {"stripeAccountId", OrNull(m.stripe_account_id)},
            {"stripeConnected", m.stripe_connected},
            {"createdAt", FormatTime(m.created_at)}};
}

json::object ToJson(const store::OutsideTask& task) {
    json::value recovery = nullptr;
    if (task.recovery) recovery = ToJson(*task.recovery);
    // The lease names its tenant, so that the calls about it find the row by its whole key.
    auto lease = fmt::format("{}.{}.{}", task.merchant.bucket, task.merchant.id, task.lease_token);
    return {{"id", std::to_string(task.id)},
            {"merchantId", std::to_string(task.merchant.id)},
            {"taskType", task.task_type},
            {"runAt", FormatTime(task.run_at)},
            {"tries", task.tries},
            {"deferrals", task.deferrals},
            {"leaseToken", lease},
            {"leaseExpiresAt", FormatTime(task.lease_expires_at)},
            {"stripeAccountId", OrNull(task.stripe_account_id)},
            {"recovery", std::move(recovery)},
            {"renewal", OrNull(task.renewal)}};
}

}  // namespace citadel::api

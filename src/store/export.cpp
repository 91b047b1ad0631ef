#include "store/export.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "store/tenant.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Rows;
using postgres::Statement;

namespace {

// `key` orders a section and is unique within the merchant; as text columns, so that one shape serves all.
struct Section {
    const char* name;
    const char* table;
    const char* key;     // one column
    const char* type;    // of the key
    const char* hidden;  // columns that stay here, in front of bucket
};
constexpr Section kSections[] = {
    {"merchant", "merchants", "merchant_id", "bigint", "{}"},
    {"accounts", "stripe_accounts", "stripe_account_id", "text", "{}"},
    {"recoveries", "recoveries", "recovery_id", "bigint", "{}"},
    {"attempts", "payment_attempts", "attempt_id", "bigint", "{idempotency_key}"},
    {"decisions", "recovery_decisions", "decision_id", "bigint", "{}"},
    {"emails", "emails", "email_id", "bigint", "{}"},
    {"renewalNotices", "renewal_notices", "notice_id", "bigint", "{}"},
    {"tasks", "scheduled_tasks", "task_id", "bigint", "{lease_token}"},
    {"events", "processed_events", "event_id", "text", "{}"},
    {"activity", "usage_logs", "log_id", "bigint", "{}"},
    {"dailyMetrics", "daily_metrics", "(date::text || '/' || currency)", "text", "{}"},
    {"emailTemplates", "email_templates", "(kind || '/' || attempt)", "text", "{}"},
};

std::vector<Statement> MakeStatements() {
    std::vector<Statement> statements;
    for (const auto& section : kSections) {
        statements.push_back({fmt::format("export_{}", section.table),
                              fmt::format(R"sql(
select (to_jsonb(t) - '{3}'::text[] - 'bucket')::text, {1}::text
from citadel.{0} t where bucket = $1 and merchant_id = $2 and ($3::text is null or {1} > $3::text::{2})
order by {1} limit $4)sql",
                                          section.table, section.key, section.type, section.hidden)});
    }
    return statements;
}

const Statement kInUtc{"export_in_utc", "select set_config('timezone', 'UTC', true)"};

}  // namespace

const std::vector<std::string>& ExportSections() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const auto& section : kSections) all.emplace_back(section.name);
        return all;
    }();
    return names;
}

asio::awaitable<ExportPage> ReadExportPage(postgres::Pool& pool, MerchantKey merchant, std::string section,
                                           std::string after) {
    static const std::vector<Statement> statements = MakeStatements();
    const auto& names = ExportSections();
    auto index = static_cast<std::size_t>(std::find(names.begin(), names.end(), section) - names.begin());
    CITADEL_CHECK(index < names.size(), "the export has that section");
    Params params = KeyParams(merchant);
    params.TextOrNull(after).Int(kExportRowsMax + 1);
    std::vector<postgres::Query> queries;
    queries.push_back(postgres::Query{&kInUtc, Params()});
    queries.push_back(postgres::Query{&statements[index], std::move(params)});
    std::vector<Rows> answers = co_await RunAsTenant(pool, merchant, std::move(queries));
    const Rows& rows = answers[1];
    ExportPage page;
    page.section = section;
    int shown = std::min(rows.size(), kExportRowsMax);
    for (int row = 0; row < shown; ++row) page.rows.push_back(rows.Text(row, 0));
    if (rows.size() > kExportRowsMax) page.next = rows.Text(shown - 1, 1);
    co_return page;
}

}  // namespace citadel::store

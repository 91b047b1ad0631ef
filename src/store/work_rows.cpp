#include "store/work_rows.h"

#include <algorithm>

namespace citadel::store {

using postgres::Rows;

namespace {

Task ReadTask(const Rows& rows, int row) {
    Task task;
    task.merchant.bucket = static_cast<std::int16_t>(rows.Int(row, 0));
    task.merchant.id = rows.Int(row, 1);
    task.id = rows.Int(row, 2);
    task.type = rows.Text(row, 3);
    task.lease_token = rows.Text(row, 4);
    task.lease_expires_at = rows.At(row, 5);
    task.tries = static_cast<int>(rows.Int(row, 6));
    task.deferrals = static_cast<int>(rows.Int(row, 7));
    return task;
}

// Unix seconds between commas.
std::vector<Time> TimesOf(const std::string& text) {
    std::vector<Time> times;
    for (std::size_t begin = 0; begin < text.size();) {
        auto end = std::min(text.find(',', begin), text.size());
        times.push_back(FromUnixSeconds(std::stoll(text.substr(begin, end - begin))));
        begin = end + 1;
    }
    return times;
}

Recovery ReadRecovery(const Rows& rows, int row) {
    int column = 8;
    auto text = [&] { return rows.Text(row, column++); };
    auto number = [&] { return rows.Int(row, column++); };
    auto moment = [&] { return rows.MaybeAt(row, column++); };
    Recovery r;
    r.id = number();
    r.invoice_id = text();
    r.customer_id = text();
    r.subscription_id = text();
    r.status = text();
    r.due.minor = number();
    r.due.currency = text();
    r.policy = text();
    r.needs_customer = text() == "t";
    r.slots_used = static_cast<int>(number());
    r.mails_sent = static_cast<int>(number());
    r.stripe_attempts = number();
    r.stripe_next_attempt_at = moment();
    r.decline_code = text();
    r.advice_code = text();
    r.network_decline_code = text();
    r.network_advice_code = text();
    r.customer_email = text();
    r.customer_name = text();
    r.invoice_number = text();
    r.hosted_invoice_url = text();
    r.first_failed_at = moment().value_or(Time{});
    r.last_attempt_at = moment();
    r.method_changed_at = moment();
    r.stripe_attempted_at = moment();
    r.payment_intent_id = text();
    r.last_letter_at = moment();
    r.collect_now_at = moment();
    r.budget_free_at = moment();
    r.auto_advance_taken = text() == "t";
    r.collector_changes = static_cast<int>(number());
    r.wind_down = text();
    r.charge_seen = text();
    r.address_suppressed = text() == "t";
    if (!rows.IsNull(row, column)) r.paid_first_try = TimesOf(rows.Text(row, column));
    return r;
}

}  // namespace

Work ReadWork(const Rows& rows, int row) {
    Work work;
    work.task = ReadTask(rows, row);
    work.recovery = ReadRecovery(rows, row);
    int column = 43;
    auto text = [&] { return rows.Text(row, column++); };
    auto maybe = [&] {
        auto here = column++;
        return rows.IsNull(row, here) ? std::optional<int>() : static_cast<int>(rows.Int(row, here));
    };
    auto& merchant = work.merchant;
    merchant.account = text();
    merchant.connected = text() == "t";
    merchant.name = text();
    merchant.email = text();
    merchant.retry_mode = text();
    merchant.charges_max = maybe();
    merchant.window_days = maybe();
    merchant.quiet_from_hour = maybe();
    merchant.quiet_until_hour = maybe();
    merchant.final_action = text();
    merchant.from_name = text();
    merchant.support_email = text();
    merchant.reply_to = text();
    merchant.brand_color = text();
    if (!rows.IsNull(row, column)) {
        ChargeSlot slot;
        slot.slot = static_cast<int>(rows.Int(row, column));
        slot.idempotency_key = rows.Text(row, column + 1);
        slot.amount = Money{rows.Int(row, column + 2), rows.Text(row, column + 3)};
        slot.intended_at = rows.At(row, column + 4);
        slot.payment_method = rows.Text(row, column + 5);
        slot.fingerprint = rows.Text(row, column + 6);
        slot.asked_again_at = TimesOf(rows.Text(row, column + 7));
        work.unsettled = slot;
    }
    return work;
}

}  // namespace citadel::store

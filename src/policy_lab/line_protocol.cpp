#include "policy_lab/line_protocol.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <stdexcept>

namespace citadel::policy_lab {
namespace {

namespace json = boost::json;

constexpr std::int64_t kTimeMax = 253'402'300'799;  // the end of the year 9999
constexpr std::size_t kPaymentsKept = 18;           // of a customer

// What is wrong with a line, for the one who wrote it.
struct Malformed : std::runtime_error {
    using std::runtime_error::runtime_error;
};

std::optional<std::int64_t> Integer(const json::object& event, std::string_view name, std::int64_t least,
                                    std::int64_t most) {
    const auto* value = event.if_contains(name);
    if (!value || value->is_null()) return std::nullopt;
    boost::system::error_code error;
    auto number = value->is_number() ? value->to_number<std::int64_t>(error) : least - 1;
    if (error || number < least || number > most)
        throw Malformed(fmt::format("{} must be a whole number from {} to {}", name, least, most));
    return number;
}

std::optional<Time> TimeOf(const json::object& event, std::string_view name) {
    auto seconds = Integer(event, name, 0, kTimeMax);
    if (!seconds) return std::nullopt;
    return FromUnixSeconds(*seconds);
}

// A text, or an id given as a number.
std::optional<std::string> TextOf(const json::object& event, std::string_view name) {
    const auto* value = event.if_contains(name);
    if (!value || value->is_null()) return std::nullopt;
    if (value->is_string()) return std::string(value->get_string());
    if (value->is_number()) return json::serialize(*value);
    throw Malformed(fmt::format("{} must be a text", name));
}

void Set(std::string& target, const json::object& event, std::string_view name) {
    if (auto text = TextOf(event, name)) target = std::move(*text);
}

void ReadHistory(policy::DunningState& state, const json::object& event) {
    const auto* value = event.if_contains("paid_first_try");
    if (!value || value->is_null()) return;
    if (!value->is_array()) throw Malformed("paid_first_try must be a list of times");
    state.paid_first_try.clear();
    for (const auto& each : value->get_array()) {
        boost::system::error_code error;
        auto seconds = each.is_number() ? each.to_number<std::int64_t>(error) : -1;
        if (error || seconds < 0 || seconds > kTimeMax)
            throw Malformed("paid_first_try must be a list of times");
        state.paid_first_try.push_back(FromUnixSeconds(seconds));
    }
    std::sort(state.paid_first_try.begin(), state.paid_first_try.end());
}

void ReadDecline(policy::DunningState& state, const json::object& event) {
    auto& codes = state.decline_codes;
    Set(codes.code, event, "code");
    Set(codes.network_code, event, "net");
    Set(codes.network_advice, event, "mac");
    Set(codes.advice, event, "advice");
    state.decline = policy::ReadDecline(codes);
    state.needs_customer = state.decline.family == policy::DeclineFamily::kAuthentication;
}

// What an event says of the invoice, whatever the event.
void ReadMembers(policy::DunningState& state, const json::object& event) {
    if (auto t0 = TimeOf(event, "t0")) state.first_failed_at = *t0;
    if (auto deadline = TimeOf(event, "deadline")) state.deadline = deadline;
    if (auto amount = Integer(event, "amount", INT64_MIN + 1, INT64_MAX)) state.amount = *amount;
    if (auto offset = Integer(event, "tz_min", -1440, 1440))
        state.utc_offset_minutes = static_cast<int>(*offset);
    Set(state.country, event, "country");
    Set(state.brand, event, "brand");
    Set(state.funding, event, "funding");
    if (auto declines = Integer(event, "declines", 0, 10'000)) {
        state.attempts = static_cast<int>(*declines);
        state.charges = std::max(0, state.attempts - 1);
    }
    ReadHistory(state, event);
    ReadDecline(state, event);
}

void Fail(policy::DunningState& state, const json::object& event, Time now) {
    bool counted = event.contains("declines");
    bool retried = counted ? state.attempts > 1 : !state.failed_at.empty();
    if (!counted && retried) state.charges = std::max(state.charges + 1, state.attempts), ++state.attempts;
    state.failed_at.push_back(now);
    state.last_attempt_at = now;
    if (retried) state.last_charge_at = now;
    state.new_method = false;
    if (auto emails = Integer(event, "emails", 0, 10'000))
        state.letters = std::max(state.letters, static_cast<int>(*emails));
}

std::string TimeOrNull(const std::optional<Time>& at) {
    return at ? std::to_string(ToUnixSeconds(*at)) : "null";
}

std::string Quoted(std::string_view text) { return json::serialize(json::string(text)); }

}  // namespace

std::string LineProtocol::Answer(std::string_view line) {
    try {
        std::array<unsigned char, 4096> buffer;
        json::monotonic_resource memory(buffer.data(), buffer.size());
        boost::system::error_code error;
        auto value = json::parse(line, error, &memory);
        if (error) throw Malformed("no JSON: " + error.message());
        if (!value.is_object()) throw Malformed("a JSON object is expected");
        return Take(value.get_object());
    } catch (const Malformed& wrong) {
        return fmt::format(R"({{"error":{}}})", Quoted(wrong.what()));
    }
}

std::string LineProtocol::Take(const Object& event) {
    auto kind = TextOf(event, "ev");
    if (!kind) throw Malformed("ev is missing");
    if (*kind == "hello") {
        auto protocol = Integer(event, "protocol", 0, 1'000'000);
        if (protocol && *protocol != 1) throw Malformed("protocol 1 is spoken here");
        return fmt::format(R"({{"protocol":1,"policy":{},"version":"{}"}})", Quoted(policy_),
                           CITADEL_VERSION);
    }
    bool known = *kind == "fail" || *kind == "emailed" || *kind == "card_updated" || *kind == "paid" ||
                 *kind == "closed";
    if (!known) return "{}";
    auto now = TimeOf(event, "now");
    if (!now) throw Malformed("now is missing");
    if (*kind == "paid" || *kind == "closed") {
        Close(event, *kind, *now);
        return "{}";
    }
    auto& invoice = Find(event, *now);
    auto& state = invoice.state;
    state.now = *now;
    if (*kind == "fail") Fail(state, event, *now);
    if (*kind == "card_updated") state.new_method = true;
    if (*kind == "emailed") {
        state.letters =
            std::max(state.letters + 1, static_cast<int>(Integer(event, "emails", 0, 10'000).value_or(0)));
        state.last_letter_at = *now;
    }
    return Decide(invoice);
}

// The invoice as it is after this event's members.
LineProtocol::Invoice& LineProtocol::Find(const Object& event, Time now) {
    auto id = TextOf(event, "id");
    if (!id) throw Malformed("id is missing");
    // Read into a copy, so that a line which is refused half way changes nothing.
    auto found = invoices_.find(*id);
    Invoice invoice = found == invoices_.end() ? Invoice() : found->second;
    bool is_new = found == invoices_.end();
    if (is_new) {
        invoice.state.first_failed_at = now;
        invoice.state.has_address = true;
        invoice.state.mode = policy::RetryMode::kOwn;
        invoice.customer =
            TextOf(event, "tenant").value_or("") + "\n" + TextOf(event, "customer").value_or("");
    }
    ReadMembers(invoice.state, event);
    Integer(event, "emails", 0, 10'000);
    auto known = paid_.find(invoice.customer);
    if (known != paid_.end() && (is_new || event.contains("paid_first_try"))) {
        auto& history = invoice.state.paid_first_try;
        history.insert(history.end(), known->second.begin(), known->second.end());
        std::sort(history.begin(), history.end());
        history.erase(std::unique(history.begin(), history.end()), history.end());
    }
    return invoices_[*id] = std::move(invoice);
}

std::string LineProtocol::Decide(Invoice& invoice) const {
    auto ahead = policy::LookAhead(policy_, invoice.state);
    return fmt::format(R"({{"retry_at":{},"email_at":{},"give_up":{},"why":{}}})",
                       TimeOrNull(ahead.charge_at), TimeOrNull(ahead.letter_at), ahead.give_up,
                       Quoted(ahead.why));
}

void LineProtocol::Close(const Object& event, std::string_view kind, Time now) {
    auto id = TextOf(event, "id");
    if (!id) throw Malformed("id is missing");
    auto found = invoices_.find(*id);
    if (found == invoices_.end()) return;
    if (kind == "paid" && TextOf(event, "via").value_or("") == "retry" &&
        !found->second.customer.ends_with('\n')) {
        auto& times = paid_[found->second.customer];
        times.push_back(now);
        if (times.size() > kPaymentsKept) times.erase(times.begin());
    }
    invoices_.erase(found);
}

}  // namespace citadel::policy_lab

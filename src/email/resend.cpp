#include "email/resend.h"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>

#include "base/log.h"
#include "runtime/wake.h"

namespace citadel::email {

namespace asio = boost::asio;
namespace json = boost::json;
using Kind = ResendReading::Kind;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

std::string MemberText(const json::value& body, std::string_view name) {
    auto object = body.if_object();
    auto member = object ? object->if_contains(name) : nullptr;
    return member && member->is_string() ? std::string(member->as_string()) : std::string();
}

json::value ParsedOrNull(const std::string& body) {
    boost::system::error_code error;
    auto value = json::parse(body, error);
    return error ? json::value(nullptr) : value;
}

milliseconds RetryAfter(const http::Answer& answer) {
    auto text = answer.header("retry-after");
    int seconds = 0;
    auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
    bool good = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && seconds >= 0;
    return good ? milliseconds(std::min(seconds, 86'400) * 1000) : milliseconds(0);
}

ResendReading Read(Kind kind, bool in_doubt, std::string error) {
    ResendReading reading;
    reading.kind = kind;
    reading.in_doubt = in_doubt;
    reading.error = std::move(error);
    return reading;
}

Kind KindOfRefusal(int status, const std::string& name) {
    switch (status) {
        case 401:
        case 403:
        case 404:  // not at the address we were told: RESEND_API_BASE
        case 405: return Kind::kHoldConfiguration;
        case 408:
        case 425: return Kind::kAgain;
        case 409: return name == "concurrent_idempotent_requests" ? Kind::kAgain : Kind::kSent;
        case 429: return name.ends_with("quota_exceeded") ? Kind::kHoldQuota : Kind::kAgain;
        default: return status >= 500 ? Kind::kAgain : Kind::kRefused;
    }
}

}  // namespace

ResendReading ReadResendAnswer(const http::Answer& answer) {
    if (answer.kind == http::Answer::Kind::kNotSent) return Read(Kind::kAgain, false, answer.error);
    if (answer.kind == http::Answer::Kind::kUnknown) return Read(Kind::kAgain, true, answer.error);
    auto body = ParsedOrNull(answer.body);
    if (answer.ok()) {
        auto reading = Read(Kind::kSent, false, "");
        reading.provider_id = MemberText(body, "id");
        // Taken, it seems, but by whom? The same key tells.
        if (reading.provider_id.empty()) return Read(Kind::kAgain, true, "an answer without the mail's id");
        return reading;
    }
    auto name = MemberText(body, "name");
    auto error = fmt::format("{} {}: {}", answer.status, name.empty() ? "without a name" : name,
                             MemberText(body, "message").substr(0, 300));
    auto reading = Read(KindOfRefusal(answer.status, name), false, std::move(error));
    reading.retry_after = RetryAfter(answer);
    reading.in_doubt = reading.kind == Kind::kAgain && answer.status != 429;
    return reading;
}

std::string ResendBody(const Envelope& envelope) {
    json::object body;
    body["from"] = envelope.from;
    body["to"] = json::array{envelope.to};
    body["subject"] = envelope.mail.subject;
    body["html"] = envelope.mail.html;
    body["text"] = envelope.mail.text;
    if (!envelope.reply_to.empty()) body["reply_to"] = envelope.reply_to;
    json::object headers;
    if (!envelope.entity_ref_id.empty()) headers["X-Entity-Ref-ID"] = envelope.entity_ref_id;
    for (const auto& [name, value] : envelope.headers) headers[name] = value;
    if (!headers.empty()) body["headers"] = std::move(headers);
    json::array tags;
    for (const auto& [name, value] : envelope.tags) tags.push_back({{"name", name}, {"value", value}});
    if (!tags.empty()) body["tags"] = std::move(tags);
    return json::serialize(body);
}

http::Call ResendSender::MakeCall(const Envelope& envelope) const {
    http::Call call;
    call.method = "POST";
    call.url = settings_.base + "/emails";
    call.deadline = settings_.deadline;
    call.headers.emplace_back("Authorization", "Bearer " + settings_.key.Reveal());
    call.headers.emplace_back("Content-Type", "application/json");
    call.headers.emplace_back("User-Agent", "citadel/" CITADEL_VERSION);
    call.headers.emplace_back("Idempotency-Key", envelope.idempotency_key);
    call.body = ResendBody(envelope);
    return call;
}

// Requests are let through one by one, evenly spaced.
asio::awaitable<void> ResendSender::WaitForTurn() {
    auto now = steady_clock::now();
    auto turn = std::max(now, next_turn_);
    auto spacing = std::chrono::duration<double>(1.0 / settings_.requests_per_second);
    next_turn_ = turn + std::chrono::duration_cast<steady_clock::duration>(spacing);
    if (turn > now) co_await runtime::Sleep(std::chrono::ceil<milliseconds>(turn - now));
}

Sent ResendSender::Hold(const ResendReading& reading, std::chrono::seconds time) {
    held_until_ = steady_clock::now() + std::max<milliseconds>(time, reading.retry_after);
    held_why_ = reading.error;
    log::Error("mails_held", {{"why", reading.error}, {"mend", "mails wait; see docs/operating.md, Mail"}});
    Sent sent;
    sent.result = Sent::Result::kHeld;
    sent.error = reading.error;
    return sent;
}

asio::awaitable<Sent> ResendSender::Send(Envelope envelope) {
    Sent sent;
    for (int sent_before = 0;; ++sent_before) {
        if (steady_clock::now() < held_until_) {
            // What an earlier try of this mail left in doubt stays so.
            sent.result = sent.in_doubt ? Sent::Result::kTryLater : Sent::Result::kHeld;
            sent.error = held_why_;
            co_return sent;
        }
        co_await WaitForTurn();
        http::Call call = MakeCall(envelope);
        http::Answer answer = co_await http_.Fetch(std::move(call));
        ResendReading reading = ReadResendAnswer(answer);
        sent.error = reading.error;
        switch (reading.kind) {
            case Kind::kSent:
                // A 409: this key has already brought another body on its way. Never send it twice.
                if (!reading.error.empty()) log::Error("mail_was_sent_before", {{"why", reading.error}});
                sent.result = Sent::Result::kSent;
                sent.provider_id = reading.provider_id;
                sent.error.clear();
                co_return sent;
            case Kind::kRefused: sent.result = Sent::Result::kRefused; co_return sent;
            case Kind::kHoldConfiguration: {
                Sent held = Hold(reading, settings_.hold_for_configuration);
                if (sent.in_doubt) held.result = Sent::Result::kTryLater, held.in_doubt = true;
                co_return held;
            }
            case Kind::kHoldQuota: {
                Sent held = Hold(reading, settings_.hold_for_quota);
                if (sent.in_doubt) held.result = Sent::Result::kTryLater, held.in_doubt = true;
                co_return held;
            }
            case Kind::kAgain: break;
        }
        sent.result = Sent::Result::kTryLater;
        sent.in_doubt = sent.in_doubt || reading.in_doubt;
        auto wait = std::max(settings_.first_backoff * (1 << sent_before), reading.retry_after);
        if (answer.status == 429)
            next_turn_ = std::max(next_turn_, steady_clock::now() + reading.retry_after);
        if (sent_before + 1 >= settings_.tries_max || wait > settings_.longest_wait) co_return sent;
        co_await runtime::Sleep(wait);
    }
}

}  // namespace citadel::email

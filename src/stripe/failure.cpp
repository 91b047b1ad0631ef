#include "stripe/failure.h"

#include <fmt/format.h>
#include <boost/json.hpp>

namespace citadel::stripe {

namespace json = boost::json;

namespace {

// The error object of a body; an empty one for OAuth's, whose error is a text; none for what is not Stripe's.
std::optional<json::object> ErrorObject(const std::string& body) {
    boost::system::error_code bad;
    json::value parsed = json::parse(body, bad);
    if (bad || !parsed.is_object()) return std::nullopt;
    auto error = parsed.as_object().if_contains("error");
    if (!error || !(error->is_object() || error->is_string())) return std::nullopt;
    return error->is_object() ? error->as_object() : json::object();
}

std::string Text(const json::object& object, std::string_view name) {
    auto member = object.if_contains(name);
    return member && member->is_string() ? std::string(member->as_string()) : std::string();
}

FailureKind KindOf(int status, const std::string& code, const std::string& decline_code) {
    if (code == "invoice_payment_intent_requires_action" || code == "authentication_required" ||
        decline_code == "authentication_required") {
        return FailureKind::kNeedsAction;
    }
    if (status == 402) return FailureKind::kDeclined;
    if (status == 401) return FailureKind::kAuthentication;
    if (status == 403) return FailureKind::kOutOfReach;
    if (status == 404) return FailureKind::kNotFound;
    if (status == 409 || code == "lock_timeout" || code == "idempotency_key_in_use")
        return FailureKind::kBusy;
    if (status == 429) return FailureKind::kRateLimited;
    if (status >= 500 || status == 424) return FailureKind::kUnknown;
    return FailureKind::kInvalid;
}

// Without its body a status says little: a decline of which nobody knows the code might be one that forbids
// another try, and a 404 may be a proxy's. 401, 409 and 429 say the same with or without one.
FailureKind KindOfUnreadable(int status) {
    FailureKind kind = KindOf(status, "", "");
    bool plain = kind == FailureKind::kAuthentication || kind == FailureKind::kBusy ||
                 kind == FailureKind::kRateLimited;
    return plain ? kind : FailureKind::kUnknown;
}

}  // namespace

std::optional<Failure> ReadFailure(const http::Answer& answer) {
    if (answer.ok()) return std::nullopt;
    Failure failure;
    if (answer.kind != http::Answer::Kind::kReply) {
        bool not_sent = answer.kind == http::Answer::Kind::kNotSent;
        failure.kind = not_sent ? FailureKind::kUnavailable : FailureKind::kUnknown;
        failure.message = answer.error;
        return failure;
    }
    failure.status = answer.status;
    auto readable = ErrorObject(answer.body);
    if (!readable) {
        failure.kind = KindOfUnreadable(answer.status);
        failure.message = fmt::format("status {} with a body that cannot be read", answer.status);
        return failure;
    }
    const json::object& error = *readable;
    failure.code = Text(error, "code");
    failure.decline_code = Text(error, "decline_code");
    failure.advice_code = Text(error, "advice_code");
    failure.network_decline_code = Text(error, "network_decline_code");
    failure.network_advice_code = Text(error, "network_advice_code");
    failure.charge = Text(error, "charge");
    failure.message = Text(error, "message");
    failure.kind = KindOf(answer.status, failure.code, failure.decline_code);
    return failure;
}

bool ShouldResend(const http::Answer& answer) {
    if (answer.kind != http::Answer::Kind::kReply) return true;
    auto advice = answer.header("Stripe-Should-Retry");
    if (advice == "true") return true;
    if (advice == "false") return false;
    if (answer.status == 409 || answer.status >= 500) return true;
    auto failure = ReadFailure(answer);
    return failure && failure->kind == FailureKind::kUnknown;
}

std::string_view NameOf(FailureKind kind) {
    switch (kind) {
        case FailureKind::kDeclined: return "declined";
        case FailureKind::kNeedsAction: return "needs_action";
        case FailureKind::kInvalid: return "invalid_request";
        case FailureKind::kNotFound: return "not_found";
        case FailureKind::kOutOfReach: return "out_of_reach";
        case FailureKind::kAuthentication: return "authentication";
        case FailureKind::kRateLimited: return "rate_limited";
        case FailureKind::kBusy: return "busy";
        case FailureKind::kUnavailable: return "unavailable";
        case FailureKind::kUnknown: return "unknown_outcome";
    }
    return "unknown_outcome";
}

}  // namespace citadel::stripe

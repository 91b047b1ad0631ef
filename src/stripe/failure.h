// Why a call to Stripe did not do what was asked, in the terms the engine acts on. Read from status and
// body by the table in reference "Errors": a body may be HTML or empty, JSON is never assumed.
#pragma once
#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <variant>

#include "http/client.h"

namespace citadel::stripe {

enum class FailureKind {
    kDeclined,        // the bank said no; nothing was charged
    kNeedsAction,     // the payer must authenticate
    kInvalid,         // refused for good as asked: read the object again
    kNotFound,        // gone, or not this account's
    kOutOfReach,      // the account revoked our access
    kAuthentication,  // our own key is wrong
    kRateLimited,     // nothing was tried; later
    kBusy,            // the same key is still running, or the object is locked; later, same key
    kUnavailable,     // never sent; later
    kUnknown,         // nobody knows whether it was done: same key, or look
};

struct Failure {
    FailureKind kind = FailureKind::kUnknown;
    int status = 0;
    std::string code;
    std::string decline_code;
    std::string advice_code;
    std::string network_decline_code;
    std::string network_advice_code;
    std::string charge;  // the attempt that was declined, when Stripe names it
    std::string message;
};

template <typename T>
using Outcome = std::variant<T, Failure>;

// nullopt: the answer is a success.
std::optional<Failure> ReadFailure(const http::Answer& answer);
// Whether the client itself should send it again at once: Stripe-Should-Retry first, then the rules of
// Stripe's own libraries (connection errors, 409, 5xx; not 429 and no other 4xx).
bool ShouldResend(const http::Answer& answer);
std::string_view NameOf(FailureKind kind);

}  // namespace citadel::stripe

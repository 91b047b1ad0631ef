// From an answer of Stripe's to what was asked for, or to the failure that it was. For stripe/*.cpp.
#pragma once
#include <boost/json.hpp>

#include <exception>

#include "stripe/client.h"

namespace citadel::stripe {

// Parses a success and hands its object to `read`. A success that we cannot read is an unknown outcome: the
// other side may have done it all the same.
template <typename T, typename Read>
Outcome<T> ReadAnswer(const http::Answer& answer, Read read) {
    if (auto failure = ReadFailure(answer)) return *failure;
    try {
        return read(boost::json::parse(answer.body).as_object());
    } catch (const std::exception& error) {
        Failure failure;
        failure.kind = FailureKind::kUnknown;
        failure.message = std::string("Stripe's answer could not be read: ") + error.what();
        return failure;
    }
}

}  // namespace citadel::stripe

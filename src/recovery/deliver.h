// Hands a stored mail to the mail service and books what came of it. The same mail again goes under the same
// key with the same words; one whose key has expired unanswered is not sent again.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <string>

#include "base/clock.h"
#include "base/step_hook.h"
#include "email/sender.h"
#include "postgres/pool.h"
#include "store/mails.h"

namespace citadel::recovery {

struct Delivered {
    enum class Result { kSent, kRefused, kTryLater };
    Result result = Result::kTryLater;
    std::string why;  // empty for kSent
};

// `at_step` is reached as "mail_sent" between the sending and the booking.
boost::asio::awaitable<Delivered> Deliver(postgres::Pool& pool, const Clock& clock, email::Sender& sender,
                                          StepHook at_step, MerchantKey merchant, store::StoredMail stored);

}  // namespace citadel::recovery

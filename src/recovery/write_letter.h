// One letter to the customer: rendered once, committed as an intent (which a stop signal forbids), sent,
// and booked. Done again after a crash it sends the stored text under the stored key.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

#include "policy/dunning.h"
#include "recovery/tools.h"

namespace citadel::recovery {

enum class LetterOutcome {
    kSent,      // or had been sent before
    kRefused,   // the address or our settings are wrong; it will not be sent
    kStopped,   // the recovery was closed or the lease lost: nothing may be sent
    kTryLater,  // the mail service is away
};

struct LetterOrder {
    policy::Letter letter = policy::Letter::kPaymentFailed;
    int number = 1;
    std::optional<Time> next_charge_at;
    bool card_needs_update = false;
};

boost::asio::awaitable<LetterOutcome> WriteLetter(const Tools& tools, const store::Work& work,
                                                  LetterOrder order);

}  // namespace citadel::recovery

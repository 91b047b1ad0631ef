// One letter to the customer: in their language, rendered once, committed as an intent (which a stop signal,
// a suppressed address or another mail of that day forbids), sent, and booked. Done again after a crash it
// sends the stored text under the stored key.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

#include "policy/dunning.h"
#include "recovery/tools.h"
#include "store/mails.h"

namespace citadel::recovery {

enum class LetterOutcome {
    kSent,      // or had been sent before
    kRefused,   // the address or what we would write is wrong; it will not be sent
    kStopped,   // the recovery was closed or the lease lost: nothing may be sent
    kPutOff,    // not at this hour, or not on this day: again at `again_at`
    kTryLater,  // the mail service is away, or holds our mails
};

struct LetterResult {
    LetterOutcome outcome = LetterOutcome::kTryLater;
    std::optional<Time> again_at;  // kPutOff
    std::string why;               // in words; empty for kSent
};

struct LetterOrder {
    policy::Letter letter = policy::Letter::kPaymentFailed;
    int number = 1;
    std::optional<Time> next_charge_at;
    std::optional<Time> final_action_at;  // kFinalNotice: when we give up
    bool card_needs_update = false;
};

boost::asio::awaitable<LetterResult> WriteLetter(const Tools& tools, const store::Work& work,
                                                 LetterOrder order);

// When somebody in that zone may be written to: now, or the end of the merchant's quiet hours there.
Time AfterQuietHours(const store::MerchantView& merchant, std::string_view zone, Time now);

}  // namespace citadel::recovery

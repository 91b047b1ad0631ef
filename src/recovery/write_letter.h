// One letter to the customer: in their language, rendered once, committed as an intent (which a stop signal,
// a suppressed address or another mail of that day forbids), sent, and booked. Done again after a crash it
// sends the stored text under the stored key.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

#include "policy/dunning.h"
#include "recovery/compose.h"
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

// The steps of it, for letters that hang on no recovery (expiring_card.h).
// The customer's time zone as well as it is known: the country's, else the merchant's.
std::string ZoneOf(const std::string& customer_country, const store::Letterhead& head);
// nullopt: it cannot be written, `unfit` says why.
std::optional<store::MailIntent> TryCompose(const Addressing& addressing, const store::Letterhead& head,
                                            email::MailContext context, std::string& unfit);
// From the permit to what became of the letter.
boost::asio::awaitable<LetterResult> FinishLetter(const Tools& tools, MerchantKey merchant,
                                                  store::MailPermit permit);

// When somebody in that zone may be written to: now, or the end of the merchant's quiet hours there.
Time AfterQuietHours(const store::MerchantView& merchant, std::string_view zone, Time now);

}  // namespace citadel::recovery

// What a decline means: may the same card be tried again, when, and who can clear it. Pure data and lookup;
// precedence follows Stripe's order of authority: advice_code (the issuer's word on this charge), the
// network's advice, the decline code, and "vague" for what nobody knows. The rows are data/declines.tsv.
#pragma once
#include <chrono>
#include <string>
#include <string_view>

namespace citadel::policy {

enum class DeclineFamily {
    kFunds,           // not enough money or a limit: time heals
    kVague,           // no reason given
    kTechnical,       // issuer or network trouble: hours heal
    kCredential,      // the card's data are wrong or old: a new or updated card heals
    kAuthentication,  // the payer must authenticate on-session
    kFraud,           // suspected: be discreet, never repeat
    kNever,           // forbidden on this card for ever
    kMerchant,        // our side or the merchant's: a person must look
};

enum class DeclineAction {
    kPayday,        // try again when money is likely to be there
    kLimit,         // a limit of count or amount, which starts anew at midnight or with the week
    kSpace,         // try again a few times, some days apart
    kSoon,          // try again within hours
    kAsk,           // the payer mends the card's data, or the network's updater does
    kNewCard,       // only another card helps
    kAuthenticate,  // the payer confirms with his bank
    kMerchant,      // the merchant mends it
    kStop,          // the payer has ended it with his bank: one letter, no more
};

struct Decline {
    std::string code;            // Stripe's decline_code, or error code when there is none
    std::string advice;          // advice_code
    std::string network_code;    // network_decline_code
    std::string network_advice;  // network_advice_code (Mastercard MAC)
};

struct DeclineReading {
    DeclineFamily family = DeclineFamily::kVague;
    DeclineAction action = DeclineAction::kSpace;
    bool retry_same_card = false;  // whether the same payment method may ever be tried again
    // How long after this attempt the network wants the same card left alone (Mastercard's advice codes).
    std::chrono::hours not_before{0};
    bool money_expected = false;  // that delay is the issuer's guess of when money arrives
    bool known = true;            // false: no row for this code, read as vague
    std::string rule;             // which input decided, for the timeline: "decline_code lost_card"
};

DeclineReading ReadDecline(const Decline& decline);
std::string_view NameOf(DeclineFamily family);
std::string_view NameOf(DeclineAction action);

}  // namespace citadel::policy

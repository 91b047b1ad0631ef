#include "policy/decline.h"

#include <array>
#include <span>
#include <utility>

namespace citadel::policy {
namespace {

enum class SameCard {
    kLater,      // may be tried again in its time
    kNotAsIs,    // needs the payer or a person first, unless the issuer says "later"
    kForbidden,  // never again on this card, whatever else the answer says
};

struct Row {
    std::string_view code;
    DeclineFamily family;
    SameCard same_card;
};

using enum DeclineFamily;
using enum SameCard;

// Stripe's advice_code: the issuer's word on this charge.
constexpr Row kAdvice[] = {
    {"try_again_later", kVague, kLater},
    {"do_not_try_again", kNever, kForbidden},
    {"confirm_card_data", kCredential, kNotAsIs},
};

// Mastercard's Merchant Advice Codes. 24 to 30 are the issuer's guess of when money arrives.
constexpr Row kNetworkAdvice[] = {
    {"01", kCredential, kForbidden},  // the account has new data: the old ones are dead
    {"02", kVague, kLater},          {"03", kNever, kForbidden},  {"04", kMerchant, kNotAsIs},
    {"21", kNever, kForbidden},      {"22", kMerchant, kNotAsIs}, {"24", kFunds, kLater},
    {"25", kFunds, kLater},          {"26", kFunds, kLater},      {"27", kFunds, kLater},
    {"28", kFunds, kLater},          {"29", kFunds, kLater},      {"30", kFunds, kLater},
    {"40", kCredential, kForbidden},  // prepaid, not reloadable
    {"41", kCredential, kForbidden},  // virtual, for one payment
    {"43", kCredential, kForbidden},  // virtual
};

// Response codes of the networks. Forbidden is Visa's category 1, with the codes that only some
// acquirers count to it (03 14 62 78 93): the narrower reading costs a fee, the wider one a retry.
constexpr Row kNetwork[] = {
    {"03", kMerchant, kForbidden}, {"04", kNever, kForbidden},    {"05", kVague, kLater},
    {"07", kNever, kForbidden},    {"12", kNever, kForbidden},    {"14", kCredential, kForbidden},
    {"15", kNever, kForbidden},    {"19", kTechnical, kLater},    {"1A", kAuthentication, kNotAsIs},
    {"41", kNever, kForbidden},    {"43", kNever, kForbidden},    {"46", kNever, kForbidden},
    {"51", kFunds, kLater},        {"54", kCredential, kNotAsIs}, {"57", kNever, kForbidden},
    {"61", kFunds, kLater},        {"62", kNever, kForbidden},    {"65", kFunds, kLater},
    {"78", kNever, kForbidden},    {"83", kVague, kLater},        {"91", kTechnical, kLater},
    {"93", kNever, kForbidden},    {"96", kTechnical, kLater},    {"R0", kNever, kForbidden},
    {"R1", kNever, kForbidden},    {"R3", kNever, kForbidden},
};

// Stripe's decline codes. Forbidden are Stripe's own nine, which it would not execute again on the same
// method either, and what the payer or the issuer has ended for good.
constexpr Row kDeclineCode[] = {
    {"insufficient_funds", kFunds, kLater},
    {"card_velocity_exceeded", kFunds, kLater},
    {"withdrawal_count_limit_exceeded", kFunds, kLater},

    {"approve_with_id", kVague, kLater},
    {"call_issuer", kVague, kLater},
    {"do_not_honor", kVague, kLater},
    {"generic_decline", kVague, kLater},
    {"no_action_taken", kVague, kLater},

    // The engine reads the invoice's payments before each charge, which is the check a duplicate needs.
    {"duplicate_transaction", kTechnical, kLater},
    {"issuer_not_available", kTechnical, kLater},
    {"processing_error", kTechnical, kLater},
    {"reenter_transaction", kTechnical, kLater},
    {"try_again_later", kTechnical, kLater},

    {"card_not_supported", kCredential, kNotAsIs},
    {"currency_not_supported", kCredential, kNotAsIs},
    {"expired_card", kCredential, kNotAsIs},
    {"incorrect_address", kCredential, kNotAsIs},
    {"incorrect_cvc", kCredential, kNotAsIs},
    {"incorrect_number", kCredential, kForbidden},
    {"incorrect_pin", kCredential, kNotAsIs},
    {"incorrect_zip", kCredential, kNotAsIs},
    {"invalid_account", kCredential, kForbidden},
    {"invalid_cvc", kCredential, kNotAsIs},
    {"invalid_expiry_month", kCredential, kNotAsIs},
    {"invalid_expiry_year", kCredential, kNotAsIs},
    {"invalid_number", kCredential, kForbidden},
    {"invalid_pin", kCredential, kNotAsIs},
    {"new_account_information_available", kCredential, kNotAsIs},
    {"not_permitted", kCredential, kNotAsIs},
    {"offline_pin_required", kCredential, kNotAsIs},
    {"online_or_offline_pin_required", kCredential, kNotAsIs},
    {"pin_try_exceeded", kCredential, kNotAsIs},
    {"restricted_card", kCredential, kNotAsIs},
    {"security_violation", kCredential, kNotAsIs},
    {"service_not_allowed", kCredential, kNotAsIs},

    {"authentication_required", kAuthentication, kForbidden},
    {"mobile_device_authentication_required", kAuthentication, kNotAsIs},

    {"fraudulent", kFraud, kForbidden},
    {"highest_risk_level", kFraud, kForbidden},
    {"merchant_blacklist", kFraud, kForbidden},

    {"do_not_try_again", kNever, kForbidden},
    {"lost_card", kNever, kForbidden},
    {"pickup_card", kNever, kForbidden},
    {"revocation_of_all_authorizations", kNever, kForbidden},
    {"revocation_of_authorization", kNever, kForbidden},
    {"stolen_card", kNever, kForbidden},
    {"stop_payment_order", kNever, kForbidden},
    {"transaction_not_allowed", kNever, kForbidden},

    {"invalid_amount", kMerchant, kNotAsIs},
    {"testmode_decline", kMerchant, kNotAsIs},

    // Error codes of answers that carry no decline_code.
    {"card_declined", kVague, kLater},
    {"card_decline_rate_limit_exceeded", kVague, kLater},
    {"invoice_payment_intent_requires_action", kAuthentication, kNotAsIs},
    {"payment_intent_authentication_failure", kAuthentication, kNotAsIs},
};

struct Found {
    std::string_view source;
    const Row* row;
};

const Row* Find(std::span<const Row> rows, std::string_view code) {
    for (const auto& row : rows) {
        if (row.code == code) return &row;
    }
    return nullptr;
}

bool TimeHeals(DeclineFamily family) { return family == kFunds || family == kVague || family == kTechnical; }

DeclineReading Reading(const Found& found, DeclineFamily family) {
    DeclineReading reading;
    reading.family = family;
    reading.retry_same_card = found.row->same_card == kLater;
    reading.rule = std::string(found.source) + " " + std::string(found.row->code);
    return reading;
}

// "Later" from the issuer or the network says when, not why: the first of the other inputs that names
// a cause which time heals does.
DeclineFamily CauseOf(std::span<const Found> found) {
    for (const auto& each : found) {
        if (each.row && each.row->family != kVague && TimeHeals(each.row->family)) return each.row->family;
    }
    return kVague;
}

}  // namespace

DeclineReading ReadDecline(const Decline& decline) {
    // In their order of authority. Stripe's decline code was made from the network's response code, which
    // therefore comes after it, but before one that gives no reason.
    std::array<Found, 4> found = {{
        {"advice_code", Find(kAdvice, decline.advice)},
        {"network_advice_code", Find(kNetworkAdvice, decline.network_advice)},
        {"decline_code", Find(kDeclineCode, decline.code)},
        {"network_decline_code", Find(kNetwork, decline.network_code)},
    }};
    if (found[2].row && found[2].row->family == kVague && found[3].row) std::swap(found[2], found[3]);
    for (const auto& each : found) {
        if (each.row && each.row->same_card == kForbidden) return Reading(each, each.row->family);
    }
    for (const auto& each : found) {
        if (!each.row) continue;
        return Reading(each, each.row->same_card == kLater ? CauseOf(found) : each.row->family);
    }
    DeclineReading unknown;
    unknown.retry_same_card = true;
    unknown.known = false;
    unknown.rule = decline.code.empty() ? "no decline code" : "unknown decline_code " + decline.code;
    return unknown;
}

std::string_view NameOf(DeclineFamily family) {
    switch (family) {
        case kFunds: return "funds";
        case kVague: return "vague";
        case kTechnical: return "technical";
        case kCredential: return "credential";
        case kAuthentication: return "authentication";
        case kFraud: return "fraud";
        case kNever: return "never";
        case kMerchant: return "merchant";
    }
    return "";
}

}  // namespace citadel::policy

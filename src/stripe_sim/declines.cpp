#include "stripe_sim/declines.h"

#include <algorithm>

namespace citadel::stripe_sim {
namespace {

constexpr std::string_view kDeclined = "Your card was declined.";
constexpr std::string_view kLater = "try_again_later";
constexpr std::string_view kNever = "do_not_try_again";
constexpr std::string_view kConfirm = "confirm_card_data";

constexpr Decline kDeclines[] = {
    {"authentication_required", "authentication_required",
     "Your card was declined. This transaction requires authentication.", "1A", "", true},
    {"approve_with_id", "card_declined", kDeclined, "08", kLater, false},
    {"call_issuer", "card_declined", kDeclined, "01", kLater, false},
    {"card_not_supported", "card_declined", "Your card is not supported.", "57", "", false},
    {"card_velocity_exceeded", "card_declined",
     "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
     "61", kLater, false},
    {"currency_not_supported", "card_declined", "Your card does not support this currency.", "", "", false},
    {"do_not_honor", "card_declined", kDeclined, "05", kLater, false},
    {"do_not_try_again", "card_declined", kDeclined, "", kNever, false},
    {"duplicate_transaction", "card_declined", kDeclined, "94", "", false},
    {"expired_card", "expired_card", "Your card has expired.", "54", kConfirm, false},
    {"fraudulent", "card_declined", kDeclined, "59", kNever, false},
    {"generic_decline", "card_declined", kDeclined, "05", kLater, false},
    {"highest_risk_level", "card_declined", kDeclined, "", kNever, true},
    {"incorrect_address", "incorrect_address", "Your card's address is incorrect.", "", kConfirm, false},
    {"incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.", "82", kConfirm, false},
    {"incorrect_number", "incorrect_number", "Your card number is incorrect.", "14", kNever, true},
    {"incorrect_pin", "card_declined", kDeclined, "55", "", false},
    {"incorrect_zip", "incorrect_zip", "The zip code you supplied failed validation.", "", kConfirm, false},
    {"insufficient_funds", "card_declined", "Your card has insufficient funds.", "51", kLater, false},
    {"invalid_account", "card_declined", kDeclined, "14", kNever, false},
    {"invalid_amount", "card_declined", kDeclined, "13", "", false},
    {"invalid_cvc", "invalid_cvc", "Your card's security code is invalid.", "82", kConfirm, false},
    {"invalid_expiry_month", "invalid_expiry_month", "Your card's expiration month is invalid.", "54",
     kConfirm, false},
    {"invalid_expiry_year", "invalid_expiry_year", "Your card's expiration year is invalid.", "54", kConfirm,
     false},
    {"invalid_number", "invalid_number", "The card number is not a valid credit card number.", "14", kNever,
     false},
    {"invalid_pin", "card_declined", kDeclined, "55", "", false},
    {"issuer_not_available", "card_declined", kDeclined, "91", kLater, false},
    {"lost_card", "card_declined", kDeclined, "41", kNever, true},
    {"merchant_blacklist", "card_declined", kDeclined, "", kNever, false},
    {"mobile_device_authentication_required", "card_declined", kDeclined, "", "", false},
    {"new_account_information_available", "card_declined", kDeclined, "", "", false},
    {"no_action_taken", "card_declined", kDeclined, "21", kLater, false},
    {"not_permitted", "card_declined", kDeclined, "57", "", false},
    {"offline_pin_required", "card_declined", kDeclined, "", "", false},
    {"online_or_offline_pin_required", "card_declined", kDeclined, "65", "", false},
    {"pickup_card", "card_declined", kDeclined, "04", kNever, true},
    {"pin_try_exceeded", "card_declined", kDeclined, "75", "", false},
    {"processing_error", "processing_error",
     "An error occurred while processing your card. Try again in a little bit.", "96", kLater, false},
    {"reenter_transaction", "card_declined", kDeclined, "19", kLater, false},
    {"restricted_card", "card_declined", kDeclined, "62", "", false},
    {"revocation_of_all_authorizations", "card_declined", kDeclined, "R3", kNever, true},
    {"revocation_of_authorization", "card_declined", kDeclined, "R1", kNever, true},
    {"security_violation", "card_declined", kDeclined, "63", "", false},
    {"service_not_allowed", "card_declined", kDeclined, "57", "", false},
    {"stolen_card", "card_declined", kDeclined, "43", kNever, true},
    {"stop_payment_order", "card_declined", kDeclined, "R0", kNever, false},
    {"testmode_decline", "card_declined", kDeclined, "", "", false},
    {"transaction_not_allowed", "card_declined", kDeclined, "57", kNever, true},
    {"try_again_later", "card_declined", kDeclined, "19", kLater, false},
    {"withdrawal_count_limit_exceeded", "card_declined", kDeclined, "65", kLater, false},
};

const Decline* Find(std::string_view code) {
    auto found = std::ranges::find(kDeclines, code, &Decline::code);
    return found == std::end(kDeclines) ? nullptr : found;
}

}  // namespace

std::string_view Decline::network_advice() const {
    if (advice == kLater) return "02";
    if (advice == kNever) return "03";
    return "";
}

Decline DeclineFor(std::string_view code) {
    if (auto known = Find(code)) return *known;
    return {code, "card_declined", kDeclined, "", "", false};
}

bool IsDeclineCode(std::string_view code) { return Find(code) != nullptr; }

}  // namespace citadel::stripe_sim

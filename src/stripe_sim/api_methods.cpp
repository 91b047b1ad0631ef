#include "stripe_sim/api_methods.h"

#include <fmt/format.h>

#include "stripe_sim/api_decline.h"
#include "stripe_sim/api_fields.h"
#include "stripe_sim/api_list.h"
#include "stripe_sim/cards.h"

namespace citadel::stripe_sim {
namespace {

ApiError CardError(std::string_view code, std::string_view message, std::string_view param) {
    auto made = InvalidRequest(402, code, std::string(message), param);
    made.error["type"] = "card_error";
    return made;
}

// The check digit of payment cards.
bool HasCheckDigit(std::string_view number) {
    int sum = 0;
    bool twice = false;
    for (auto digit = number.rbegin(); digit != number.rend(); ++digit, twice = !twice) {
        if (*digit < '0' || *digit > '9') return false;
        int value = (*digit - '0') * (twice ? 2 : 1);
        sum += value > 9 ? value - 9 : value;
    }
    return number.size() >= 12 && sum % 10 == 0;
}

NewCard CardOfNumber(const Params& params) {
    std::string number;
    for (char c : params.Required("card[number]")) {
        if (c != ' ' && c != '-') number += c;
    }
    if (auto card = CardByNumber(number)) return *card;
    if (!HasCheckDigit(number))
        throw CardError("incorrect_number", "Your card number is incorrect.", "number");
    auto refused = CardError("card_declined",
                             "Your card was declined. Your request was in test mode, but used a non test "
                             "(live) card. For a list of valid test cards, visit: "
                             "https://stripe.com/docs/testing.",
                             "");
    refused.error["decline_code"] = "test_mode_live_card";
    throw refused;
}

// Two digits mean this century.
void ReadExpiry(const Params& params, Time now, Card& card) {
    auto month = params.Number("card[exp_month]"), year = params.Number("card[exp_year]");
    if (month && (*month < 1 || *month > 12))
        throw CardError("invalid_expiry_month", "Your card's expiration month is invalid.", "exp_month");
    if (year && *year < 100) *year += 2000;
    std::chrono::year_month_day today(std::chrono::floor<std::chrono::days>(now));
    int this_year = static_cast<int>(today.year());
    if (year && (*year < this_year || *year > this_year + 50))
        throw CardError("invalid_expiry_year", "Your card's expiration year is invalid.", "exp_year");
    if (month) card.exp_month = static_cast<int>(*month);
    if (year) card.exp_year = static_cast<int>(*year);
    bool over = card.exp_year == this_year && card.exp_month < static_cast<int>(unsigned(today.month()));
    if (over && (month || year))
        throw CardError("invalid_expiry_month", "Your card's expiration month is invalid.", "exp_month");
}

}  // namespace

PaymentMethod& FindMethod(ApiCall& call, const std::string& id, std::string_view param) {
    if (auto test = TestCard(id)) return AddMethod(call.world, call.account, std::move(*test));
    return FindOr404(call.account.payment_methods, "PaymentMethod", id, param);
}

PaymentMethod& EnterMethod(ApiCall& call, const Params& params) {
    if (params.Required("type") != "card") {
        throw BadParameter("",
                           fmt::format("The payment method type provided: {} is invalid. This simulator "
                                       "has cards only.",
                                       params.TextOr("type")),
                           params.FullName("type"));
    }
    NewCard card;
    if (auto token = params.Text("card[token]")) {
        auto test = token->starts_with("tok_") ? TestCard(*token) : std::nullopt;
        if (!test) throw NoSuch("token", *token, params.FullName("card[token]"));
        card = std::move(*test);
    } else {
        card = CardOfNumber(params);
        params.Required("card[exp_month]");
        params.Required("card[exp_year]");
        ReadExpiry(params, call.world.Now(), card.card);
    }
    auto& method = AddMethod(call.world, call.account, std::move(card));
    ReadBillingDetails(params, "billing_details", method.billing);
    ReadMetadata(params, method.metadata);
    if (auto allow = params.OneOf("allow_redisplay", {"always", "limited", "unspecified"}))
        method.allow_redisplay = *allow;
    return method;
}

void RefuseSpent(const PaymentMethod& method) {
    if (!method.spent) return;
    throw InvalidRequest(400, "",
                         "The provided PaymentMethod was previously used with a PaymentIntent without "
                         "Customer attachment, shared with a connected account without Customer "
                         "attachment, or was detached from a Customer. It may not be used again. To use a "
                         "PaymentMethod multiple times, you must attach it to a Customer first.");
}

PaymentMethod& OwnMethod(ApiCall& call, const Customer& customer, const std::string& id,
                         std::string_view param) {
    auto& method = FindMethod(call, id, param);
    if (method.customer == customer.id) return method;
    if (!method.customer.empty()) {
        throw InvalidRequest(400, "payment_method_unexpected_state",
                             "The payment method you provided has already been attached to a customer.",
                             param);
    }
    RefuseSpent(method);
    auto refusal = RefusalToAttach(method);
    if (!refusal.empty()) throw CardRefused(call, method, refusal);
    AttachMethod(call.world, call.account, method, customer.id, call.cause);
    return method;
}

}  // namespace citadel::stripe_sim

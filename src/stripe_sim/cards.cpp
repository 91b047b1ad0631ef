#include "stripe_sim/cards.h"

#include <fmt/format.h>

#include <algorithm>

namespace citadel::stripe_sim {
namespace {

struct NamedCard {
    std::string_view name;
    std::string_view brand;
    std::string_view last4;
    std::string_view outcome;  // empty: approves; "requires_action"; else a decline code
};

constexpr NamedCard kTestCards[] = {
    {"pm_card_visa", "visa", "4242", ""},
    {"pm_card_visa_debit", "visa", "5556", ""},
    {"pm_card_mastercard", "mastercard", "4444", ""},
    {"pm_card_mastercard_debit", "mastercard", "3222", ""},
    {"pm_card_amex", "amex", "8431", ""},
    {"pm_card_discover", "discover", "9424", ""},
    {"pm_card_diners", "diners", "4237", ""},
    {"pm_card_jcb", "jcb", "0505", ""},
    {"pm_card_unionpay", "unionpay", "0005", ""},
    {"pm_card_chargeDeclined", "visa", "0002", "generic_decline"},
    {"pm_card_chargeDeclinedInsufficientFunds", "visa", "9995", "insufficient_funds"},
    {"pm_card_chargeDeclinedLostCard", "visa", "9987", "lost_card"},
    {"pm_card_chargeDeclinedStolenCard", "visa", "9979", "stolen_card"},
    {"pm_card_chargeDeclinedVelocityLimitExceeded", "visa", "6975", "card_velocity_exceeded"},
    {"pm_card_chargeDeclinedExpiredCard", "visa", "0069", "expired_card"},
    {"pm_card_chargeDeclinedIncorrectCvc", "visa", "0127", "incorrect_cvc"},
    {"pm_card_chargeDeclinedProcessingError", "visa", "0119", "processing_error"},
    {"pm_card_chargeDeclinedFraudulent", "visa", "0019", "fraudulent"},
    {"pm_card_chargeCustomerFail", "visa", "0341", "generic_decline"},
    {"pm_card_riskLevelHighest", "visa", "4954", "highest_risk_level"},
    {"pm_card_radarBlock", "visa", "0019", "highest_risk_level"},
    {"pm_card_authenticationRequired", "visa", "3184", "authentication_required"},
    {"pm_card_threeDSecure2Required", "visa", "3220", "requires_action"},
    {"pm_card_threeDSecureRequired", "visa", "3063", "requires_action"},
    {"pm_card_threeDSecureOptional", "visa", "3055", ""},
    {"pm_card_threeDSecureRequiredChargeDeclined", "visa", "1629", "generic_decline"},
    {"pm_card_createDispute", "visa", "0259", ""},
};

// The same card always has the same fingerprint, whoever attaches it.
std::string FingerprintOf(std::string_view name) {
    Random random(std::hash<std::string_view>()(name));
    return fmt::format("{:016x}", random.Next());
}

}  // namespace

std::optional<NewCard> TestCard(std::string_view name) {
    std::string plain(name);
    constexpr std::string_view kLonger = "pm_card_visa_chargeDeclined";
    if (plain.starts_with(kLonger)) plain.erase(std::string_view("pm_card_").size(), 5);
    auto found = std::ranges::find(kTestCards, plain, &NamedCard::name);
    if (found == std::end(kTestCards)) return std::nullopt;
    NewCard made;
    made.card.brand = found->brand;
    made.card.last4 = found->last4;
    made.card.funding = plain.ends_with("_debit") ? "debit" : "credit";
    made.card.fingerprint = FingerprintOf(plain);
    if (found->outcome == "requires_action") made.bank.script.emplace_back(found->outcome);
    else made.bank.decline_code = found->outcome;
    return made;
}

NewCard GoodCard(Random& random, const std::string& country) {
    static constexpr std::pair<std::string_view, int> kBrands[] = {
        {"visa", 52}, {"mastercard", 84}, {"amex", 95}, {"discover", 100}};
    NewCard made;
    auto draw = static_cast<int>(random.Below(100));
    for (const auto& [brand, below] : kBrands) {
        made.card.brand = brand;
        if (draw < below) break;
    }
    made.card.country = country;
    made.card.funding = random.Chance(0.45) ? "debit" : "credit";
    made.card.last4 = fmt::format("{:04}", random.Below(10000));
    made.card.exp_month = 1 + static_cast<int>(random.Below(12));
    made.card.exp_year = 2028 + static_cast<int>(random.Below(4));
    made.card.fingerprint = fmt::format("{:016x}", random.Next());
    return made;
}

PaymentMethod& AttachCard(World& world, Account& account, const std::string& customer, NewCard card,
                          const Cause& cause) {
    PaymentMethod method;
    method.id = world.NewId("pm_1");
    method.customer = customer;
    method.card = std::move(card.card);
    method.bank = std::move(card.bank);
    method.created = world.Now();
    auto& added = account.payment_methods.Add(std::move(method));
    world.Emit(account, "payment_method.attached", Keep(added), cause);
    return added;
}

void MakeDefault(World& world, Account& account, Customer& customer, const std::string& method,
                 const Cause& cause) {
    if (customer.default_payment_method == method) return;
    json::object settings;
    if (customer.default_payment_method.empty()) settings["default_payment_method"] = nullptr;
    else settings["default_payment_method"] = customer.default_payment_method;
    json::object previous;
    previous["invoice_settings"] = std::move(settings);
    customer.default_payment_method = method;
    world.Emit(account, "customer.updated", Keep(customer), cause, std::move(previous));
}

void RefreshCard(World& world, Account& account, PaymentMethod& method) {
    json::object card;
    card["exp_month"] = method.card.exp_month;
    card["exp_year"] = method.card.exp_year;
    json::object previous;
    previous["card"] = std::move(card);
    method.card.exp_year += 4;
    method.bank = BankStance();
    world.Emit(account, "payment_method.automatically_updated", Keep(method), {}, std::move(previous));
}

}  // namespace citadel::stripe_sim

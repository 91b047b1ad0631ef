#include "stripe_sim/cards.h"

#include <fmt/format.h>

#include <algorithm>

namespace citadel::stripe_sim {
namespace {

struct NamedCard {
    std::string_view name;  // without pm_card_ or tok_
    std::string_view number;
    std::string_view outcome;  // empty: approves; else a decline code
};

// Cards that answer money calls with one code for ever. Only chargeCustomerFail can be attached.
constexpr NamedCard kDecliningCards[] = {
    {"chargeDeclined", "4000000000000002", "generic_decline"},
    {"chargeDeclinedInsufficientFunds", "4000000000009995", "insufficient_funds"},
    {"chargeDeclinedLostCard", "4000000000009987", "lost_card"},
    {"chargeDeclinedStolenCard", "4000000000009979", "stolen_card"},
    {"chargeDeclinedVelocityLimitExceeded", "4000000000006975", "card_velocity_exceeded"},
    {"chargeDeclinedExpiredCard", "4000000000000069", "expired_card"},
    {"chargeDeclinedIncorrectCvc", "4000000000000127", "incorrect_cvc"},
    {"chargeDeclinedProcessingError", "4000000000000119", "processing_error"},
    {"chargeDeclinedFraudulent", "4100000000000019", "fraudulent"},
};

// Cards that can be kept. What is special about one is in SpecialStance().
constexpr NamedCard kKeptCards[] = {
    {"visa", "4242424242424242", ""},
    {"visa_debit", "4000056655665556", ""},
    {"mastercard", "5555555555554444", ""},
    {"mastercard_debit", "5200828282828210", ""},
    {"mastercard_prepaid", "5105105105105100", ""},
    {"amex", "371449635398431", ""},
    {"discover", "6011000990139424", ""},
    {"diners", "3056930009020004", ""},
    {"jcb", "3566002020360505", ""},
    {"unionpay", "6200000000000005", ""},
    {"bypassPending", "4000000000000077", ""},
    {"chargeCustomerFail", "4000000000000341", "generic_decline"},
    {"riskLevelElevated", "4000000000009235", ""},
    {"riskLevelHighest", "4000000000004954", "highest_risk_level"},
    {"radarBlock", "4100000000000019", "highest_risk_level"},
    {"authenticationRequired", "4000002760003184", ""},
    {"authenticationRequiredOnSetup", "4000002500003155", ""},
    {"threeDSecure2Required", "4000000000003220", ""},
    {"threeDSecureRequired", "4000000000003063", ""},
    {"threeDSecureOptional", "4000000000003055", ""},
    {"threeDSecureRequiredChargeDeclined", "4000008400001629", "generic_decline"},
    {"authenticationRequiredChargeDeclinedInsufficientFunds", "4000008260003178", "insufficient_funds"},
    {"createDispute", "4000000000000259", ""},
    {"createDisputeProductNotReceived", "4000000000002685", ""},
    {"createDisputeInquiry", "4000000000001976", ""},
};

// Further numbers of the same brands.
constexpr std::pair<std::string_view, std::string_view> kOtherNumbers[] = {
    {"378282246310005", "amex"},
    {"6011111111111117", "discover"},
    {"36227206271667", "diners"},
    {"2223003122003222", "mastercard"},
    {"4000000000003238", "threeDSecure2Required"},
};

// By the first digits, as the networks assign them.
std::string_view BrandOf(std::string_view number) {
    static constexpr std::pair<std::string_view, std::string_view> kPrefixes[] = {
        {"4", "visa"},    {"5", "mastercard"}, {"2", "mastercard"}, {"37", "amex"},    {"60", "discover"},
        {"30", "diners"}, {"36", "diners"},    {"35", "jcb"},       {"62", "unionpay"}};
    for (const auto& [prefix, brand] : kPrefixes) {
        if (number.starts_with(prefix)) return brand;
    }
    return "visa";
}

// The same card always has the same fingerprint, whoever attaches it.
std::string FingerprintOf(std::string_view number) {
    Random random(std::hash<std::string_view>()(number));
    return fmt::format("{:016x}", random.Next());
}

void SetAsks(BankStance& bank, std::string_view answer, bool always) {
    bank.asks = answer;
    bank.asks_always = always;
}

void SetSpecialStance(std::string_view name, BankStance& bank) {
    if (name == "authenticationRequired") SetAsks(bank, "authentication_required", true);
    if (name == "authenticationRequiredOnSetup") SetAsks(bank, "authentication_required", false);
    if (name == "authenticationRequiredChargeDeclinedInsufficientFunds")
        SetAsks(bank, "authentication_required", true);
    if (name == "threeDSecureRequired" || name == "threeDSecure2Required" ||
        name == "threeDSecureRequiredChargeDeclined")
        SetAsks(bank, "requires_action", true);
    if (name.starts_with("createDispute")) bank.disputed_as = "fraudulent";
    if (name == "createDisputeProductNotReceived") bank.disputed_as = "product_not_received";
    bank.inquires = name == "createDisputeInquiry";
}

NewCard MakeTestCard(const NamedCard& found, std::string_view number) {
    NewCard made;
    made.card.brand = BrandOf(number);
    made.card.last4 = number.substr(number.size() - 4);
    made.card.funding = "credit";
    if (found.name.ends_with("_debit")) made.card.funding = "debit";
    if (found.name.ends_with("_prepaid")) made.card.funding = "prepaid";
    made.card.fingerprint = FingerprintOf(number);
    made.bank.decline_code = found.outcome;
    SetSpecialStance(found.name, made.bank);
    return made;
}

template <typename Matches>
std::optional<NewCard> FindTestCard(Matches matches) {
    for (const auto& card : kKeptCards) {
        if (matches(card)) return MakeTestCard(card, card.number);
    }
    for (const auto& card : kDecliningCards) {
        if (!matches(card)) continue;
        auto made = MakeTestCard(card, card.number);
        made.bank.refuses_new_customers = true;
        return made;
    }
    return std::nullopt;
}

std::optional<NewCard> CardCalled(std::string_view name) {
    return FindTestCard([&](const NamedCard& card) { return card.name == name; });
}

void ForgetMethod(World& world, Account& account, Customer& customer, const std::string& method,
                  const Cause& cause) {
    if (customer.default_source == method) customer.default_source.clear();
    if (customer.default_payment_method == method) MakeDefault(world, account, customer, "", cause);
}

}  // namespace

std::optional<NewCard> TestCard(std::string_view name) {
    if (name.starts_with("pm_card_")) name.remove_prefix(8);
    else if (name.starts_with("tok_")) name.remove_prefix(4);
    else return std::nullopt;
    auto card = CardCalled(name);
    if (!card && name.starts_with("visa_")) card = CardCalled(name.substr(5));
    return card;
}

std::optional<NewCard> CardByNumber(std::string_view number) {
    auto other = std::ranges::find(kOtherNumbers, number, [](const auto& pair) { return pair.first; });
    if (other != std::end(kOtherNumbers)) {
        auto card = CardCalled(other->second);
        card->card.last4 = number.substr(number.size() - 4);
        card->card.fingerprint = FingerprintOf(number);
        return card;
    }
    return FindTestCard([&](const NamedCard& card) { return card.number == number; });
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

PaymentMethod& AddMethod(World& world, Account& account, NewCard card) {
    PaymentMethod method;
    method.id = world.NewId("pm_1");
    method.card = std::move(card.card);
    method.bank = std::move(card.bank);
    method.created = world.clock.Now();
    return account.payment_methods.Add(std::move(method));
}

std::string RefusalToAttach(const PaymentMethod& method) {
    return method.bank.refuses_new_customers ? method.bank.decline_code : std::string();
}

void AttachMethod(World& world, Account& account, PaymentMethod& method, const std::string& customer,
                  const Cause& cause) {
    method.customer = customer;
    world.Emit(account, "payment_method.attached", Keep(method), cause);
}

void DetachMethod(World& world, Account& account, PaymentMethod& method, const Cause& cause) {
    json::object previous;
    previous["customer"] = method.customer;
    auto* customer = account.customers.Find(method.customer);
    method.customer.clear();
    method.spent = true;
    world.Emit(account, "payment_method.detached", Keep(method), cause, std::move(previous));
    if (customer) ForgetMethod(world, account, *customer, method.id, cause);
}

PaymentMethod& AttachCard(World& world, Account& account, const std::string& customer, NewCard card,
                          const Cause& cause) {
    auto& method = AddMethod(world, account, std::move(card));
    if (const auto* owner = account.customers.Find(customer)) {
        method.billing.name = owner->name;
        method.billing.email = owner->email;
        method.billing.address.country = method.card.country;
    }
    AttachMethod(world, account, method, customer, cause);
    return method;
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

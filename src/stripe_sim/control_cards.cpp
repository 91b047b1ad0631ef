// The routes about payers and their cards: who pays with what, and what becomes of a card.
#include "stripe_sim/billing.h"
#include "stripe_sim/cards.h"
#include "stripe_sim/control.h"
#include "stripe_sim/control_body.h"
#include "stripe_sim/customers.h"
#include "stripe_sim/declines.h"

namespace citadel::stripe_sim {
namespace {

void CheckOutcome(const std::string& outcome) {
    if (outcome == "approve" || outcome == "requires_action" || IsDeclineCode(outcome)) return;
    throw Refusal(
        fmt::format("\"{}\" is no outcome: use approve, requires_action or a decline code", outcome));
}

std::deque<std::string> ScriptIn(const json::object& body) {
    std::deque<std::string> script;
    for (const auto& outcome : Member(body, "outcomes", std::vector<std::string>())) {
        CheckOutcome(outcome);
        script.push_back(outcome);
    }
    return script;
}

// "paymentMethod" and "outcomes"; nullopt: a customer without a card.
std::optional<NewCard> CardIn(World& world, const json::object& body) {
    auto name = Member<std::string>(body, "paymentMethod", "pm_card_visa");
    if (name == "none") return std::nullopt;
    auto card = TestCard(name);
    if (!card) throw Refusal("\"paymentMethod\" is \"none\" or the name of a test card of Stripe's");
    card->bank.script = ScriptIn(body);
    // Test cards of one name share a fingerprint; a scripted one is a card of its own.
    if (body.contains("outcomes")) card->card.fingerprint = world.NewId("", 16);
    return card;
}

}  // namespace

json::object Control::AddCustomer(const json::object& body) {
    auto& account = AccountIn(body);
    auto card = CardIn(world_, body);
    auto& customer =
        stripe_sim::AddCustomer(world_, account, Member<std::string>(body, "name", "Jenny Payer"),
                                Member<std::string>(body, "email", "payer@example.com"));
    json::object answer;
    answer["id"] = customer.id;
    answer["paymentMethod"] = nullptr;
    if (!card) return answer;
    customer.default_payment_method = AttachCard(world_, account, customer.id, std::move(*card)).id;
    answer["paymentMethod"] = customer.default_payment_method;
    return answer;
}

json::object Control::SetCard(const json::object& body) {
    auto& account = AccountIn(body);
    auto* method = account.payment_methods.Find(RequiredText(body, "paymentMethod"));
    if (!method) throw Refusal("no such payment method in that account");
    method->card.exp_month = Member(body, "expMonth", method->card.exp_month);
    method->card.exp_year = Member(body, "expYear", method->card.exp_year);
    if (method->card.exp_month < 1 || method->card.exp_month > 12) throw Refusal("\"expMonth\" is 1 to 12");
    if (body.contains("outcomes")) {
        method->bank = BankStance();
        method->bank.script = ScriptIn(body);
    }
    if (Member(body, "update", false)) RefreshCard(world_, account, *method);
    return json::object();
}

}  // namespace citadel::stripe_sim

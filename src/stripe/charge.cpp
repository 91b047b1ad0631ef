#include "stripe/charge.h"

#include <boost/json.hpp>

#include "stripe/invoice.h"

namespace citadel::stripe {

namespace json = boost::json;

namespace {

const json::object* Child(const json::object& object, std::string_view name) {
    auto member = object.if_contains(name);
    return member ? member->if_object() : nullptr;
}

}  // namespace

Charge ReadCharge(const json::object& object) {
    Charge charge;
    charge.id = RequireText(object, "id");
    charge.created = ReadTime(object, "created").value_or(Time{});
    charge.amount = Money{ReadInteger(object, "amount").value_or(0), ReadText(object, "currency")};
    charge.payment_method = ReadId(object, "payment_method");
    charge.succeeded = ReadText(object, "status") != "failed";
    if (auto details = Child(object, "payment_method_details")) {
        charge.fingerprint = ReadText(*details, "card.fingerprint");
        charge.brand = ReadText(*details, "card.brand");
    }
    if (auto outcome = Child(object, "outcome")) {
        charge.reached_network = ReadText(*outcome, "network_status") != "not_sent_to_network";
        charge.decline_code = ReadText(*outcome, "reason");
        charge.advice_code = ReadText(*outcome, "advice_code");
        charge.network_decline_code = ReadText(*outcome, "network_decline_code");
        charge.network_advice_code = ReadText(*outcome, "network_advice_code");
    }
    if (charge.succeeded) charge.decline_code.clear();
    if (!charge.succeeded && charge.decline_code.empty())
        charge.decline_code = ReadText(object, "failure_code");
    return charge;
}

}  // namespace citadel::stripe

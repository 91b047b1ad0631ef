// What calls about payment intents and setup intents have in common: which card, which kinds of methods,
// who is there.
#pragma once
#include <string>

#include "stripe_sim/api.h"
#include "stripe_sim/api_methods.h"

namespace citadel::stripe_sim {

// off_session=true, or one of the older words for it.
bool SaysOffSession(const Params& params);

bool NamesMethod(const Params& params);
// payment_method or payment_method_data; nullptr when the call names none. Refused if the method is
// another customer's or cannot be used again.
PaymentMethod* MethodOfIntent(ApiCall& call, const std::string& customer);

// payment_method_types and automatic_payment_methods; without either Stripe chooses.
void ReadMethodTypes(const Params& params, std::vector<std::string>& types,
                     std::optional<AutomaticMethods>& automatic);
template <typename Intent>
void ReadMethodTypes(const Params& params, Intent& intent) {
    ReadMethodTypes(params, intent.method_types, intent.automatic_methods);
}

}  // namespace citadel::stripe_sim

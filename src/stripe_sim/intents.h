// The life of payment and setup intents: opened, confirmed with a card, perhaps authenticated by the
// payer, captured or cancelled. Each step moves the intent and tells it by Stripe's events; whether a
// step is allowed in the intent's present status is for the caller to check.
#pragma once
#include <cstdint>
#include <string>

#include "stripe_sim/charges.h"
#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

struct Confirmation {
    PaymentMethod* method = nullptr;
    bool off_session = false;  // nobody is there who could authenticate
    Cause cause;
};

// Takes a filled-in intent, gives it its time and announces it.
PaymentIntent& OpenIntent(World& world, Account& account, PaymentIntent intent, const Cause& cause);
PayResult ConfirmIntent(World& world, Account& account, PaymentIntent& intent, const Confirmation& order);
// From requires_capture; what is not captured goes back.
void CaptureIntent(World& world, Account& account, PaymentIntent& intent, std::int64_t amount,
                   const Cause& cause);
void CancelIntent(World& world, Account& account, PaymentIntent& intent, std::string reason,
                  const Cause& cause);
// The payer, asked by his bank, confirms or refuses: from requires_action.
void Authenticate(World& world, Account& account, PaymentIntent& intent, bool confirms);

SetupIntent& OpenSetup(World& world, Account& account, SetupIntent intent, const Cause& cause);
// Empty: set up, or waiting for the payer; else the bank's decline code.
std::string ConfirmSetup(World& world, Account& account, SetupIntent& intent, const Confirmation& order);
void CancelSetup(World& world, Account& account, SetupIntent& intent, std::string reason, const Cause& cause);
void Authenticate(World& world, Account& account, SetupIntent& intent, bool confirms);

}  // namespace citadel::stripe_sim

#include "email/letters.h"

namespace citadel::email {
namespace {

// Sections: RETRY (a date of the next try is known), NO_RETRY, INVOICE (the invoice has a number).

constexpr Paragraph kFirstFailure[] = {
    {"",
     "Your bank declined the payment of {{AMOUNT}} for your subscription with {{MERCHANT}}. This happens "
     "often, for instance when a limit is reached, and is usually put right quickly."},
    {"RETRY",
     "You need not do anything: we will try again on {{RETRY_ON}}. If you would rather pay now or use "
     "another card, you can do it here."},
    {"NO_RETRY",
     "Please pay with the button below, with the same card or another one. It takes about a minute."},
};

constexpr Paragraph kSecondFailure[] = {
    {"",
     "We tried once more to collect {{AMOUNT}} for your subscription with {{MERCHANT}}, and your bank "
     "declined it again."},
    {"RETRY",
     "We will try again on {{RETRY_ON}}. To be on the safe side, please look whether the card has "
     "enough funds, or choose another one here."},
    {"NO_RETRY",
     "Please choose another card or pay here. If you would like to know why the payment was declined, "
     "please ask your bank."},
};

constexpr Paragraph kLaterFailure[] = {
    {"",
     "{{AMOUNT}} for your subscription with {{MERCHANT}} is still open: your bank has declined each of our "
     "tries so far."},
    {"RETRY",
     "The next one is on {{RETRY_ON}}. Another card or a payment made by yourself most likely settles "
     "it at once."},
    {"NO_RETRY", "Another card or a payment made by yourself most likely settles it at once."},
};

constexpr Paragraph kFirstCardTrouble[] = {
    {"",
     "We could not collect {{AMOUNT}} for your subscription with {{MERCHANT}}, because the card on file "
     "can no longer be charged. Perhaps it has expired or was replaced by a new one."},
    {"",
     "Trying the same card again would not help. Please enter your current card here, and the payment is "
     "made with it."},
};

constexpr Paragraph kLaterCardTrouble[] = {
    {"",
     "{{AMOUNT}} for your subscription with {{MERCHANT}} is still open, because the card on file can no "
     "longer be charged."},
    {"", "As soon as you enter another card here, the payment is made and everything goes on as before."},
};

constexpr Paragraph kConfirm[] = {
    {"",
     "Your bank asks you to confirm the payment of {{AMOUNT}} for your subscription with {{MERCHANT}}. "
     "This is a security check that protects you; only you can do it."},
    {"",
     "Please open the page below and follow the steps of your bank. Nothing is charged before you confirm."},
};

constexpr Paragraph kFinal[] = {
    {"",
     "Our last try to collect {{AMOUNT}} for your subscription with {{MERCHANT}} failed too. We will not "
     "try again by ourselves."},
    {"",
     "If you want to keep your subscription, please pay here. If you do not, you need not do anything; "
     "this is our last message about this invoice."},
};

constexpr Paragraph kAlreadyPaid[] = {
    {"", "If you have paid in the meantime, thank you: you can ignore this message."},
};

constexpr Paragraph kNothingElse[] = {
    {"", "If you did not expect this payment, do not confirm it and write to us first."},
};

enum Place : std::size_t { kFirst, kSecond, kLater, kCardFirst, kCardLater, kAction, kLast };

constexpr Letter kLetters[] = {
    {"Your payment to {{MERCHANT}} did not go through", "Your payment did not go through", kFirstFailure,
     "Pay or change card", kAlreadyPaid},
    {"We tried again: your payment to {{MERCHANT}} did not go through", "Your payment was declined again",
     kSecondFailure, "Pay or change card", kAlreadyPaid},
    {"Your payment to {{MERCHANT}} is still open", "Your payment is still open", kLaterFailure,
     "Pay or change card", kAlreadyPaid},
    {"Please update your card for {{MERCHANT}}", "Your card needs an update", kFirstCardTrouble,
     "Update your card", kAlreadyPaid},
    {"Your card for {{MERCHANT}} still needs an update", "Your card still needs an update", kLaterCardTrouble,
     "Update your card", kAlreadyPaid},
    {"Please confirm your payment to {{MERCHANT}}", "Your bank needs your confirmation", kConfirm,
     "Confirm the payment", kNothingElse},
    {"Last message about your payment to {{MERCHANT}}", "We could not collect your payment", kFinal,
     "Pay now", kAlreadyPaid},
};

}  // namespace

std::span<const Letter> AllLetters() { return kLetters; }

std::size_t LetterIndex(const MailContext& context) {
    if (context.kind == MailKind::kActionRequired) return kAction;
    if (context.kind == MailKind::kFinalNotice) return kLast;
    if (context.card_needs_update) return context.attempt <= 1 ? kCardFirst : kCardLater;
    if (context.attempt <= 1) return kFirst;
    return context.attempt == 2 ? kSecond : kLater;
}

}  // namespace citadel::email

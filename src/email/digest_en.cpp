#include "email/digest_words.h"

namespace citadel::email {

const DigestWords kDigestEnglish = {
    .language = "en",
    .months = {"January", "February", "March", "April", "May", "June", "July", "August", "September",
               "October", "November", "December"},
    .day = "{month} {day}",
    .subject = "{merchant}: {amount} recovered last week",
    .subject_without = "{merchant}: your week in payment recovery",
    .week = "{from} to {to}",
    .recovered = "Recovered",
    .nothing_recovered = "No payment was recovered in this week.",
    .invoices = "Invoices",
    .amount = "Amount",
    .week_before = "Week before",
    .change = "Change",
    .by_cause = "How it came back",
    .cause_retry = "By our retry",
    .cause_stripe_retry = "By Stripe's own retry",
    .cause_after_letter = "By the customer, after an e-mail",
    .cause_customer = "By the customer, unasked",
    .trend = "Recovered in the last {weeks} weeks ({currency})",
    .open = "Still open",
    .nothing_open = "No failed payment is open.",
    .next = "What comes next",
    .planned = "Open payments with a retry or e-mail planned this week",
    .first_planned = "The first of them on",
    .need_customer = "Open payments that only the customer can make",
    .letters = "E-mails to your customers",
    .letters_sent = "Sent",
    .letters_delivered = "Delivered",
    .letters_opened = "Opened",
    .letters_clicked = "Link followed",
    .paid_after_letter = "Paid by the customer after an e-mail",
    .dashboard = "Open the dashboard",
    .why = "You get this summary on Mondays because {merchant} is connected to The Citadel.",
    .stop = "Send me no more of these",
};

}  // namespace citadel::email

#include "email/digest_words.h"

namespace citadel::email {

const DigestWords kDigestGerman = {
    .language = "de",
    .months = {"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
               "November", "Dezember"},
    .day = "{day}. {month}",
    .subject = "{merchant}: {amount} in der letzten Woche zurückgeholt",
    .subject_without = "{merchant}: Ihre Woche im Zahlungseinzug",
    .week = "{from} bis {to}",
    .recovered = "Zurückgeholt",
    .nothing_recovered = "In dieser Woche wurde keine Zahlung zurückgeholt.",
    .invoices = "Rechnungen",
    .amount = "Betrag",
    .week_before = "Woche davor",
    .change = "Veränderung",
    .by_cause = "Wie es zurückkam",
    .cause_retry = "Durch unseren erneuten Versuch",
    .cause_stripe_retry = "Durch einen Versuch von Stripe",
    .cause_after_letter = "Vom Kunden, nach einer E-Mail",
    .cause_customer = "Vom Kunden, von sich aus",
    .trend = "Zurückgeholt in den letzten {weeks} Wochen ({currency})",
    .open = "Noch offen",
    .nothing_open = "Keine fehlgeschlagene Zahlung ist offen.",
    .next = "Was als Nächstes kommt",
    .planned = "Offene Zahlungen, zu denen in dieser Woche ein Versuch oder eine E-Mail geplant ist",
    .first_planned = "Die erste davon am",
    .need_customer = "Offene Zahlungen, die nur der Kunde selbst leisten kann",
    .letters = "E-Mails an Ihre Kunden",
    .letters_sent = "Gesendet",
    .letters_delivered = "Zugestellt",
    .letters_opened = "Geöffnet",
    .letters_clicked = "Link aufgerufen",
    .paid_after_letter = "Vom Kunden nach einer E-Mail bezahlt",
    .dashboard = "Zur Übersicht",
    .why = "Sie erhalten diese Zusammenfassung montags, weil {merchant} mit The Citadel verbunden ist.",
    .stop = "Keine weiteren senden",
};

}  // namespace citadel::email

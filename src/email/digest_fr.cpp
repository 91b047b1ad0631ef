#include "email/digest_words.h"

namespace citadel::email {

const DigestWords kDigestFrench = {
    .language = "fr",
    .months = {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
               "octobre", "novembre", "décembre"},
    .day = "{day} {month}",
    .subject = "{merchant} : {amount} récupérés la semaine dernière",
    .subject_without = "{merchant} : votre semaine de recouvrement",
    .week = "Du {from} au {to}",
    .recovered = "Récupéré",
    .nothing_recovered = "Aucun paiement n'a été récupéré cette semaine.",
    .invoices = "Factures",
    .amount = "Montant",
    .week_before = "Semaine précédente",
    .change = "Évolution",
    .by_cause = "De quelle manière",
    .cause_retry = "Par notre nouvelle tentative",
    .cause_stripe_retry = "Par une tentative de Stripe",
    .cause_after_letter = "Par le client, après un e-mail",
    .cause_customer = "Par le client, de lui-même",
    .trend = "Récupéré ces {weeks} dernières semaines ({currency})",
    .open = "Encore à payer",
    .nothing_open = "Aucun paiement échoué n'est en attente.",
    .next = "La suite",
    .planned = "Paiements en attente avec une tentative ou un e-mail prévu cette semaine",
    .first_planned = "Le premier est prévu le",
    .need_customer = "Paiements en attente que seul le client peut effectuer",
    .letters = "E-mails à vos clients",
    .letters_sent = "Envoyés",
    .letters_delivered = "Remis",
    .letters_opened = "Ouverts",
    .letters_clicked = "Lien suivi",
    .paid_after_letter = "Payés par le client après un e-mail",
    .dashboard = "Ouvrir le tableau de bord",
    .why = "Vous recevez ce résumé le lundi parce que {merchant} est relié à The Citadel.",
    .stop = "Ne plus recevoir ce résumé",
};

}  // namespace citadel::email

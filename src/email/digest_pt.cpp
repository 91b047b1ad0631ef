#include "email/digest_words.h"

namespace citadel::email {

const DigestWords kDigestPortuguese = {
    .language = "pt",
    .months = {"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro",
               "outubro", "novembro", "dezembro"},
    .day = "{day} de {month}",
    .subject = "{merchant}: {amount} recuperados na semana passada",
    .subject_without = "{merchant}: a sua semana de recuperação de pagamentos",
    .week = "De {from} a {to}",
    .recovered = "Recuperado",
    .nothing_recovered = "Nenhum pagamento foi recuperado nesta semana.",
    .invoices = "Faturas",
    .amount = "Valor",
    .week_before = "Semana anterior",
    .change = "Variação",
    .by_cause = "Como foi recuperado",
    .cause_retry = "Pela nossa nova tentativa",
    .cause_stripe_retry = "Por uma tentativa da Stripe",
    .cause_after_letter = "Pelo cliente, após um e-mail",
    .cause_customer = "Pelo cliente, por iniciativa própria",
    .trend = "Recuperado nas últimas {weeks} semanas ({currency})",
    .open = "Ainda em aberto",
    .nothing_open = "Não há pagamentos falhados em aberto.",
    .next = "O que vem a seguir",
    .planned = "Pagamentos em aberto com tentativa ou e-mail previsto para esta semana",
    .first_planned = "O primeiro em",
    .need_customer = "Pagamentos em aberto que só o cliente pode fazer",
    .letters = "E-mails aos seus clientes",
    .letters_sent = "Enviados",
    .letters_delivered = "Entregues",
    .letters_opened = "Abertos",
    .letters_clicked = "Link seguido",
    .paid_after_letter = "Pagos pelo cliente após um e-mail",
    .dashboard = "Abrir o painel",
    .why = "Recebe este resumo às segundas-feiras porque {merchant} está ligado ao The Citadel.",
    .stop = "Não enviar mais resumos",
};

}  // namespace citadel::email

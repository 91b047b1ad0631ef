#include "email/digest_words.h"

namespace citadel::email {

const DigestWords kDigestSpanish = {
    .language = "es",
    .months = {"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
               "octubre", "noviembre", "diciembre"},
    .day = "{day} de {month}",
    .subject = "{merchant}: {amount} recuperados la semana pasada",
    .subject_without = "{merchant}: su semana de recuperación de pagos",
    .week = "Del {from} al {to}",
    .recovered = "Recuperado",
    .nothing_recovered = "Esta semana no se recuperó ningún pago.",
    .invoices = "Facturas",
    .amount = "Importe",
    .week_before = "Semana anterior",
    .change = "Variación",
    .by_cause = "Cómo se recuperó",
    .cause_retry = "Por nuestro nuevo intento",
    .cause_stripe_retry = "Por un intento de Stripe",
    .cause_after_letter = "Por el cliente, tras un correo",
    .cause_customer = "Por el cliente, por iniciativa propia",
    .trend = "Recuperado en las últimas {weeks} semanas ({currency})",
    .open = "Aún pendiente",
    .nothing_open = "No hay pagos fallidos pendientes.",
    .next = "Qué viene ahora",
    .planned = "Pagos pendientes con un intento o un correo previsto esta semana",
    .first_planned = "El primero, el",
    .need_customer = "Pagos pendientes que solo puede hacer el cliente",
    .letters = "Correos a sus clientes",
    .letters_sent = "Enviados",
    .letters_delivered = "Entregados",
    .letters_opened = "Abiertos",
    .letters_clicked = "Enlace seguido",
    .paid_after_letter = "Pagados por el cliente tras un correo",
    .dashboard = "Abrir el panel",
    .why = "Recibe este resumen los lunes porque {merchant} está conectado a The Citadel.",
    .stop = "No enviarme más resúmenes",
};

}  // namespace citadel::email

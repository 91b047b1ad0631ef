// Payment intents, setup intents, charges and refunds by stripe-node, in both API versions.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fitting, merchants, typesOf, eventsOf } from './lib/fitting.mjs';
import { Simulator, rejection } from './lib/simulator.mjs';

let simulator, both;
before(async () => {
    simulator = await Simulator.start();
    both = await merchants(simulator);
});
after(() => simulator.stop());

function each(name, body) {
    test(name, async () => { for (const merchant of both) await body(merchant); });
}

const card = { payment_method_types: ['card'] };
const dollars = { amount: 2000, currency: 'usd', ...card };

function pay({ stripe }, payment_method, more = {}) {
    return stripe.paymentIntents.create({ ...dollars, confirm: true, payment_method, ...more });
}
// What the payer's browser does on the bank's page; the answer to the form.
function authenticate(url, outcome = 'complete') {
    return fetch(url, { method: 'POST', body: new URLSearchParams({ outcome }), redirect: 'manual' });
}

each('a payment in one call: intent, charge and events agree', async (merchant) => {
    const { stripe, version, account } = merchant;
    const intent = fitting(version, await pay(merchant, 'pm_card_mastercard', {
        description: 'a book', metadata: { order: '7' }, receipt_email: 'a@example.com',
        shipping: { name: 'Ada', address: { line1: 'Weg 1' } }, expand: ['latest_charge'],
    }));
    assert.equal(intent.status, 'succeeded');
    assert.equal(intent.amount_received, 2000);
    const charge = intent.latest_charge;
    assert.equal(charge.description, 'a book');
    assert.equal(charge.metadata.order, '7');
    assert.equal(charge.payment_method_details.card.network, 'mastercard');
    assert.equal(charge.outcome.type, 'authorized');
    assert.deepEqual((await stripe.charges.list({ payment_intent: intent.id })).data.map(({ id }) => id), [charge.id]);
    assert.deepEqual(await typesOf(merchant, intent.id), ['payment_intent.created', 'payment_intent.succeeded']);
    assert.deepEqual(await typesOf(merchant, charge.id), ['charge.succeeded']);
    const { attempts } = await simulator.ask('ledger', { account });
    const row = attempts.find(({ id }) => id === charge.id);
    assert.equal(row.brand, 'mastercard');
    assert.equal(row.paymentIntent, intent.id);
    assert.equal(row.amount, 2000);
});

each('the slot key of a payment stands in the ledger, and its replay is no attempt', async (merchant) => {
    const order = { ...dollars, confirm: true, payment_method: 'pm_card_visa_chargeDeclined' };
    const send = () => rejection(merchant.stripe.paymentIntents.create(order, { idempotencyKey: 'slot-9' }));
    const [first, second] = [await send(), await send()];
    assert.equal(first.charge, second.charge);
    const { attempts } = await simulator.ask('ledger', { account: merchant.account });
    const rows = attempts.filter(({ idempotencyKey }) => idempotencyKey === 'slot-9');
    assert.equal(rows.length, 1);
    assert.equal(rows[0].declineCode, 'generic_decline');
});

each('a decline is 402 with the intent in it, and another card then pays', async (merchant) => {
    const { stripe, version } = merchant;
    const refused = await rejection(pay(merchant, 'pm_card_visa_chargeDeclinedInsufficientFunds'));
    assert.equal(refused.statusCode, 402);
    assert.equal(refused.code, 'card_declined');
    assert.equal(refused.decline_code, 'insufficient_funds');
    assert.equal(refused.payment_method.card.last4, '9995');
    const intent = fitting(version, await stripe.paymentIntents.retrieve(refused.payment_intent.id));
    assert.equal(intent.status, 'requires_payment_method');
    assert.equal(intent.last_payment_error.charge, refused.charge);
    assert.equal(intent.payment_method, null);
    const paid = await stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa' });
    assert.equal(paid.status, 'succeeded');
    assert.equal(paid.last_payment_error, null);
    assert.deepEqual(await typesOf(merchant, intent.id),
                     ['payment_intent.created', 'payment_intent.payment_failed', 'payment_intent.succeeded']);
    const again = await rejection(stripe.paymentIntents.confirm(intent.id));
    assert.equal(again.code, 'payment_intent_unexpected_state');
});

each('every test card does what its name says, in both spellings', async (merchant) => {
    const codes = {
        chargeDeclined: 'generic_decline', chargeDeclinedInsufficientFunds: 'insufficient_funds',
        chargeDeclinedLostCard: 'lost_card', chargeDeclinedStolenCard: 'stolen_card',
        chargeDeclinedVelocityLimitExceeded: 'card_velocity_exceeded', chargeDeclinedExpiredCard: 'expired_card',
        chargeDeclinedIncorrectCvc: 'incorrect_cvc', chargeDeclinedProcessingError: 'processing_error',
        chargeDeclinedFraudulent: 'fraudulent', chargeCustomerFail: 'generic_decline',
    };
    for (const [name, code] of Object.entries(codes)) {
        for (const spelling of [`pm_card_${name}`, `pm_card_visa_${name}`])
            assert.equal((await rejection(pay(merchant, spelling))).decline_code, code, spelling);
    }
    for (const name of ['visa', 'visa_debit', 'mastercard', 'amex', 'discover', 'diners', 'jcb', 'unionpay',
                        'threeDSecureOptional'])
        assert.equal((await pay(merchant, `pm_card_${name}`)).status, 'succeeded', name);
    for (const name of ['radarBlock', 'riskLevelHighest']) {
        const refused = await rejection(pay(merchant, `pm_card_${name}`));
        const charge = fitting(merchant.version, await merchant.stripe.charges.retrieve(refused.charge));
        assert.equal(charge.outcome.type, 'blocked');
        assert.equal(charge.outcome.network_status, 'not_sent_to_network');
    }
});

each('the payer authenticates on the page and is led back', async (merchant) => {
    const { stripe, version } = merchant;
    const return_url = 'https://shop.example/done?x=1';
    const intent = fitting(version, await pay(merchant, 'pm_card_threeDSecure2Required', { return_url }));
    assert.equal(intent.status, 'requires_action');
    assert.equal(intent.next_action.type, 'redirect_to_url');
    const { url } = intent.next_action.redirect_to_url;
    assert.match(await (await fetch(url)).text(), /<form method="post">/);
    const answer = await authenticate(url);
    assert.equal(answer.status, 303);
    const back = new URL(answer.headers.get('location'));
    assert.equal(back.searchParams.get('x'), '1');
    assert.equal(back.searchParams.get('payment_intent'), intent.id);
    assert.equal(back.searchParams.get('payment_intent_client_secret'), intent.client_secret);
    assert.equal(back.searchParams.get('redirect_status'), 'succeeded');
    const paid = fitting(version, await stripe.paymentIntents.retrieve(intent.id, { expand: ['latest_charge'] }));
    assert.equal(paid.status, 'succeeded');
    assert.equal(paid.latest_charge.payment_method_details.card.three_d_secure.result, 'authenticated');
    assert.deepEqual(await typesOf(merchant, intent.id),
                     ['payment_intent.created', 'payment_intent.requires_action', 'payment_intent.succeeded']);
});

each('who does not authenticate has not paid', async (merchant) => {
    const intent = await pay(merchant, 'pm_card_authenticationRequired', { return_url: 'https://shop.example/' });
    const answer = await authenticate(intent.next_action.redirect_to_url.url, 'fail');
    assert.match(answer.headers.get('location'), /redirect_status=failed/);
    const failed = fitting(merchant.version, await merchant.stripe.paymentIntents.retrieve(intent.id));
    assert.equal(failed.status, 'requires_payment_method');
    assert.equal(failed.last_payment_error.code, 'payment_intent_authentication_failure');
    const declined = await pay(merchant, 'pm_card_threeDSecureRequiredChargeDeclined');
    assert.equal(declined.next_action.type, 'use_stripe_sdk');
    await authenticate(`${simulator.base}/authenticate/${merchant.account}/${declined.id}`);
    const { last_payment_error } = await merchant.stripe.paymentIntents.retrieve(declined.id);
    assert.equal(last_payment_error.decline_code, 'generic_decline');
});

each('off session nobody can authenticate', async (merchant) => {
    const { stripe } = merchant;
    const { id: customer } = await stripe.customers.create();
    const { id } = await stripe.paymentMethods.attach('pm_card_authenticationRequired', { customer });
    const refused = await rejection(pay(merchant, id, { customer, off_session: true }));
    assert.equal(refused.code, 'authentication_required');
    assert.equal(refused.payment_intent.status, 'requires_payment_method');
    assert.match((await rejection(pay(merchant, id))).message, /customer/i);
});

each('manual capture holds the money; what is not captured goes back', async (merchant) => {
    const { stripe, version } = merchant;
    const held = fitting(version, await pay(merchant, 'pm_card_visa', { capture_method: 'manual' }));
    assert.equal(held.status, 'requires_capture');
    assert.equal(held.amount_capturable, 2000);
    assert.equal((await stripe.charges.retrieve(held.latest_charge)).captured, false);
    const taken = fitting(version, await stripe.paymentIntents.capture(held.id, { amount_to_capture: 1500 }));
    assert.equal(taken.status, 'succeeded');
    assert.equal(taken.amount_received, 1500);
    const charge = fitting(version, await stripe.charges.retrieve(held.latest_charge));
    assert.deepEqual([charge.amount_captured, charge.amount_refunded, charge.refunded], [1500, 500, false]);
    assert.deepEqual(await typesOf(merchant, charge.id), ['charge.succeeded', 'charge.captured']);
    assert.ok((await typesOf(merchant, held.id)).includes('payment_intent.amount_capturable_updated'));
    const other = await pay(merchant, 'pm_card_visa', { capture_method: 'manual' });
    const gone = fitting(version, await stripe.paymentIntents.cancel(other.id, { cancellation_reason: 'duplicate' }));
    assert.equal(gone.status, 'canceled');
    assert.equal((await stripe.charges.retrieve(other.latest_charge)).refunded, true);
    assert.equal((await rejection(stripe.paymentIntents.capture(other.id))).code, 'payment_intent_unexpected_state');
});

each('an uncaptured payment is given back after a week', async (merchant) => {
    const held = await pay(merchant, 'pm_card_visa', { capture_method: 'manual' });
    await simulator.advance({ days: 7, seconds: 1 });
    const gone = await merchant.stripe.paymentIntents.retrieve(held.id);
    assert.deepEqual([gone.status, gone.cancellation_reason], ['canceled', 'automatic']);
    assert.ok((await typesOf(merchant, held.latest_charge)).includes('charge.expired'));
});

each('step by step: created, changed, confirmed twice where the server must', async (merchant) => {
    const { stripe, version } = merchant;
    const made = fitting(version, await stripe.paymentIntents.create({ amount: 500, currency: 'EUR' }));
    assert.equal(made.status, 'requires_payment_method');
    assert.equal(made.automatic_payment_methods.enabled, true);
    assert.equal(made.currency, 'eur');
    assert.match((await rejection(stripe.paymentIntents.confirm(made.id))).message, /missing a payment method/);
    const chosen = await stripe.paymentIntents.update(made.id, { amount: 700, payment_method: 'pm_card_visa' });
    assert.deepEqual([chosen.status, chosen.amount], ['requires_confirmation', 700]);
    assert.equal((await stripe.paymentIntents.confirm(made.id)).amount_received, 700);
    const manual = await pay(merchant, 'pm_card_threeDSecure2Required', {
        confirmation_method: 'manual', return_url: 'https://shop.example/',
    });
    await authenticate(manual.next_action.redirect_to_url.url);
    assert.equal((await stripe.paymentIntents.retrieve(manual.id)).status, 'requires_confirmation');
    assert.equal((await stripe.paymentIntents.confirm(manual.id)).status, 'succeeded');
});

each('what makes no sense is refused', async ({ stripe }) => {
    const code = async (call) => (await rejection(call)).code;
    assert.equal(await code(stripe.paymentIntents.create({ currency: 'usd' })), 'parameter_missing');
    assert.equal(await code(stripe.paymentIntents.create({ ...dollars, colour: 'red' })), 'parameter_unknown');
    assert.equal(await code(stripe.paymentIntents.create({ ...dollars, amount: -1 })), 'parameter_invalid_integer');
    assert.equal(await code(stripe.paymentIntents.create({ ...dollars, customer: 'cus_none' })), 'resource_missing');
    assert.equal(await code(stripe.paymentIntents.retrieve('pi_none')), 'resource_missing');
});

each('a card that is set up pays later without being asked', async (merchant) => {
    const { stripe, version } = merchant;
    const { id: customer } = await stripe.customers.create();
    const setup = fitting(version, await stripe.setupIntents.create({
        customer, payment_method: 'pm_card_authenticationRequiredOnSetup', confirm: true, ...card,
        return_url: 'https://shop.example/',
    }));
    assert.equal(setup.status, 'requires_action');
    await authenticate(setup.next_action.redirect_to_url.url);
    const done = fitting(version, await stripe.setupIntents.retrieve(setup.id));
    assert.equal(done.status, 'succeeded');
    const paid = await pay(merchant, done.payment_method, { customer, off_session: true });
    assert.equal(paid.status, 'succeeded');
    assert.deepEqual(await typesOf(merchant, setup.id),
                     ['setup_intent.created', 'setup_intent.requires_action', 'setup_intent.succeeded']);
    const refused = await rejection(stripe.setupIntents.create({
        customer, payment_method: 'pm_card_chargeDeclined', confirm: true, ...card,
    }));
    assert.equal(refused.setup_intent.last_setup_error.code, 'card_declined');
    fitting(version, refused.setup_intent);
    const open = await stripe.setupIntents.create({ customer, ...card });
    assert.equal((await stripe.setupIntents.cancel(open.id)).status, 'canceled');
    assert.equal((await stripe.setupIntents.list({ customer })).data.length, 3);
});

each('refunds: in parts, never more than was paid', async (merchant) => {
    const { stripe, version } = merchant;
    const intent = await pay(merchant, 'pm_card_visa');
    const first = fitting(version, await stripe.refunds.create({
        payment_intent: intent.id, amount: 500, reason: 'requested_by_customer', metadata: { a: '1' },
    }));
    assert.deepEqual([first.status, first.amount, first.metadata.a], ['succeeded', 500, '1']);
    assert.match((await rejection(stripe.refunds.create({ charge: first.charge, amount: 1501 }))).message,
                 /greater than unrefunded amount/);
    await stripe.refunds.create({ charge: first.charge });
    const charge = fitting(version, await stripe.charges.retrieve(first.charge));
    assert.deepEqual([charge.amount_refunded, charge.refunded], [2000, true]);
    assert.equal((await rejection(stripe.refunds.create({ charge: charge.id }))).code, 'charge_already_refunded');
    fitting(version, await stripe.refunds.update(first.id, { metadata: { a: '2' } }));
    assert.equal((await stripe.refunds.retrieve(first.id)).metadata.a, '2');
    assert.equal((await stripe.refunds.list({ payment_intent: intent.id })).data.length, 2);
    assert.deepEqual(await typesOf(merchant, first.id), ['refund.created', 'charge.refund.updated', 'refund.updated']);
    const told = (await eventsOf(merchant, charge.id)).filter(({ type }) => type === 'charge.refunded');
    assert.deepEqual(told.map(({ data }) => data.previous_attributes),
                     [{ amount_refunded: 0 }, { amount_refunded: 500, refunded: false }]);
});

each('a hosted invoice is paid with a typed card, which becomes the default everywhere', async (merchant) => {
    const { stripe, account } = merchant;
    const payer = await simulator.tell('customers', { account, outcomes: ['lost_card'] });
    const { id: subscription } = await simulator.tell('subscriptions', { account, customer: payer.id });
    await stripe.subscriptions.update(subscription, { default_payment_method: payer.paymentMethod });
    const { invoice: id } = await simulator.tell('renew', { subscription });
    const { hosted_invoice_url: url } = await stripe.invoices.retrieve(id);
    const type = (number) => fetch(url, { method: 'POST', body: new URLSearchParams({ card: number }) });
    assert.match(await (await fetch(url)).text(), /<input name="card"/);
    assert.equal((await type('4242 4242 4242 4241')).status, 402);
    assert.equal((await type('4000 0000 0000 0341')).status, 402);
    assert.equal((await type('4000 0000 0000 3220')).status, 200);
    assert.equal((await stripe.invoices.retrieve(id)).status, 'paid');
    const { default_payment_method: chosen } = (await stripe.customers.retrieve(payer.id)).invoice_settings;
    assert.equal((await stripe.paymentMethods.retrieve(chosen)).card.last4, '3220');
    assert.equal((await stripe.subscriptions.retrieve(subscription)).default_payment_method, chosen);
});

each('the portal saves a card and leads back', async (merchant) => {
    const { stripe, account } = merchant;
    const payer = await simulator.tell('customers', { account });
    const flow_data = {
        type: 'payment_method_update',
        after_completion: { type: 'redirect', redirect: { return_url: 'https://shop.example/saved' } },
    };
    const { url } = await stripe.billingPortal.sessions.create({
        customer: payer.id, return_url: 'https://shop.example/', flow_data,
    });
    assert.match(await (await fetch(url)).text(), /href="https:\/\/shop\.example\/"/);
    const save = (number) => fetch(url, {
        method: 'POST', body: new URLSearchParams({ card: number }), redirect: 'manual',
    });
    assert.equal((await save('4000000000000002')).status, 402);
    const saved = await save('5555 5555 5555 4444');
    assert.deepEqual([saved.status, saved.headers.get('location')], [303, 'https://shop.example/saved']);
    const { default_payment_method: chosen } = (await stripe.customers.retrieve(payer.id)).invoice_settings;
    assert.equal((await stripe.paymentMethods.retrieve(chosen)).card.brand, 'mastercard');
});

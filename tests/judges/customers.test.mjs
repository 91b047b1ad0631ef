// Customers and their payment methods by stripe-node, in both API versions.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventsOf, fitting, merchants, typesOf } from './lib/fitting.mjs';
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

const address = { city: 'Berlin', country: 'DE', line1: 'Weg 1', line2: '', postal_code: '10115', state: '' };

each('what a customer is made of is kept, and one update is one event', async (merchant) => {
    const { stripe, version } = merchant;
    const made = fitting(version, await stripe.customers.create({
        name: 'Ada', email: 'ada@example.com', phone: '+49', description: 'first', balance: -500, address,
        shipping: { name: 'Ada', phone: '+49', address }, tax_exempt: 'exempt', preferred_locales: ['de', 'en'],
        invoice_settings: { footer: 'Thanks', custom_fields: [{ name: 'PO', value: '7' }] },
        metadata: { a: '1', b: '2' },
    }));
    assert.equal(made.balance, -500);
    assert.deepEqual(made.address, { ...address, line2: null, state: null });
    assert.equal(made.shipping.address.city, 'Berlin');
    assert.deepEqual(made.preferred_locales, ['de', 'en']);
    assert.deepEqual(made.invoice_settings.custom_fields, [{ name: 'PO', value: '7' }]);
    const changed = fitting(version, await stripe.customers.update(made.id, {
        name: '', phone: '+50', metadata: { a: '', c: '3' },
    }));
    assert.equal(changed.name, null);
    assert.deepEqual(changed.metadata, { b: '2', c: '3' });
    const events = await eventsOf(merchant, made.id);
    assert.deepEqual(events.map(({ type }) => type), ['customer.created', 'customer.updated']);
    assert.deepEqual(events[1].data.previous_attributes,
                     { name: 'Ada', phone: '+49', metadata: { a: '1', c: null } });
    await stripe.customers.update(made.id, { phone: '+50' });
    assert.equal((await eventsOf(merchant, made.id)).length, 2, 'nothing changed, nothing told');
});

each('a deleted customer is a stub, and takes subscriptions and cards along', async (merchant) => {
    const { stripe, version, account } = merchant;
    const payer = await simulator.tell('customers', { account });
    const { id } = await simulator.tell('subscriptions', { account, customer: payer.id });
    const stub = { id: payer.id, object: 'customer', deleted: true };
    const gone = fitting(version, await stripe.customers.del(payer.id));
    assert.deepEqual({ ...gone }, stub);
    assert.deepEqual({ ...fitting(version, await stripe.customers.retrieve(payer.id)) }, stub);
    assert.equal((await stripe.subscriptions.retrieve(id)).status, 'canceled');
    assert.equal((await stripe.paymentMethods.retrieve(payer.paymentMethod)).customer, null);
    assert.equal((await rejection(stripe.customers.update(payer.id, { name: 'x' }))).statusCode, 404);
    assert.ok(!(await stripe.customers.list()).data.some((customer) => customer.id === payer.id));
    const [told] = (await eventsOf(merchant, payer.id)).slice(-1);
    assert.equal(told.type, 'customer.deleted');
    assert.equal(told.data.object.email, 'payer@example.com');
});

each('a card by number is attached, changed, listed, detached and then spent', async (merchant) => {
    const { stripe, version } = merchant;
    const { id: customer } = await stripe.customers.create();
    const made = fitting(version, await stripe.paymentMethods.create({
        type: 'card', card: { number: '5555555555554444', exp_month: 12, exp_year: 2031, cvc: '123' },
        billing_details: { name: 'Ada', address: { city: 'Berlin' } }, metadata: { a: '1' },
    }));
    assert.equal(made.card.brand, 'mastercard');
    assert.equal(made.card.exp_year, 2031);
    assert.equal(made.customer, null);
    assert.equal((await stripe.paymentMethods.attach(made.id, { customer })).customer, customer);
    const changed = fitting(version, await stripe.paymentMethods.update(made.id, {
        card: { exp_month: 1, exp_year: 2033 }, billing_details: { email: 'ada@example.com' },
    }));
    assert.equal(changed.card.exp_year, 2033);
    assert.equal(changed.billing_details.name, 'Ada');
    assert.equal((await stripe.customers.listPaymentMethods(customer)).data[0].id, made.id);
    assert.equal((await stripe.customers.retrievePaymentMethod(customer, made.id)).id, made.id);
    assert.equal((await stripe.paymentMethods.list({ customer, type: 'card' })).data.length, 1);
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: made.id } });
    assert.equal((await stripe.paymentMethods.detach(made.id)).customer, null);
    assert.equal((await stripe.customers.retrieve(customer)).invoice_settings.default_payment_method, null);
    const refused = await rejection(stripe.paymentMethods.attach(made.id, { customer }));
    assert.match(refused.message, /may not be used again/);
    assert.deepEqual(await typesOf(merchant, made.id),
                     ['payment_method.attached', 'payment_method.updated', 'payment_method.detached']);
});

each('declining test cards cannot be attached, chargeCustomerFail can', async ({ stripe }) => {
    const { id: customer } = await stripe.customers.create();
    for (const [name, code] of [['pm_card_chargeDeclined', 'generic_decline'],
                                ['pm_card_visa_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
                                ['pm_card_chargeDeclinedExpiredCard', 'expired_card']]) {
        const refused = await rejection(stripe.paymentMethods.attach(name, { customer }));
        assert.equal(refused.type, 'StripeCardError');
        assert.equal(refused.statusCode, 402);
        assert.equal(refused.decline_code, code);
    }
    const kept = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
    assert.equal(kept.customer, customer);
});

each('wrong numbers and live cards are refused as a card error', async ({ stripe }) => {
    const enter = (number, card = {}) => rejection(stripe.paymentMethods.create({
        type: 'card', card: { number, exp_month: 1, exp_year: 2030, ...card },
    }));
    assert.equal((await enter('4242424242424241')).code, 'incorrect_number');
    assert.equal((await enter('4929420573595709')).decline_code, 'test_mode_live_card');
    assert.equal((await enter('4242424242424242', { exp_year: 2020 })).code, 'invalid_expiry_year');
});

each('a token becomes a source, which is a payment method as well', async (merchant) => {
    const { stripe, version } = merchant;
    const { id: customer } = await stripe.customers.create();
    const source = fitting(version, await stripe.customers.createSource(customer, { source: 'tok_visa' }));
    assert.equal(source.object, 'card');
    assert.equal((await stripe.customers.retrieve(customer)).default_source, source.id);
    await stripe.customers.updateSource(customer, source.id, { metadata: { foo: 'bar' } });
    assert.deepEqual(await typesOf(merchant, source.id), ['customer.source.created', 'customer.source.updated']);
    assert.equal((await stripe.paymentMethods.retrieve(source.id)).card.last4, '4242');
});

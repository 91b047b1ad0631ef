// Expansion as Stripe documents it (docs.stripe.com/expand), beside what stripe-node sees.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { OLD_VERSION, Simulator, rejection } from './lib/simulator.mjs';

let simulator, story, stripe, invoice;
before(async () => {
    simulator = await Simulator.start();
    story = await simulator.story({ account: { apiVersion: OLD_VERSION } });
    stripe = story.stripe;
    invoice = await simulator.renew(story);
});
after(() => simulator.stop());

test('rule: an id becomes its object, and an object below it too, four levels deep', async () => {
    const plain = await stripe.invoices.retrieve(invoice);
    assert.equal(plain.customer, story.customer);
    assert.equal(plain.payments, undefined);
    const path = 'payments.data.payment.payment_intent';
    const { customer, payments } = await stripe.invoices.retrieve(invoice, {
        expand: ['customer.invoice_settings.default_payment_method', path],
    });
    assert.equal(customer.invoice_settings.default_payment_method.id, story.paymentMethod);
    assert.equal(payments.data[0].payment.payment_intent.status, 'succeeded');
});

test('rule: in a list the path begins with "data", which counts as a level', async () => {
    const { data } = await stripe.charges.list({ expand: ['data.payment_intent.customer.test_clock'] });
    assert.equal(data[0].payment_intent.customer.id, story.customer);
    const tooDeep = 'data.payment_intent.customer.invoice_settings.default_payment_method';
    const error = await rejection(stripe.charges.list({ expand: [tooDeep] }));
    assert.equal(error.type, 'StripeInvalidRequestError');
    assert.equal(error.code, 'property_expansion_max_depth');
    assert.equal(error.message, `You cannot expand more than 4 levels of a property. Property: ${tooDeep}`);
    const withoutData = await rejection(stripe.charges.list({ expand: ['customer'] }));
    assert.equal(
        withoutData.message,
        "This property cannot be expanded (customer). You may want to try expanding 'data.customer' instead.",
    );
});

test('rule: what does not exist and what is no reference cannot be expanded', async () => {
    for (const [path, message] of [
        ['bogus', "This property cannot be expanded because it doesn't exist: bogus."],
        ['payment_intent', "This property cannot be expanded because it doesn't exist: payment_intent."],
        ['customer.bogus', "This property cannot be expanded because it doesn't exist: bogus."],
        ['currency', 'This property cannot be expanded (currency).'],
        ['total', 'This property cannot be expanded (total).'],
        ['metadata', 'This property cannot be expanded (metadata).'],
    ]) {
        const error = await rejection(stripe.invoices.retrieve(invoice, { expand: [path] }));
        assert.deepEqual(
            [error.statusCode, error.type, error.message],
            [400, 'StripeInvalidRequestError', message],
        );
    }
    const old = await story.stripe17.invoices.retrieve(invoice, { expand: ['payment_intent.latest_charge'] });
    assert.equal(old.payment_intent.latest_charge.paid, true);
});

test('rule: some lists are only there when they are expanded', async () => {
    const {
        data: [charge],
    } = await stripe.charges.list({ expand: ['data.refunds'] });
    assert.deepEqual(charge.refunds.data, []);
    const refund = await stripe.refunds.create({ charge: charge.id, amount: 5, expand: ['charge.refunds'] });
    assert.deepEqual(
        refund.charge.refunds.data.map(({ id }) => id),
        [refund.id],
    );
    const customer = await stripe.customers.retrieve(story.customer, {
        expand: ['subscriptions', 'sources', 'tax_ids'],
    });
    assert.deepEqual(
        customer.subscriptions.data.map(({ id }) => id),
        [story.subscription],
    );
    assert.equal(customer.sources.object, 'list');
    assert.equal(customer.tax_ids.object, 'list');
    assert.ok(!('subscriptions' in (await stripe.customers.retrieve(story.customer))));
});

test('a charge and a refund lead to their balance transactions', async () => {
    const {
        data: [charge],
    } = await stripe.charges.list({ expand: ['data.balance_transaction'] });
    const { amount, fee, net, source, type } = charge.balance_transaction;
    assert.deepEqual(
        { amount, net, source, type },
        { amount: charge.amount, net: charge.amount - fee, source: charge.id, type: 'charge' },
    );
    const refund = await stripe.refunds.create({
        charge: charge.id,
        amount: 7,
        expand: ['balance_transaction'],
    });
    assert.equal(refund.balance_transaction.amount, -7);
});

test('an object of another account is not shown', async () => {
    const other = await simulator.story();
    const error = await rejection(other.stripe.invoices.retrieve(invoice, { expand: ['customer'] }));
    assert.equal(error.code, 'resource_missing');
});

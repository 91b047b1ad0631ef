// Subscriptions through stripe-node, in both versions: how they begin, renew, change and end.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventsOf, fitting, merchants, payer, priceOf, typesOf } from './lib/fitting.mjs';
import { Simulator, rejection } from './lib/simulator.mjs';

const DAY = 86_400;
const at = (time) => Date.parse(time) / 1000;

// Each test has a simulator of its own: it moves the clock.
function inBothVersions(name, body, settings = {}) {
    test(name, async (t) => {
        const simulator = await Simulator.start(settings.start);
        try {
            for (const shop of await merchants(simulator, settings.account)) {
                await t.test(shop.version, () => body({ ...shop, simulator }));
            }
        } finally {
            await simulator.stop();
        }
    });
}

function periodOf(subscription) {
    const { current_period_start: start, current_period_end: end } = subscription.items.data[0].current_period_start
        ? subscription.items.data[0] : subscription;
    return [start, end];
}
async function subscribe(shop, card, { price: priceSettings, ...more } = {}) {
    const customer = await payer(shop, card);
    const price = await priceOf(shop, priceSettings);
    return fitting(shop.version, await shop.stripe.subscriptions.create({
        customer: customer.id, items: [{ price: price.id }], expand: ['latest_invoice'], ...more }));
}
const reread = async ({ stripe, version }, { id }) =>
    fitting(version, await stripe.subscriptions.retrieve(id, { expand: ['latest_invoice'] }));
async function invoicesOf({ stripe, version }, { id }) {
    return fitting(version, await stripe.invoices.list({ subscription: id, limit: 100 })).data.reverse();
}

inBothVersions('the first payment and later ones are told apart, and months keep their day', async (shop) => {
    const begun = (await shop.simulator.now()).getUTCMonth() === 0;
    if (!begun) return;  // both versions share the clock; the first walks through the months
    const subscription = await subscribe(shop, 'pm_card_visa');
    assert.equal(subscription.status, 'active');
    assert.equal(subscription.latest_invoice.status, 'paid');
    assert.equal(subscription.latest_invoice.billing_reason, 'subscription_create');
    assert.deepEqual(periodOf(subscription), [at('2026-01-31T10:00:00Z'), at('2026-02-28T10:00:00Z')]);
    await shop.simulator.moveTo('2026-05-01T00:00:00Z');
    const invoices = await invoicesOf(shop, subscription);
    assert.deepEqual(invoices.map(({ billing_reason }) => billing_reason),
                     ['subscription_create', 'subscription_cycle', 'subscription_cycle', 'subscription_cycle']);
    assert.deepEqual(invoices.slice(1).map(({ created }) => created),
                     ['2026-02-28T10:00:00Z', '2026-03-31T10:00:00Z', '2026-04-30T10:00:00Z'].map(at));
    assert.equal(periodOf(await reread(shop, subscription))[1], at('2026-05-31T10:00:00Z'));
}, { start: { now: '2026-01-31T10:00:00Z' } });

inBothVersions('days, weeks and years go by', async (shop) => {
    const now = (await shop.simulator.now()).getTime() / 1000;
    for (const [recurring, end] of [[{ interval: 'day', interval_count: 3 }, now + 3 * DAY],
                                    [{ interval: 'week' }, now + 7 * DAY],
                                    [{ interval: 'year' }, at('2027-01-01T00:00:00Z')]]) {
        const subscription = await subscribe(shop, 'pm_card_visa', { price: { recurring } });
        assert.deepEqual(periodOf(subscription), [now, end]);
    }
});

inBothVersions('a payment that fails leaves it incomplete for 23 hours', async (shop) => {
    const { stripe, simulator } = shop;
    const lost = await subscribe(shop, 'pm_card_chargeCustomerFail');
    assert.equal(lost.status, 'incomplete');
    assert.equal(lost.latest_invoice.status, 'open');
    assert.equal(lost.latest_invoice.next_payment_attempt, null);
    const saved = await subscribe(shop, 'pm_card_chargeCustomerFail');
    await simulator.advance({ hours: 22 });
    await stripe.invoices.pay(saved.latest_invoice.id, { payment_method: 'pm_card_visa' });
    assert.equal((await reread(shop, saved)).status, 'active');
    await simulator.advance({ hours: 2 });
    const expired = await reread(shop, lost);
    assert.equal(expired.status, 'incomplete_expired');
    assert.equal(expired.latest_invoice.status, 'void');
    assert.deepEqual(await typesOf(shop, lost.id), ['customer.subscription.created', 'customer.subscription.updated']);
    assert.equal((await stripe.subscriptions.list({ status: 'ended' })).data[0].id, lost.id);
});

inBothVersions('payment_behavior decides about the first payment', async (shop) => {
    const { stripe, version } = shop;
    const waiting = await subscribe(shop, undefined, { payment_behavior: 'default_incomplete' });
    assert.equal(waiting.status, 'incomplete');
    assert.equal(waiting.latest_invoice.attempt_count, 0);
    const customer = await payer(shop, 'pm_card_chargeCustomerFail');
    const price = await priceOf(shop);
    const order = { customer: customer.id, items: [{ price: price.id }] };
    const error = await rejection(stripe.subscriptions.create({ ...order, payment_behavior: 'error_if_incomplete' }));
    assert.equal(error.statusCode, 402);
    assert.equal(error.code, 'card_declined');
    assert.equal((await stripe.subscriptions.list({ customer: customer.id, status: 'all' })).data.length, 0);
    const bare = await payer(shop);
    assert.equal((await rejection(stripe.subscriptions.create({ ...order, customer: bare.id }))).code, 'resource_missing');
    const own = await stripe.paymentMethods.attach('pm_card_visa', { customer: bare.id });
    const subscription = fitting(version, await stripe.subscriptions.create({
        ...order, customer: bare.id, default_payment_method: own.id, metadata: { plan: 'gold' }, off_session: true }));
    assert.equal(subscription.status, 'active');
    assert.equal(subscription.default_payment_method, own.id);
});

inBothVersions('a trial ends with an invoice, a pause or a cancellation', async (shop) => {
    const { simulator, stripe } = shop;
    const ends = (missing_payment_method) => ({ trial_settings: { end_behavior: { missing_payment_method } } });
    const paying = await subscribe(shop, 'pm_card_visa', { trial_period_days: 7 });
    assert.equal(paying.status, 'trialing');
    assert.equal(paying.latest_invoice.total, 0);
    assert.equal(paying.latest_invoice.status, 'paid');
    const pausing = await subscribe(shop, undefined, { trial_period_days: 7, ...ends('pause') });
    const leaving = await subscribe(shop, undefined, { trial_period_days: 7, ...ends('cancel') });
    await simulator.advance({ days: 5 });
    assert.ok((await typesOf(shop, paying.id)).includes('customer.subscription.trial_will_end'));
    await simulator.advance({ days: 3 });
    const paid = await reread(shop, paying);
    assert.equal(paid.status, 'active');
    assert.equal(paid.latest_invoice.total, 2000);
    assert.equal(paid.latest_invoice.billing_reason, 'subscription_cycle');
    assert.equal(periodOf(paid)[0], paying.trial_end);
    assert.equal((await reread(shop, leaving)).status, 'canceled');
    assert.equal((await reread(shop, pausing)).status, 'paused');
    assert.ok((await typesOf(shop, pausing.id)).includes('customer.subscription.paused'));
    await stripe.subscriptions.update(pausing.id, {
        default_payment_method: (await stripe.paymentMethods.attach('pm_card_visa', { customer: pausing.customer })).id });
    const resumed = fitting(shop.version, await stripe.subscriptions.resume(pausing.id, { billing_cycle_anchor: 'now' }));
    assert.equal(resumed.status, 'active');
    assert.ok((await typesOf(shop, pausing.id)).includes('customer.subscription.resumed'));
});

inBothVersions('a trial is ended by the call', async (shop) => {
    const trial = await subscribe(shop, 'pm_card_visa', { trial_period_days: 30 });
    const active = fitting(shop.version, await shop.stripe.subscriptions.update(trial.id, { trial_end: 'now' }));
    assert.equal(active.status, 'active');
    assert.equal(active.trial_end, active.trial_start);
});

inBothVersions('it ends at once, at the end of its period, or not at all', async (shop) => {
    const { stripe, simulator, version } = shop;
    const [now, later, kept] = [await subscribe(shop, 'pm_card_visa'), await subscribe(shop, 'pm_card_visa'),
                                await subscribe(shop, 'pm_card_visa')];
    const gone = fitting(version, await stripe.subscriptions.cancel(now.id, {
        cancellation_details: { comment: 'too dear', feedback: 'too_expensive' } }));
    assert.equal(gone.status, 'canceled');
    assert.equal(gone.cancellation_details.feedback, 'too_expensive');
    assert.equal(gone.cancellation_details.reason, 'cancellation_requested');
    assert.equal((await rejection(stripe.subscriptions.cancel(now.id))).code, 'resource_missing');
    const leaving = fitting(version, await stripe.subscriptions.update(later.id, { cancel_at_period_end: true }));
    assert.equal(leaving.cancel_at_period_end, true);
    assert.equal(leaving.cancel_at, periodOf(leaving)[1]);
    await stripe.subscriptions.update(kept.id, { cancel_at_period_end: true });
    const back = fitting(version, await stripe.subscriptions.update(kept.id, { cancel_at_period_end: false }));
    assert.equal(back.cancel_at, null);
    assert.equal(back.canceled_at, null);
    await simulator.advance({ days: 32 });
    const ended = await reread(shop, later);
    assert.equal(ended.status, 'canceled');
    assert.equal(ended.ended_at, leaving.cancel_at);
    assert.equal((await invoicesOf(shop, later)).length, 1);
    assert.equal((await reread(shop, kept)).status, 'active');
    assert.equal((await invoicesOf(shop, kept)).length, 2);
    assert.ok((await typesOf(shop, later.id)).includes('customer.subscription.deleted'));
});

inBothVersions('a change tells what it was before', async (shop) => {
    const { stripe, version } = shop;
    const subscription = await subscribe(shop, 'pm_card_visa', { metadata: { a: '1' } });
    fitting(version, await stripe.subscriptions.update(subscription.id, { metadata: { b: '2' }, description: 'Hello' }));
    const event = (await eventsOf(shop, subscription.id)).at(-1);
    assert.equal(event.type, 'customer.subscription.updated');
    assert.deepEqual(event.data.previous_attributes, { description: null, metadata: { b: null } });
});

inBothVersions('more of a price is charged for the rest of the period', async (shop) => {
    const { stripe, simulator, version } = shop;
    const subscription = await subscribe(shop, 'pm_card_visa', { price: { unit_amount: 3100 } });
    const [start, end] = periodOf(subscription);
    const item = subscription.items.data[0].id;
    await simulator.moveTo(new Date((start + end) * 500));
    await stripe.subscriptions.update(subscription.id, {
        items: [{ id: item, quantity: 3 }], proration_behavior: 'always_invoice' });
    const invoice = (await invoicesOf(shop, subscription)).at(-1);
    assert.equal(invoice.billing_reason, 'subscription_update');
    assert.equal(invoice.total, 3100);
    assert.deepEqual(invoice.lines.data.map(({ amount }) => amount), [-1550, 4650]);
    await stripe.subscriptions.update(subscription.id, { items: [{ id: item, quantity: 1 }] });
    const pending = fitting(version, await stripe.invoiceItems.list({ pending: true, customer: subscription.customer }));
    assert.deepEqual(pending.data.map(({ amount }) => amount), [1550, -4650]);
    await stripe.subscriptions.update(subscription.id, { items: [{ id: item, quantity: 4 }], proration_behavior: 'none' });
    await simulator.moveTo(new Date(end * 1000));
    const renewed = (await invoicesOf(shop, subscription)).at(-1);
    assert.equal(renewed.total, 4 * 3100 - 3100);
    assert.equal(renewed.status, 'paid');
});

inBothVersions('paused collection leaves drafts', async (shop) => {
    const { stripe, simulator, version } = shop;
    const kept = await subscribe(shop, 'pm_card_visa');
    const voided = await subscribe(shop, 'pm_card_visa');
    const paused = fitting(version, await stripe.subscriptions.update(kept.id, { pause_collection: { behavior: 'keep_as_draft' } }));
    assert.deepEqual({ ...paused.pause_collection }, { behavior: 'keep_as_draft', resumes_at: null });
    await stripe.subscriptions.update(voided.id, { pause_collection: { behavior: 'void' } });
    await simulator.advance({ days: 32 });
    assert.equal((await invoicesOf(shop, kept)).at(-1).status, 'draft');
    assert.equal((await invoicesOf(shop, voided)).at(-1).status, 'void');
    const back = fitting(version, await stripe.subscriptions.update(kept.id, { pause_collection: '' }));
    assert.equal(back.pause_collection, null);
});

inBothVersions('what is sent is due after some days', async (shop) => {
    const { simulator, stripe } = shop;
    const sent = await subscribe(shop, undefined, { collection_method: 'send_invoice', days_until_due: 5 });
    assert.equal(sent.status, 'active');
    assert.equal(sent.latest_invoice.status, 'draft');
    await simulator.advance({ hours: 2 });
    const open = (await reread(shop, sent)).latest_invoice;
    assert.equal(open.status, 'open');
    assert.equal(open.due_date, open.status_transitions.finalized_at + 5 * DAY);
    assert.ok((await typesOf(shop, open.id)).includes('invoice.sent'));
    await simulator.advance({ days: 6 });
    assert.equal((await reread(shop, sent)).status, 'past_due');
    await stripe.invoices.pay(open.id, { paid_out_of_band: true });
    assert.equal((await reread(shop, sent)).status, 'active');
});

inBothVersions('an unpaid subscription gets drafts', async (shop) => {
    const { stripe, simulator } = shop;
    const subscription = await subscribe(shop, 'pm_card_visa');
    const broken = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: subscription.customer });
    await stripe.subscriptions.update(subscription.id, { default_payment_method: broken.id });
    await simulator.moveTo(new Date(periodOf(subscription)[1] * 1000));
    const failed = await reread(shop, subscription);
    assert.equal(failed.status, 'past_due');
    assert.equal(failed.latest_invoice.attempt_count, 1);
    await simulator.advance({ days: 5 });
    assert.equal((await reread(shop, subscription)).status, 'unpaid');
    await simulator.advance({ days: 31 });
    const { latest_invoice: draft, status } = await reread(shop, subscription);
    assert.equal(status, 'unpaid');
    assert.equal(draft.status, 'draft');
    assert.equal(draft.auto_advance, false);
}, { account: { retrySchedule: [1, 3], finalAction: 'unpaid' } });

inBothVersions('lists are filtered', async (shop) => {
    const { stripe, version } = shop;
    const subscription = await subscribe(shop, 'pm_card_visa');
    const price = subscription.items.data[0].price.id;
    const found = async (filter) => fitting(version, await stripe.subscriptions.list(filter)).data.length;
    assert.equal(await found({ customer: subscription.customer, status: 'active', price }), 1);
    assert.equal(await found({ customer: subscription.customer, collection_method: 'send_invoice' }), 0);
    assert.equal(await found({ price, created: { gt: subscription.created } }), 0);
    assert.equal(await found({ price, current_period_end: { gte: periodOf(subscription)[1] } }), 1);
    assert.equal((await rejection(stripe.subscriptions.list({ status: 'odd' }))).param, 'status');
    const item = fitting(version, await stripe.subscriptionItems.retrieve(subscription.items.data[0].id));
    assert.equal(item.subscription, subscription.id);
});

inBothVersions('what Stripe does not take is refused by name', async (shop) => {
    const { stripe } = shop;
    const customer = await payer(shop, 'pm_card_visa');
    const once = await priceOf(shop, { once: true });
    const monthly = await priceOf(shop);
    const yearly = await priceOf(shop, { recurring: { interval: 'year' } });
    const refusals = [
        [{}, 'parameter_missing', 'customer'],
        [{ customer: customer.id }, 'parameter_missing', 'items'],
        [{ customer: customer.id, items: [{ quantity: 1 }] }, 'parameter_missing', 'items[0][price]'],
        [{ customer: customer.id, items: [{ price: once.id }] }, undefined, 'items[0][price]'],
        [{ customer: customer.id, items: [{ price: monthly.id }, { price: yearly.id }] }, undefined, 'items'],
        [{ customer: customer.id, items: [{ price: monthly.id, colour: 1 }] }, 'parameter_unknown', 'items[0][colour]'],
        [{ customer: customer.id, items: [{ price: monthly.id }], collection_method: 'send_invoice' }, 'parameter_missing',
         'days_until_due'],
    ];
    for (const [parameters, code, param] of refusals) {
        const error = await rejection(stripe.subscriptions.create(parameters));
        assert.deepEqual([error.code, error.param], [code, param], error.message);
    }
    assert.equal((await stripe.subscriptions.list({ customer: customer.id, status: 'all' })).data.length, 0);
});

inBothVersions('a credit goes to the balance, and the next invoice uses it', async (shop) => {
    const { stripe, simulator, version } = shop;
    const subscription = await subscribe(shop, 'pm_card_visa', { price: { unit_amount: 3000 } });
    const [start, end] = periodOf(subscription);
    const { data: [item] } = subscription.items;
    const cheap = await priceOf(shop, { unit_amount: 2000 });
    await simulator.moveTo(new Date((start + end) * 500));
    fitting(version, await stripe.subscriptions.update(subscription.id, {
        items: [{ id: item.id, price: cheap.id }], proration_behavior: 'always_invoice' }));
    assert.equal((await stripe.customers.retrieve(subscription.customer)).balance, -500);
    await simulator.moveTo(new Date(end * 1000));
    const { latest_invoice: invoice } = await reread(shop, subscription);
    assert.deepEqual([invoice.total, invoice.starting_balance, invoice.amount_due, invoice.amount_paid, invoice.ending_balance],
                     [2000, -500, 1500, 1500, 0]);
    assert.equal((await stripe.customers.retrieve(subscription.customer)).balance, 0);
});

inBothVersions('a card expires, and the card updater mends it', async (shop) => {
    const { stripe, simulator, version, account } = shop;
    const subscription = await subscribe(shop, 'pm_card_visa');
    const customer = await stripe.customers.retrieve(subscription.customer);
    const paymentMethod = customer.invoice_settings.default_payment_method;
    const [, end] = periodOf(subscription);
    const expiry = new Date((await simulator.now()).getTime());
    await simulator.tell('card', { account, paymentMethod, expMonth: expiry.getUTCMonth() + 1, expYear: expiry.getUTCFullYear() });
    await simulator.moveTo(new Date(end * 1000));
    const { latest_invoice: failed } = await reread(shop, subscription);
    assert.equal(failed.status, 'open');
    const { data: [charge] } = await stripe.charges.list({ customer: customer.id, limit: 1 });
    assert.equal(charge.failure_code, 'expired_card');
    await simulator.tell('card', { account, paymentMethod, update: true });
    const event = (await eventsOf(shop, paymentMethod)).at(-1);
    assert.equal(event.type, 'payment_method.automatically_updated');
    assert.equal(event.data.previous_attributes.card.exp_year, expiry.getUTCFullYear());
    await simulator.advance({ days: 1 });
    assert.equal(fitting(version, await stripe.invoices.retrieve(failed.id)).status, 'paid');
}, { account: { retrySchedule: [1] } });

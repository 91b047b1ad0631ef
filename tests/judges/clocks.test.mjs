// Test clocks through stripe-node, in both versions: time that stands still for a few customers until it is
// advanced. Where Stripe documents a rule, it stands beside the test.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventsOf, fitting, merchants, payer, priceOf } from './lib/fitting.mjs';
import { START, Simulator, rejection, until } from './lib/simulator.mjs';
import { schemaFor } from './lib/schema.mjs';

const DAY = 86_400;
const at = (time) => Date.parse(time) / 1000;
const ids = ({ data }) => data.map(({ id }) => id);

// The end of January, long before the simulator's own time: months are clipped, and no date can be mistaken.
const FROZEN = at('2024-01-31T10:00:00Z');

let simulator, shops;
before(async () => {
    simulator = await Simulator.start();
    shops = await merchants(simulator, { retrySchedule: [3, 5, 7], finalAction: 'cancel' });
});
after(() => simulator.stop());

function inBothVersions(name, body) {
    describe(name, () => {
        for (const index of [0, 1]) {
            test(index === 0 ? 'today' : 'before basil', () => body(shops[index]));
        }
    });
}

async function clockOf({ stripe, version }, more) {
    return fitting(version, await stripe.testHelpers.testClocks.create({ frozen_time: FROZEN, ...more }));
}
async function readyOf({ stripe, version }, { id }) {
    return until('the clock is ready', async () => {
        const clock = fitting(version, await stripe.testHelpers.testClocks.retrieve(id));
        return clock.status === 'ready' && clock;
    });
}
async function advance(shop, clock, time) {
    const frozen_time = typeof time === 'string' ? at(time) : time;
    const answer = fitting(shop.version, await shop.stripe.testHelpers.testClocks.advance(clock.id, { frozen_time }));
    assert.equal(answer.status, 'advancing');
    assert.equal(answer.status_details.advancing.target_frozen_time, frozen_time);
    const ready = await readyOf(shop, clock);
    assert.deepEqual([ready.frozen_time, ready.status_details], [frozen_time, {}]);
}
async function payerOn({ stripe }, clock, card = 'pm_card_visa') {
    return stripe.customers.create({ name: 'Jenny', test_clock: clock.id, payment_method: card,
                                     invoice_settings: { default_payment_method: card } });
}
async function subscribe(shop, customer, { recurring, ...more } = {}) {
    const price = await priceOf(shop, recurring && { recurring });
    return fitting(shop.version, await shop.stripe.subscriptions.create(
        { customer: customer.id, items: [{ price: price.id }], ...more }));
}
async function invoicesOf({ stripe, version }, { id }) {
    return fitting(version, await stripe.invoices.list({ subscription: id, limit: 100 })).data.reverse();
}
const statusOf = async ({ stripe }, { id }) => (await stripe.subscriptions.retrieve(id)).status;

inBothVersions('a clock is made, read, listed and deleted', async (shop) => {
    const { stripe, version } = shop;
    const made = await clockOf(shop, { name: 'A year' });
    assert.deepEqual(schemaFor(version).faultsOfRoot('test_clock', JSON.parse(JSON.stringify(made))), []);
    assert.match(made.id, /^clock_1\w{23}$/);
    assert.deepEqual([made.object, made.name, made.status, made.livemode, made.frozen_time, made.created],
                     ['test_helpers.test_clock', 'A year', 'ready', false, FROZEN, at(START)]);
    assert.equal(made.deletes_after, made.created + 30 * DAY);
    const other = await clockOf(shop);
    assert.equal(other.name, null);
    assert.deepEqual(await stripe.testHelpers.testClocks.retrieve(made.id), made);
    const listed = await stripe.testHelpers.testClocks.list({ limit: 1 });
    assert.deepEqual([ids(listed), listed.has_more, listed.url], [[other.id], true, '/v1/test_helpers/test_clocks']);
    assert.deepEqual(ids(await stripe.testHelpers.testClocks.list({ starting_after: other.id, limit: 1 })), [made.id]);
    const gone = { id: made.id, object: 'test_helpers.test_clock', deleted: true };
    assert.deepEqual(await stripe.testHelpers.testClocks.del(made.id), gone);
    const error = await rejection(stripe.testHelpers.testClocks.retrieve(made.id));
    assert.deepEqual([error.statusCode, error.code], [404, 'resource_missing']);
    assert.equal((await rejection(stripe.customers.create({ test_clock: made.id }))).param, 'test_clock');
    assert.equal((await rejection(stripe.testHelpers.testClocks.create({}))).code, 'parameter_missing');
});

inBothVersions('subscriptions renew in the clock\'s time, in order, and nobody else\'s do', async (shop) => {
    const clock = await clockOf(shop);
    const customer = fitting(shop.version, await payerOn(shop, clock));
    const subscription = await subscribe(shop, customer);
    const outside = await subscribe(shop, await payer(shop, 'pm_card_visa'));
    assert.deepEqual([customer.created, subscription.created, subscription.billing_cycle_anchor],
                     [FROZEN, FROZEN, FROZEN]);
    await advance(shop, clock, '2024-03-31T10:00:00Z');
    await advance(shop, clock, '2024-05-02T00:00:00Z');
    const invoices = await invoicesOf(shop, subscription);
    assert.deepEqual(invoices.map(({ created, status, billing_reason }) => [created, status, billing_reason]), [
        [FROZEN, 'paid', 'subscription_create'],
        ...['2024-02-29T10:00:00Z', '2024-03-31T10:00:00Z', '2024-04-30T10:00:00Z'].map(
            (time) => [at(time), 'paid', 'subscription_cycle'])]);
    for (const { status_transitions, created } of invoices) assert.equal(status_transitions.paid_at, created);
    assert.equal((await invoicesOf(shop, outside)).length, 1);
    assert.equal((await simulator.now()).getTime(), Date.parse(START));
    // A Stripe engineer on stripe-python #1183: payments keep the real time, clocks are for billing.
    const { data } = await shop.stripe.paymentIntents.list({ customer: customer.id });
    assert.deepEqual(data.map(({ created }) => created), Array(4).fill(at(START)));
});

inBothVersions('Stripe\'s retries come at the clock\'s times, and a new card ends them', async (shop) => {
    const { stripe } = shop;
    const clock = await clockOf(shop);
    const customer = await payerOn(shop, clock);
    const subscription = await subscribe(shop, customer);
    const bad = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: customer.id });
    const useCard = (id) => stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: id } });
    await useCard(bad.id);
    const nextAttempt = async () => (await invoicesOf(shop, subscription)).at(-1).next_payment_attempt;
    await advance(shop, clock, '2024-02-29T10:00:00Z');
    assert.equal(await nextAttempt(), at('2024-03-03T10:00:00Z'));
    assert.equal(await statusOf(shop, subscription), 'past_due');
    await advance(shop, clock, '2024-03-03T09:59:59Z');
    assert.equal((await invoicesOf(shop, subscription)).at(-1).attempt_count, 1);
    await advance(shop, clock, '2024-03-04T00:00:00Z');
    const failed = (await invoicesOf(shop, subscription)).at(-1);
    assert.deepEqual([failed.attempt_count, failed.next_payment_attempt], [2, at('2024-03-05T10:00:00Z')]);
    await useCard(customer.invoice_settings.default_payment_method);
    await advance(shop, clock, '2024-03-06T00:00:00Z');
    const paid = (await invoicesOf(shop, subscription)).at(-1);
    assert.deepEqual([paid.status, paid.attempt_count, paid.status_transitions.paid_at],
                     ['paid', 3, at('2024-03-05T10:00:00Z')]);
    assert.equal(await statusOf(shop, subscription), 'active');
    await useCard(bad.id);
    await advance(shop, clock, '2024-04-30T00:00:00Z');
    assert.equal(await statusOf(shop, subscription), 'canceled', 'the end of dunning');
    const { attempts } = await simulator.ask('ledger', { account: shop.account });
    const own = attempts.filter((row) => row.customer === customer.id);
    assert.deepEqual(own.map(({ time }) => time.slice(0, 10)), [
        '2024-01-31', '2024-02-29', '2024-03-03', '2024-03-05', '2024-03-31', '2024-04-03', '2024-04-05', '2024-04-07']);
    assert.ok(own.every(({ testClock }) => testClock === clock.id));
    assert.deepEqual((await simulator.ask('check')).violations, []);
});

inBothVersions('trials warn and end, and cards expire, by the clock', async (shop) => {
    const { stripe } = shop;
    const clock = await clockOf(shop);
    const customer = await payerOn(shop, clock);
    const subscription = await subscribe(shop, customer, { trial_period_days: 10 });
    assert.equal(subscription.trial_end, FROZEN + 10 * DAY);
    const card = customer.invoice_settings.default_payment_method;
    await stripe.paymentMethods.update(card, { card: { exp_month: 2, exp_year: 2024 } });
    const told = async (type) => (await eventsOf(shop, subscription.id)).filter((event) => event.type === type);
    await advance(shop, clock, FROZEN + 7 * DAY - 1);
    assert.equal((await told('customer.subscription.trial_will_end')).length, 0);
    await advance(shop, clock, FROZEN + 7 * DAY);
    assert.equal((await told('customer.subscription.trial_will_end')).length, 1);
    await advance(shop, clock, FROZEN + 10 * DAY);
    assert.equal(await statusOf(shop, subscription), 'active', 'the card is good until the end of February');
    await advance(shop, clock, '2024-03-11T00:00:00Z');
    assert.equal(await statusOf(shop, subscription), 'past_due');
    const { data: [charge] } = await stripe.charges.list({ customer: customer.id, limit: 1 });
    assert.equal(charge.failure_code, 'expired_card');
});

inBothVersions('an invoice made by hand is finalised and due by the clock', async (shop) => {
    const { stripe, version } = shop;
    const clock = await clockOf(shop);
    const customer = await payerOn(shop, clock);
    const item = fitting(version, await stripe.invoiceItems.create({ customer: customer.id, amount: 500, currency: 'usd' }));
    assert.deepEqual([item.date, item.test_clock], [FROZEN, clock.id]);
    const draft = fitting(version, await stripe.invoices.create(
        { customer: customer.id, collection_method: 'send_invoice', days_until_due: 7, auto_advance: true,
          pending_invoice_items_behavior: 'include' }));
    assert.deepEqual([draft.created, draft.automatically_finalizes_at], [FROZEN, FROZEN + 3600]);
    await advance(shop, clock, FROZEN + 3600);
    const open = await stripe.invoices.retrieve(draft.id);
    assert.deepEqual([open.status, open.due_date], ['open', FROZEN + 3600 + 7 * DAY]);
    await advance(shop, clock, open.due_date);
    const types = (await eventsOf(shop, draft.id)).map(({ type }) => type);
    assert.ok(types.includes('invoice.overdue'), types.join());
    const answer = await fetch(open.hosted_invoice_url, { method: 'POST', body: new URLSearchParams({ card: '4242424242424242' }) });
    assert.equal(answer.status, 200);
    const paid = await stripe.invoices.retrieve(draft.id);
    assert.equal(paid.status_transitions.paid_at, open.due_date, 'the page, too, is in the clock\'s time');
});

// "Must be after the test clock's current frozen time. Cannot be more than two intervals in the future from
// the shortest subscription in this test clock. If there are no subscriptions in this test clock, it cannot be
// more than two years in the future." (API reference)
inBothVersions('a clock goes forwards only, two intervals at a time', async (shop) => {
    const clock = await clockOf(shop);
    const refused = async (time) => {
        const error = await rejection(shop.stripe.testHelpers.testClocks.advance(
            clock.id, { frozen_time: typeof time === 'string' ? at(time) : time }));
        assert.deepEqual([error.statusCode, error.type, error.param], [400, 'StripeInvalidRequestError', 'frozen_time']);
    };
    await refused(FROZEN - 1);
    await refused(FROZEN);
    await refused('2026-01-31T10:00:01Z');
    const customer = await payerOn(shop, clock);
    await subscribe(shop, customer);
    await refused('2024-03-31T10:00:01Z');
    const weekly = await subscribe(shop, customer, { recurring: { interval: 'week' } });
    await refused(FROZEN + 14 * DAY + 1);
    await shop.stripe.subscriptions.cancel(weekly.id);
    await advance(shop, clock, '2024-03-31T10:00:00Z');
    const empty = await clockOf(shop);
    await advance(shop, empty, '2026-01-31T10:00:00Z');
});

inBothVersions('three customers fit on a clock, each with three subscriptions', async (shop) => {
    const clock = await clockOf(shop);
    const customer = await payerOn(shop, clock);
    for (let i = 0; i < 3; ++i) await subscribe(shop, customer);
    assert.equal((await rejection(subscribe(shop, customer))).statusCode, 400);
    await payerOn(shop, clock);
    const third = await payerOn(shop, clock);
    assert.equal((await rejection(payerOn(shop, clock))).param, 'test_clock');
    await shop.stripe.customers.del(third.id);
    await payerOn(shop, clock);
});

// "The response will not include customers with test clocks if this parameter is not set"; for subscriptions
// "if this and the customer parameter is not set" (API reference).
inBothVersions('what lives on a clock names it, and is listed when asked for', async (shop) => {
    const { stripe, version } = shop;
    const clock = await clockOf(shop);
    const customer = await payerOn(shop, clock);
    const subscription = await subscribe(shop, customer);
    const expanded = fitting(version, await stripe.subscriptions.retrieve(
        subscription.id, { expand: ['test_clock', 'customer.test_clock', 'latest_invoice.test_clock'] }));
    assert.equal(subscription.test_clock, clock.id);
    for (const one of [expanded, expanded.customer, expanded.latest_invoice]) assert.deepEqual(one.test_clock, clock);
    const listed = async (resource, query) => ids(await stripe[resource].list({ limit: 100, ...query }));
    assert.deepEqual(await listed('customers', { test_clock: clock.id }), [customer.id]);
    assert.ok(!(await listed('customers')).includes(customer.id));
    for (const query of [{ test_clock: clock.id }, { customer: customer.id }])
        assert.deepEqual(await listed('subscriptions', query), [subscription.id]);
    assert.ok(!(await listed('subscriptions')).includes(subscription.id));
    for (const query of [{ customer: customer.id }, { subscription: subscription.id }])
        assert.deepEqual(await listed('invoices', query), [expanded.latest_invoice.id]);
    assert.ok(!(await listed('invoices')).includes(expanded.latest_invoice.id));
    const outside = await payer(shop, 'pm_card_visa');
    assert.equal(outside.test_clock, null);
    assert.ok((await listed('customers')).includes(outside.id));
});

inBothVersions('the events of a clock tell its life, and the webhooks are sent', async (shop) => {
    const { stripe } = shop;
    const clock = await clockOf(shop);
    const customer = await payerOn(shop, clock);
    const subscription = await subscribe(shop, customer);
    await advance(shop, clock, '2024-03-01T00:00:00Z');
    await stripe.testHelpers.testClocks.del(clock.id);
    const own = await eventsOf(shop, clock.id);
    assert.deepEqual(own.map(({ type }) => type.split('.').at(-1)), ['created', 'advancing', 'ready', 'deleted']);
    const [, advancing, ready] = own.map(({ data }) => data.object);
    assert.deepEqual([advancing.status, advancing.frozen_time, ready.status, ready.frozen_time],
                     ['advancing', FROZEN, 'ready', at('2024-03-01T00:00:00Z')]);
    assert.ok(own.every(({ created }) => created === at(START)), 'events keep the real time');
    assert.ok(own[1].request.id && !own[2].request.id);
    const all = await eventsOf(shop);
    const between = all.slice(all.findIndex(({ id }) => id === own[1].id) + 1, all.findIndex(({ id }) => id === own[2].id));
    assert.ok(between.some(({ type }) => type === 'invoice.paid'), 'the work is told before the clock is ready');
    await simulator.settle();
    const sent = simulator.receiver.events('invoice.paid').filter(({ data }) => data.object.customer === customer.id);
    assert.equal(sent.length, 2);
    assert.ok(sent.every(({ data }) => data.object.test_clock === clock.id));
    const after = await stripe.subscriptions.retrieve(subscription.id);
    assert.deepEqual([after.status, after.ended_at], ['canceled', at('2024-03-01T00:00:00Z')]);
    assert.equal((await stripe.customers.retrieve(customer.id)).deleted, true);
    assert.ok(all.some(({ type, data }) => type === 'customer.deleted' && data.object.id === customer.id));
});

inBothVersions('a clock is one merchant\'s own, and deletes itself after 30 days', async (shop) => {
    const clock = await clockOf(shop);
    const customer = await payerOn(shop, clock);
    const stranger = simulator.client();
    assert.equal((await rejection(stranger.testHelpers.testClocks.retrieve(clock.id))).code, 'resource_missing');
    assert.equal((await rejection(stranger.customers.create({ test_clock: clock.id }))).code, 'resource_missing');
    await simulator.advance({ days: 31 });
    assert.equal((await rejection(shop.stripe.testHelpers.testClocks.retrieve(clock.id))).code, 'resource_missing');
    assert.equal((await shop.stripe.customers.retrieve(customer.id)).deleted, true);
});

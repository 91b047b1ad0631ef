// Rate limits by count, each documented rule beside what stripe-node sees. The clock is fixed, so a
// window is refilled only when the test moves it.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Simulator, rejection } from './lib/simulator.mjs';

let simulator;
before(async () => { simulator = await Simulator.start(); });
after(() => simulator.stop());
afterEach(() => simulator.tell('limits', { preset: 'off' }));

// How many of `count` calls pass, and the error of the last one that did not.
async function admitted(count, call) {
    let passed = 0, error;
    for (let i = 0; i < count; ++i) {
        try {
            await call();
            ++passed;
        } catch (refused) {
            error = refused;
        }
    }
    return { passed, error };
}
function isRateLimit(error, reason) {
    assert.equal(error.type, 'StripeRateLimitError');
    assert.equal(error.statusCode, 429);
    assert.equal(error.code, 'rate_limit');
    assert.equal(error.headers['stripe-rate-limited-reason'], reason);
    assert.equal(error.headers['retry-after'], undefined);
}

test('documented: no limit is felt in ordinary use; seen: none until switched on', async () => {
    assert.equal((await admitted(200, () => simulator.stripe.customers.list())).passed, 200);
});

test('documented: every endpoint by default 25/s; seen: the 26th is refused with endpoint-rate', async () => {
    await simulator.tell('limits', { preset: 'live' });
    const { passed, error } = await admitted(30, () => simulator.stripe.customers.list());
    assert.equal(passed, 25);
    isRateLimit(error, 'endpoint-rate');
});

test('documented: an endpoint is method and path template; seen: ids share one budget, methods do not', async () => {
    const { stripe } = simulator;
    const ids = [];
    for (let i = 0; i < 3; ++i) ids.push((await stripe.customers.create({})).id);
    await simulator.tell('limits', { preset: 'live' });
    let next = 0;
    assert.equal((await admitted(30, () => stripe.customers.retrieve(ids[next++ % 3]))).passed, 25);
    assert.equal((await admitted(5, () => stripe.customers.update(ids[0], { name: 'x' }))).passed, 5);
});

test('documented: live 100 requests/s per account; seen: the 101st on a fresh endpoint is refused with global-rate', async () => {
    await simulator.tell('limits', { preset: 'live' });
    const { stripe } = simulator;
    const lists = [stripe.customers, stripe.invoices, stripe.charges, stripe.subscriptions];
    for (const resource of lists) assert.equal((await admitted(25, () => resource.list())).passed, 25);
    isRateLimit(await rejection(stripe.events.list()), 'global-rate');
});

test('documented: sandbox 25/s in all; seen: 25 over two endpoints', async () => {
    await simulator.tell('limits', { preset: 'sandbox' });
    const { stripe } = simulator;
    assert.equal((await admitted(20, () => stripe.customers.list())).passed, 20);
    const { passed, error } = await admitted(20, () => stripe.charges.list());
    assert.equal(passed, 5);
    isRateLimit(error, 'global-rate');
});

test('documented: limits count per account acted for; seen: another account has a budget of its own', async () => {
    const [one, other] = [await simulator.story(), await simulator.story()];
    await simulator.tell('limits', { preset: 'sandbox' });
    assert.equal((await admitted(30, () => one.stripe.customers.list())).passed, 25);
    assert.equal((await admitted(30, () => other.stripe.customers.list())).passed, 25);
});

test('documented: per second; seen: a second later there is a full window again', async () => {
    await simulator.tell('limits', { preset: 'sandbox' });
    const list = () => simulator.stripe.customers.list();
    assert.equal((await admitted(30, list)).passed, 25);
    await simulator.advance({ seconds: 1 });
    assert.equal((await admitted(30, list)).passed, 25);
});

test('documented: a 429 is not an attempt and is not kept under the key; seen: the same key works later', async () => {
    const story = await simulator.story({ customer: { outcomes: ['insufficient_funds', 'approve'] } });
    const invoice = await simulator.renew(story);
    const attempts = async () => (await simulator.ask('ledger', { invoice })).attempts.length;
    const before = await attempts();
    await simulator.tell('limits', { global: 1 });
    await story.stripe.customers.list();
    const pay = () => story.stripe.invoices.pay(invoice, {}, { idempotencyKey: `slot-1-${invoice}` });
    isRateLimit(await rejection(pay()), 'global-rate');
    assert.equal(await attempts(), before);
    await simulator.advance({ seconds: 1 });
    const paid = await pay();
    assert.equal(paid.status, 'paid');
    assert.equal(paid.lastResponse.headers['idempotent-replayed'], undefined);
});

test('documented: concurrency is limited per account and endpoint; seen: what runs at once is counted', async () => {
    await simulator.tell('limits', { globalConcurrency: 2, endpointConcurrency: 1 });
    await simulator.tell('faults', { kind: 'latency', millis: 300, path: '/v1/c', times: 3 });
    const { stripe } = simulator;
    const first = stripe.customers.list();
    await new Promise((wake) => setTimeout(wake, 50));
    isRateLimit(await rejection(stripe.customers.list()), 'endpoint-concurrency');
    const second = stripe.charges.list();
    await new Promise((wake) => setTimeout(wake, 50));
    isRateLimit(await rejection(stripe.events.list()), 'global-concurrency');
    await Promise.all([first, second]);
    await stripe.events.list();
});

test('documented: lock_timeout when another request holds the object; seen: 429 with that code and no reason', async () => {
    const story = await simulator.story({ customer: { outcomes: ['insufficient_funds', 'approve'] } });
    const invoice = await simulator.renew(story);
    await simulator.tell('faults', { kind: 'latency', millis: 300, path: '/v1/invoices/{}/pay', times: 1 });
    const first = story.stripe.invoices.pay(invoice);
    await new Promise((wake) => setTimeout(wake, 50));
    const error = await rejection(story.stripe.invoices.pay(invoice));
    assert.equal(error.type, 'StripeRateLimitError');
    assert.equal(error.code, 'lock_timeout');
    assert.equal(error.headers['stripe-rate-limited-reason'], undefined);
    assert.equal((await first).status, 'paid');
    const { attempts } = await simulator.ask('ledger', { invoice, driver: 'engine' });
    assert.equal(attempts.length, 1);
});

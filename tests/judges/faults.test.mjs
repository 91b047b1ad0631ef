// Worse days than Stripe has: each fault as stripe-node meets it over a real socket, and the truth about
// what took effect.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Simulator, rejection } from './lib/simulator.mjs';

let simulator;
before(async () => { simulator = await Simulator.start(); });
after(() => simulator.stop());
afterEach(() => simulator.tell('faults', { clear: true }));

let count = 0;
// Creates a customer while the fault strikes (once unless told otherwise); tells how that ended and
// whether there is a customer now.
async function under(fault, client = simulator.stripe) {
    await simulator.tell('faults', { method: 'POST', path: '/v1/customers', times: 1, ...fault });
    const email = `fault${++count}@example.com`;
    const ended = await client.customers.create({ email }).catch((error) => error);
    await simulator.tell('faults', { clear: true });
    const { data } = await simulator.stripe.customers.list({ email });
    return { ended, made: data.length };
}
const patient = () => simulator.client({ maxNetworkRetries: 2 });
const hasty = () => simulator.client({ timeout: 200 });

test('500 with nothing done: an API error', async () => {
    const { ended, made } = await under({ kind: 'status', status: 500 });
    assert.deepEqual([ended.type, ended.statusCode, made], ['StripeAPIError', 500, 0]);
});

test('502 with HTML and 503 with nothing: no JSON, so an API error without a status', async () => {
    for (const fault of [{ status: 502, body: 'html' }, { status: 503, body: 'empty' }]) {
        const { ended, made } = await under({ kind: 'status', ...fault });
        assert.deepEqual([ended.type, made], ['StripeAPIError', 0]);
        assert.match(ended.message, /Invalid JSON/);
    }
});

test('a client that retries gets through 500, 409 and dropped connections with one key', async () => {
    for (const fault of [{ kind: 'status', status: 500 }, { kind: 'status', status: 409 }, { kind: 'drop_before' },
                         { kind: 'drop_after' }, { kind: 'status_after', status: 503 }]) {
        const { ended, made } = await under(fault, patient());
        assert.equal(ended.object, 'customer', JSON.stringify(fault));
        assert.equal(made, 1, JSON.stringify(fault));
    }
});

test('a 500 that Stripe keeps is replayed to its key for ever', async () => {
    const { ended, made } = await under({ kind: 'status_kept', status: 500 }, patient());
    assert.deepEqual([ended.statusCode, made], [500, 0]);
    assert.equal(ended.headers['idempotent-replayed'], 'true');
});

test('429 by script: rate_limit and lock_timeout', async () => {
    const limit = await under({ kind: 'status', status: 429, reason: 'global-concurrency' });
    assert.equal(limit.ended.type, 'StripeRateLimitError');
    assert.equal(limit.ended.headers['stripe-rate-limited-reason'], 'global-concurrency');
    const lock = await under({ kind: 'status', status: 429, code: 'lock_timeout' });
    assert.equal(lock.ended.code, 'lock_timeout');
    assert.equal(limit.made + lock.made, 0);
});

test('a connection dropped after the effect: an error for the client, an effect at Stripe', async () => {
    const { ended, made } = await under({ kind: 'drop_after', times: 2 });
    assert.deepEqual([ended.type, made], ['StripeConnectionError', 1]);
    const before = await under({ kind: 'drop_before', times: 2 });
    assert.deepEqual([before.ended.type, before.made], ['StripeConnectionError', 0]);
});

test('truncated and malformed answers: errors, though the call took effect', async () => {
    const truncated = await under({ kind: 'truncate', times: 2 });
    assert.equal(truncated.ended instanceof Error, true);
    assert.equal(truncated.made, 1);
    const malformed = await under({ kind: 'malformed' });
    assert.match(malformed.ended.message, /Invalid JSON/);
    assert.equal(malformed.made, 1);
});

test('stall and silence last longer than the client waits', async () => {
    const stalled = await under({ kind: 'stall', millis: 60_000 }, hasty());
    assert.equal(stalled.ended.type, 'StripeConnectionError');
    assert.equal(stalled.made, 1);
    const silent = await under({ kind: 'silence', millis: 60_000 }, hasty());
    assert.match(silent.ended.message, /timeout/);
    assert.equal(silent.made, 0);
});

test('latency with a heavy tail, the same for the same seed', async () => {
    const measured = [];
    await simulator.tell('faults', { kind: 'latency', path: '/v1/customers', millis: 5, p99Millis: 60 });
    for (let i = 0; i < 60; ++i) {
        const began = performance.now();
        await simulator.stripe.customers.list();
        measured.push(performance.now() - began);
    }
    measured.sort((a, b) => a - b);
    assert.ok(measured[30] >= 4, `median ${measured[30]}`);
    assert.ok(measured[58] > 2 * measured[30], `${measured[58]} is no tail beside ${measured[30]}`);
});

test('rules by probability, by count and by template', async () => {
    await simulator.tell('faults', { kind: 'status', path: '/v1/customers/{}', skip: 1, times: 1 });
    const { stripe } = simulator;
    const { id } = await stripe.customers.create({});
    await stripe.customers.retrieve(id);
    assert.equal((await rejection(stripe.customers.retrieve(id))).statusCode, 500);
    await stripe.customers.retrieve(id);
    await simulator.tell('faults', { kind: 'status', path: '/v1/charges', probability: 0.5 });
    let failed = 0;
    for (let i = 0; i < 100; ++i) await stripe.charges.list().catch(() => ++failed);
    assert.ok(failed > 25 && failed < 75, `${failed} of 100`);
});

test('the record of truth names every request with its fault, its key and what it changed', async () => {
    const { stripe } = simulator;
    const customer = await stripe.customers.create({ name: 'x' }, { idempotencyKey: 'record-1' });
    await stripe.customers.create({ name: 'x' }, { idempotencyKey: 'record-1' });
    const { requests } = await simulator.ask('requests', { idempotencyKey: 'record-1' });
    assert.deepEqual(requests.map(({ replayed, changed, status }) => [replayed, changed, status]),
                     [[false, [customer.id], 200], [true, [], 200]]);
    await under({ kind: 'drop_after', times: 2 });
    const dropped = await simulator.ask('requests', { method: 'POST', path: '/v1/customers', limit: 1000 });
    assert.equal(dropped.requests.at(-1).fault, 'drop_after');
});

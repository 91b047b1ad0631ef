// Idempotency keys: each test states a rule as docs.stripe.com/api/idempotent_requests and
// docs.stripe.com/error-low-level have it, and shows what stripe-node sees of it.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { OLD_VERSION, Simulator, rejection } from './lib/simulator.mjs';

let simulator, story, stripe;
before(async () => {
    simulator = await Simulator.start();
});
after(() => simulator.stop());
beforeEach(async () => {
    await simulator.tell('faults', { clear: true });
    story = await simulator.story({ customer: { outcomes: ['insufficient_funds', 'approve'] } });
    stripe = story.stripe;
});

const replayed = (answer) => answer.lastResponse.headers['idempotent-replayed'];
// The open invoice of a payer whose card declines as `outcomes` say; the first of them is the renewal's.
async function openInvoice(outcomes) {
    const payer = await simulator.story({ account: story.account, customer: { outcomes } });
    return simulator.renew(payer);
}
const attemptsOn = async (invoice) =>
    (await simulator.ask('ledger', { invoice, driver: 'engine' })).attempts.length;

test('rule: the same key gives the same answer, and nothing is done twice', async () => {
    const invoice = await openInvoice(['insufficient_funds', 'approve']);
    const first = await stripe.invoices.pay(invoice, {}, { idempotencyKey: 'same' });
    assert.equal(replayed(first), undefined);
    assert.equal(first.lastResponse.idempotencyKey, 'same');
    const second = await stripe.invoices.pay(invoice, {}, { idempotencyKey: 'same' });
    assert.equal(replayed(second), 'true');
    assert.deepEqual({ ...second }, { ...first });
    assert.equal(await attemptsOn(invoice), 1);
});

test('rule: a replay is a request of its own, with its own Request-Id', async () => {
    const create = () => stripe.customers.create({ name: 'Twice' }, { idempotencyKey: 'own-request-id' });
    const [first, second] = [await create(), await create()];
    assert.equal(second.id, first.id);
    assert.match(first.lastResponse.requestId, /^req_/);
    assert.notEqual(second.lastResponse.requestId, first.lastResponse.requestId);
    assert.equal(
        (await stripe.customers.list({ limit: 100 })).data.filter(({ name }) => name === 'Twice').length,
        1,
    );
});

test('rule: the answer is kept whatever it was; a decline stays the answer of its key', async () => {
    const invoice = await openInvoice(['insufficient_funds', 'lost_card', 'approve']);
    const pay = () => stripe.invoices.pay(invoice, {}, { idempotencyKey: 'declined' });
    const first = await rejection(pay());
    const second = await rejection(pay());
    assert.equal(first.type, 'StripeCardError');
    assert.equal(second.decline_code, 'lost_card');
    assert.equal(second.charge, first.charge);
    assert.equal(second.headers['idempotent-replayed'], 'true');
    assert.equal(await attemptsOn(invoice), 1);
    await stripe.invoices.pay(invoice, {}, { idempotencyKey: 'another' });
    assert.equal(await attemptsOn(invoice), 2);
});

test('rule: so are errors of the server, including 500s', async () => {
    const invoice = await openInvoice(['insufficient_funds', 'approve']);
    await simulator.tell('faults', {
        method: 'POST',
        path: '*/pay',
        kind: 'status_kept',
        status: 500,
        times: 1,
    });
    const pay = (idempotencyKey) => stripe.invoices.pay(invoice, {}, { idempotencyKey });
    const first = await rejection(pay('broken'));
    const second = await rejection(pay('broken'));
    for (const error of [first, second])
        assert.deepEqual([error.type, error.statusCode], ['StripeAPIError', 500]);
    assert.equal(second.headers['idempotent-replayed'], 'true');
    assert.equal(await attemptsOn(invoice), 0);
    assert.equal((await pay('whole')).status, 'paid');
});

test('beside it: what a gateway in front of Stripe answers (502, 503) hides the answer that is kept', async () => {
    const invoice = await openInvoice(['insufficient_funds', 'approve']);
    await simulator.tell('faults', {
        method: 'POST',
        path: '*/pay',
        kind: 'status_after',
        status: 502,
        times: 1,
    });
    const pay = () => stripe.invoices.pay(invoice, {}, { idempotencyKey: 'gateway' });
    assert.equal((await rejection(pay())).statusCode, 502);
    const second = await pay();
    assert.equal(replayed(second), 'true');
    assert.equal(second.status, 'paid');
});

test('rule: when the connection breaks, the same key tells what became of the call', async () => {
    const invoice = await openInvoice(['insufficient_funds', 'approve']);
    await simulator.tell('faults', { method: 'POST', path: '*/pay', kind: 'drop_after', times: 2 });
    const pay = () => stripe.invoices.pay(invoice, {}, { idempotencyKey: 'cut' });
    assert.equal((await rejection(pay())).type, 'StripeConnectionError');
    const second = await pay();
    assert.equal(replayed(second), 'true');
    assert.equal(second.status, 'paid');
    assert.equal(await attemptsOn(invoice), 1);
});

test('rule: other parameters under the same key are an error', async () => {
    const first = await stripe.customers.create({ name: 'A' }, { idempotencyKey: 'mismatch' });
    const error = await rejection(stripe.customers.create({ name: 'B' }, { idempotencyKey: 'mismatch' }));
    assert.equal(error.type, 'StripeIdempotencyError');
    assert.equal(error.rawType, 'idempotency_error');
    assert.equal(error.statusCode, 400);
    assert.equal(error.code, undefined);
    assert.equal(
        error.message,
        'Keys for idempotent requests can only be used with the same parameters they were ' +
            "first used with. Try using a key other than 'mismatch' if you meant to execute a different request.",
    );
    assert.equal((await stripe.customers.create({ name: 'A' }, { idempotencyKey: 'mismatch' })).id, first.id);
});

test('rule: the order of the parameters is no difference', async () => {
    const headers = { 'Idempotency-Key': 'order', 'Stripe-Account': story.account };
    const first = await simulator.fetch('POST', '/v1/customers', {
        form: 'name=A&email=a@example.com',
        headers,
    });
    const second = await simulator.fetch('POST', '/v1/customers', {
        form: 'email=a@example.com&name=A',
        headers,
    });
    assert.equal(second.headers.get('idempotent-replayed'), 'true');
    assert.equal(second.text, first.text);
});

test('rule: so is another endpoint under the same key', async () => {
    await stripe.customers.create({}, { idempotencyKey: 'endpoint' });
    const error = await rejection(
        stripe.customers.update(story.customer, {}, { idempotencyKey: 'endpoint' }),
    );
    assert.equal(error.type, 'StripeIdempotencyError');
    assert.equal(
        error.message,
        'Keys for idempotent requests can only be used for the same endpoint they were first ' +
            `used for ('/v1/customers/${story.customer}' vs '/v1/customers'). Try using a key other than 'endpoint' if ` +
            'you meant to execute a different request.',
    );
});

test('rule: while the first call runs, a second under its key is refused with 409', async () => {
    const invoice = await openInvoice(['insufficient_funds', 'approve']);
    await simulator.tell('faults', { method: 'POST', path: '*/pay', kind: 'latency', millis: 400, times: 1 });
    const first = stripe.invoices.pay(invoice, {}, { idempotencyKey: 'running' });
    await new Promise((wake) => setTimeout(wake, 100));
    const error = await rejection(stripe.invoices.pay(invoice, {}, { idempotencyKey: 'running' }));
    assert.deepEqual(
        [error.statusCode, error.code, error.rawType],
        [409, 'idempotency_key_in_use', 'idempotency_error'],
    );
    assert.equal(error.type, 'StripeAPIError');
    assert.match(error.message, /^There is currently another in-progress request using this Idempotent Key/);
    assert.equal((await first).status, 'paid');
    const later = await stripe.invoices.pay(invoice, {}, { idempotencyKey: 'running' });
    assert.equal(replayed(later), 'true');
    assert.equal(await attemptsOn(invoice), 1);
});

test('rule: stripe-node repeats after a 409 with the same key, and gets the answer of the first', async () => {
    const invoice = await openInvoice(['insufficient_funds', 'approve']);
    const patient = simulator.client({ stripeAccount: story.account, maxNetworkRetries: 2 });
    await simulator.tell('faults', { method: 'POST', path: '*/pay', kind: 'latency', millis: 300, times: 1 });
    const first = patient.invoices.pay(invoice, {}, { idempotencyKey: 'patient' });
    await new Promise((wake) => setTimeout(wake, 100));
    const second = await patient.invoices.pay(invoice, {}, { idempotencyKey: 'patient' });
    assert.equal(replayed(second), 'true');
    assert.equal(second.id, (await first).id);
});

test('rule: keys are removed after 24 hours; then the same key is a new request', async () => {
    const create = () => stripe.customers.create({ name: 'Old' }, { idempotencyKey: 'pruned' });
    const first = await create();
    await simulator.advance({ hours: 23, minutes: 59 });
    assert.equal((await create()).id, first.id);
    await simulator.advance({ minutes: 2 });
    const second = await create();
    assert.equal(replayed(second), undefined);
    assert.notEqual(second.id, first.id);
});

test('rule: what failed validation before anything was done is not kept', async () => {
    const options = { idempotencyKey: 'invalid' };
    const error = await rejection(stripe.customers.create({ bogus: 1 }, options));
    assert.equal(error.code, 'parameter_unknown');
    const missing = await rejection(stripe.refunds.create({}, options));
    assert.equal(missing.type, 'StripeInvalidRequestError');
    const made = await stripe.customers.create({ name: 'Valid' }, options);
    assert.equal(replayed(made), undefined);
});

test('rule: an error found while executing is kept', async () => {
    const invoice = await openInvoice(['insufficient_funds']);
    await stripe.invoices.voidInvoice(invoice);
    const pay = () => rejection(stripe.invoices.pay(invoice, {}, { idempotencyKey: 'void' }));
    assert.equal((await pay()).headers['idempotent-replayed'], undefined);
    assert.equal((await pay()).headers['idempotent-replayed'], 'true');
});

test('rule: 429 and 401 are not kept', async () => {
    await simulator.tell('faults', {
        method: 'POST',
        path: '/v1/customers',
        kind: 'status',
        status: 429,
        times: 1,
    });
    const options = { idempotencyKey: 'limited' };
    assert.equal((await rejection(stripe.customers.create({}, options))).type, 'StripeRateLimitError');
    assert.equal(replayed(await stripe.customers.create({}, options)), undefined);
    const stranger = simulator.client({ key: 'sk_test_wrong', stripeAccount: story.account });
    const wrong = { idempotencyKey: 'wrong-key' };
    assert.equal((await rejection(stranger.customers.create({}, wrong))).type, 'StripeAuthenticationError');
    assert.equal(replayed(await stripe.customers.create({}, wrong)), undefined);
});

test('rule: GET and DELETE take no notice of a key', async () => {
    const options = { idempotencyKey: 'read' };
    await stripe.customers.update(story.customer, { name: 'Before' });
    assert.equal((await stripe.customers.retrieve(story.customer, {}, options)).name, 'Before');
    await stripe.customers.update(story.customer, { name: 'After' });
    const again = await stripe.customers.retrieve(story.customer, {}, options);
    assert.equal(again.name, 'After');
    assert.equal(replayed(again), undefined);
    await stripe.subscriptions.cancel(story.subscription, {}, options);
    const twice = await rejection(stripe.subscriptions.cancel(story.subscription, {}, options));
    assert.equal(twice.headers['idempotent-replayed'], undefined);
    assert.equal(replayed(await stripe.customers.create({}, options)), undefined);
});

test('rule: keys of different accounts have nothing to do with each other', async () => {
    const other = await simulator.story();
    const [mine, theirs, ours] = await Promise.all(
        [stripe, other.stripe, simulator.stripe].map((client, i) =>
            client.customers.create({ name: `Account ${i}` }, { idempotencyKey: 'shared' }),
        ),
    );
    for (const made of [mine, theirs, ours]) assert.equal(replayed(made), undefined);
    assert.equal(new Set([mine.id, theirs.id, ours.id]).size, 3);
});

test('rule: a key has up to 255 characters', async () => {
    const longest = 'k'.repeat(255);
    assert.equal(
        (await stripe.customers.create({}, { idempotencyKey: longest })).lastResponse.idempotencyKey,
        longest,
    );
    const error = await rejection(stripe.customers.create({}, { idempotencyKey: `${longest}k` }));
    assert.deepEqual([error.type, error.statusCode], ['StripeInvalidRequestError', 400]);
});

test('an event tells the key of the request that caused it', async () => {
    await stripe.customers.create({ name: 'Cause' }, { idempotencyKey: 'cause' });
    const {
        data: [event],
    } = await stripe.events.list({ type: 'customer.created', limit: 1 });
    assert.equal(event.request.idempotency_key, 'cause');
    assert.match(event.request.id, /^req_/);
});

test('the older client sees the same', async () => {
    const old = (await simulator.story({ account: { apiVersion: OLD_VERSION } })).stripe17;
    const create = (name) => old.customers.create({ name }, { idempotencyKey: 'old' });
    const first = await create('A');
    assert.equal((await create('A')).id, first.id);
    assert.equal((await rejection(create('B'))).type, 'StripeIdempotencyError');
});

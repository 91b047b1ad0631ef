// What goes wrong, as stripe-node classifies it, beside the samples of tests/fixtures/stripe_errors.json:
// each answer has the sample's status, type, code and words, and becomes the same class of error.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, beforeEach, test } from 'node:test';
import { KEY, OLD_VERSION, Simulator, rejection } from './lib/simulator.mjs';

const { card_declines: declines, other } = JSON.parse(
    readFileSync(new URL('../fixtures/stripe_errors.json', import.meta.url)),
);
// Members that name something, and so differ from call to call.
const kNames = ['charge', 'request_log_url', 'payment_intent', 'payment_method', 'message', 'doc_url'];

let simulator, stripe, story;
before(async () => {
    simulator = await Simulator.start();
});
after(() => simulator.stop());
beforeEach(async () => {
    await simulator.tell('faults', { clear: true });
    story = await simulator.story();
    stripe = story.stripe;
});

// The error's own body and class are the sample's.
function assertLike(error, sample, { message = sample.body.error.message } = {}) {
    assert.equal(error.type, sample.stripe_node_class);
    assert.equal(error.statusCode, sample.status);
    const bare = (body) =>
        Object.fromEntries(Object.entries(body).filter(([name]) => !kNames.includes(name)));
    const { headers, statusCode, requestId, ...body } = error.raw;
    assert.deepEqual(bare(body), bare(sample.body.error));
    if (message) assert.equal(error.message, message);
    if (sample.body.error.doc_url) assert.equal(error.doc_url, sample.body.error.doc_url);
    assert.match(error.requestId, /^req_/);
    for (const [name, value] of Object.entries(sample.headers ?? {}))
        assert.equal(error.headers[name], value, name);
}

async function declined(outcomes, client = 'stripe') {
    const payer = await simulator.story({ account: story.account, customer: { outcomes } });
    const invoice = await simulator.renew(payer);
    return rejection(payer[client].invoices.pay(invoice, { payment_method: payer.paymentMethod }));
}

test('each decline code, with its code, advice, network codes and words', async () => {
    for (const [code, sample] of Object.entries(declines)) {
        const error = await declined(['approve', code].slice(1));
        assertLike(error, sample);
        assert.equal(error.decline_code, code);
        assert.equal(error.advice_code, sample.body.error.advice_code);
        assert.equal(error.network_decline_code, sample.body.error.network_decline_code);
        assert.match(error.charge, /^ch_/);
        assert.equal((await stripe.charges.retrieve(error.charge)).status, 'failed');
    }
});

test('a decline looks the same to the older client', async () => {
    const error = await declined(['insufficient_funds'], 'stripe17');
    assertLike(error, declines.insufficient_funds);
    assert.equal(error.payment_intent.last_payment_error.decline_code, 'insufficient_funds');
});

test('a payment that the payer has to confirm', async () => {
    assertLike(await declined(['requires_action']), other.invoice_payment_intent_requires_action);
});

test('a customer without a card', async () => {
    const payer = await simulator.story({ account: story.account, customer: { paymentMethod: 'none' } });
    assertLike(await rejection(stripe.invoices.pay(await simulator.renew(payer))), other.no_payment_method);
});

test('what does not exist', async () => {
    const error = await rejection(stripe.invoices.retrieve('in_1TestCycle1'));
    assertLike(error, other.resource_missing);
    for (const [kind, call] of Object.entries({
        customer: stripe.customers.retrieve('cus_none'),
        charge: stripe.charges.retrieve('ch_none'),
        payment_intent: stripe.paymentIntents.retrieve('pi_none'),
        subscription: stripe.subscriptions.retrieve('sub_none'),
        PaymentMethod: stripe.paymentMethods.retrieve('pm_none'),
        event: stripe.events.retrieve('evt_none'),
    })) {
        const missing = await rejection(call);
        assert.deepEqual(
            [missing.type, missing.statusCode, missing.code],
            ['StripeInvalidRequestError', 404, 'resource_missing'],
        );
        assert.match(missing.message, new RegExp(`^No such ${kind}: '`));
    }
});

test('parameters: one too many, one too few, a wrong one', async () => {
    assertLike(await rejection(stripe.customers.create({ bogus: 1 })), other.parameter_unknown);
    assertLike(await rejection(stripe.billingPortal.sessions.create({})), other.parameter_missing);
    for (const limit of [0, 101, 'many']) {
        const error = await rejection(stripe.customers.list({ limit }));
        assert.deepEqual(
            [error.type, error.statusCode, error.param],
            ['StripeInvalidRequestError', 400, 'limit'],
        );
    }
    const flag = await rejection(stripe.invoices.update('in_none', { auto_advance: 'perhaps' }));
    assert.equal(flag.statusCode === 400 || flag.statusCode === 404, true);
});

test('an invoice that cannot be paid any more', async () => {
    const paid = await simulator.renew(story);
    assertLike(await rejection(stripe.invoices.pay(paid)), other.invoice_already_paid);
    const payer = await simulator.story({
        account: story.account,
        customer: { outcomes: ['insufficient_funds'] },
    });
    const open = await simulator.renew(payer);
    await stripe.invoices.voidInvoice(open);
    assertLike(await rejection(stripe.invoices.pay(open)), other.invoice_not_open);
});

test('keys: none, a wrong one', async () => {
    const none = await simulator.fetch('GET', '/v1/account', { headers: { Authorization: '' } });
    assert.equal(none.status, 401);
    assert.match(none.json.error.message, /^You did not provide an API key/);
    const wrong = simulator.client({ key: 'sk_test_0000000000000000000000000000only' });
    assertLike(await rejection(wrong.accounts.retrieveCurrent()), other.invalid_api_key);
});

test('the key as Basic authorization works too', async () => {
    const headers = { Authorization: `Basic ${Buffer.from(`${KEY}:`).toString('base64')}` };
    assert.equal((await simulator.fetch('GET', '/v1/account', { headers })).status, 200);
});

test('an account that is not there, or took its access back', async () => {
    for (const account of ['acct_none', story.account]) {
        if (account === story.account) await simulator.tell('deauthorize', { account });
        const error = await rejection(simulator.client({ stripeAccount: account }).customers.list());
        assertLike(error, other.account_revoked, { message: null });
        assert.match(
            error.message,
            /^The provided key 'sk_test_\*+_sim' does not have access to account 'acct_/,
        );
    }
});

test('an object of another account is not found', async () => {
    const stranger = await simulator.story();
    const invoice = await simulator.renew(story);
    for (const call of [
        stranger.stripe.customers.retrieve(story.customer),
        stranger.stripe.invoices.retrieve(invoice),
        simulator.stripe.invoices.retrieve(invoice),
        stranger.stripe.invoices.pay(invoice),
        stranger.stripe.subscriptions.cancel(story.subscription),
        stranger.stripe.customers.update(story.customer, { name: 'Stolen' }),
    ]) {
        assert.equal((await rejection(call)).code, 'resource_missing');
    }
    assert.equal((await stranger.stripe.invoices.list()).data.length, 0);
});

test('limits and failures of the server', async () => {
    for (const [fault, sample] of [
        [{ kind: 'status', status: 429 }, other.rate_limit_global],
        [{ kind: 'status', status: 500 }, other.api_error_500_retry],
    ]) {
        await simulator.tell('faults', { clear: true });
        await simulator.tell('faults', { path: '/v1/customers', ...fault });
        assertLike(await rejection(stripe.customers.list()), sample);
    }
});

test('stripe-node tries again after a failure of the server, and not after a 429', async () => {
    const patient = simulator.client({ stripeAccount: story.account, maxNetworkRetries: 2 });
    await simulator.tell('faults', { path: '/v1/customers', kind: 'status', status: 503, times: 1 });
    assert.equal((await patient.customers.list()).object, 'list');
    await simulator.tell('faults', { path: '/v1/customers', kind: 'status', status: 429, times: 1 });
    assert.equal((await rejection(patient.customers.list())).type, 'StripeRateLimitError');
});

test('connections that break and answers that end early', async () => {
    await simulator.tell('faults', { path: '/v1/customers', kind: 'drop_before', times: 2 });
    assert.equal((await rejection(stripe.customers.list())).type, 'StripeConnectionError');
    await simulator.tell('faults', { clear: true });
    await simulator.tell('faults', { path: '/v1/customers', kind: 'truncate', times: 2 });
    const error = await rejection(stripe.customers.list());
    assert.ok(['StripeConnectionError', 'StripeAPIError'].includes(error.type), error.type);
});

test('an unknown address, and a known one with another method', async () => {
    for (const [method, path] of [
        ['GET', '/v1/bogus'],
        ['GET', '/v1/customers/'],
        ['PATCH', '/v1/customers'],
        ['POST', '/v1/events'],
    ]) {
        const { status, json } = await simulator.fetch(method, path);
        assert.equal(status, 404, `${method} ${path}`);
        assert.equal(json.error.type, 'invalid_request_error');
        assert.ok(
            json.error.message.startsWith(`Unrecognized request URL (${method}: ${path}).`),
            json.error.message,
        );
    }
});

test('a version that is none', async () => {
    const error = await rejection(simulator.client({ apiVersion: 'yesterday' }).accounts.retrieveCurrent());
    assert.deepEqual([error.type, error.statusCode], ['StripeInvalidRequestError', 400]);
    assert.match(error.message, /^Invalid Stripe API version: yesterday/);
});

test('answers name the version, the account and the request', async () => {
    for (const [client, version] of [
        [story.stripe, '2026-10-28.endive'],
        [story.stripe17, OLD_VERSION],
    ]) {
        const { lastResponse } = await client.customers.list();
        assert.equal(lastResponse.statusCode, 200);
        assert.equal(lastResponse.apiVersion, version);
        assert.equal(lastResponse.stripeAccount, story.account);
        assert.match(lastResponse.requestId, /^req_/);
        assert.equal(lastResponse.headers['content-type'].split(';')[0], 'application/json');
    }
});

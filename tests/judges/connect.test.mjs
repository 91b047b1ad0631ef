// Connect as stripe-node drives it: the merchant's page, tokens, keys, accounts, the end of access.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CONNECT_SECRET, Simulator, rejection } from './lib/simulator.mjs';

const CLIENT = 'ca_citadel_sim';
const BACK = 'http://localhost:4711/connected';

let simulator;
before(async () => {
    simulator = await Simulator.start({
        events: ['account.updated', 'account.application.authorized', 'account.application.deauthorized'],
    });
});
after(() => simulator.stop());

// The address of the page as stripe-node writes it, which knows https and the usual port only.
function authorizeUrl(params = {}) {
    const url = simulator.stripe.oauth.authorizeUrl({ client_id: CLIENT, scope: 'read_write', state: 'xyz',
                                                      redirect_uri: BACK, ...params });
    const { pathname, search } = new URL(url);
    return new URL(pathname + search, simulator.base);
}
const visit = (url, options) => fetch(url, { redirect: 'manual', ...options });
// Where the merchant's browser is sent: the query of the redirect address.
function sentBack(answer) {
    assert.equal(answer.status, 302);
    const [address, query] = answer.headers.get('location').split('?');
    assert.equal(address, BACK);
    return Object.fromEntries(new URLSearchParams(query));
}
async function unconnected() {
    return (await simulator.tell('accounts', { connected: false, name: 'A <b>shop</b>' })).id;
}
const redeem = (code) => simulator.stripe.oauth.token({ grant_type: 'authorization_code', code });
async function connected() {
    const account = await unconnected();
    const { code } = await simulator.tell('oauth', { account });
    return { account, code, token: await redeem(code) };
}
const told = async (type, account) => {
    await simulator.settle();
    return simulator.receiver.events(type).filter((event) => event.account === account);
};

test('the merchant chooses an account on a page and the platform gets a code for it', async () => {
    const account = await unconnected();
    const page = await visit(authorizeUrl());
    assert.equal(page.status, 200);
    const html = await page.text();
    assert.ok(html.includes(account) && !html.includes('<b>shop'));
    const form = new URLSearchParams();
    for (const [, name, value] of html.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g))
        form.append(name, value);
    form.append('approve', account);
    form.append('action', 'connect');
    const answer = sentBack(await visit(new URL('/oauth/authorize', simulator.base), { method: 'POST', body: form }));
    assert.equal(answer.scope, 'read_write');
    assert.equal(answer.state, 'xyz');
    const token = await redeem(answer.code);
    assert.equal(token.stripe_user_id, account);
    assert.equal(token.token_type, 'bearer');
    assert.match(token.stripe_publishable_key, /^pk_test_/);
    assert.equal((await told('account.application.authorized', account)).length, 1);
});

test('cancelling and wrong questions come back as OAuth errors', async () => {
    const cancelled = sentBack(await visit(`${authorizeUrl()}&action=cancel`));
    assert.deepEqual([cancelled.error, cancelled.state], ['access_denied', 'xyz']);
    assert.equal(sentBack(await visit(authorizeUrl({ scope: 'everything' }))).error, 'invalid_scope');
    assert.equal(sentBack(await visit(authorizeUrl({ response_type: 'token' }))).error, 'unsupported_response_type');
});

test('an address that is not registered is never redirected to', async () => {
    for (const wrong of [{ redirect_uri: 'https://evil.example/' }, { client_id: 'ca_other' }]) {
        const answer = await visit(authorizeUrl(wrong));
        assert.equal(answer.status, 400);
        assert.match((await answer.json()).error.message, /Invalid redirect URI|No application matches/);
    }
});

test('the access token is a key for that account and no other', async () => {
    const { account, token } = await connected();
    const merchant = simulator.client({ key: token.access_token });
    assert.equal((await merchant.accounts.retrieveCurrent()).id, account);
    const customer = await merchant.customers.create({ name: 'Payer' });
    assert.equal((await simulator.stripe.customers.retrieve(customer.id, {}, { stripeAccount: account })).name, 'Payer');
    const other = await connected();
    const refused = await rejection(merchant.customers.list({}, { stripeAccount: other.account }));
    assert.equal(refused.type, 'StripePermissionError');
    assert.equal(refused.code, 'account_invalid');
});

test('a code works once; using it again is refused and revokes what it gave', async () => {
    const { code, token } = await connected();
    const refused = await rejection(redeem(code));
    assert.equal(refused.type, 'StripeInvalidGrantError');
    const merchant = simulator.client({ key: token.access_token });
    assert.equal((await rejection(merchant.accounts.retrieveCurrent())).type, 'StripeAuthenticationError');
    const refresh = { grant_type: 'refresh_token', refresh_token: token.refresh_token };
    assert.equal((await rejection(simulator.stripe.oauth.token(refresh))).type, 'StripeInvalidGrantError');
});

test('a code lives five minutes', async () => {
    const { code } = await simulator.tell('oauth', { account: await unconnected() });
    await simulator.advance({ minutes: 5 });
    assert.equal((await rejection(redeem(code))).type, 'StripeInvalidGrantError');
});

test('a refresh token gives another access token', async () => {
    const { account, token } = await connected();
    const again = await simulator.stripe.oauth.token({ grant_type: 'refresh_token', refresh_token: token.refresh_token });
    assert.equal(again.stripe_user_id, account);
    assert.notEqual(again.access_token, token.access_token);
    await simulator.client({ key: again.access_token }).customers.list();
});

test('token errors are the classes stripe-node knows', async () => {
    const wrong = { 'password': 'StripeUnsupportedGrantTypeError', 'authorization_code': 'StripeOAuthInvalidRequestError' };
    for (const [grant_type, type] of Object.entries(wrong))
        assert.equal((await rejection(simulator.stripe.oauth.token({ grant_type }))).type, type);
    const stranger = simulator.client({ key: 'sk_test_nobody' });
    const { code } = await simulator.tell('oauth', { account: await unconnected() });
    const refused = await rejection(stranger.oauth.token({ grant_type: 'authorization_code', code }));
    assert.equal(refused.type, 'StripeInvalidClientError');
});

test('deauthorize ends access, is told once, and cannot be repeated', async () => {
    const { account, token } = await connected();
    const params = { client_id: CLIENT, stripe_user_id: account };
    assert.equal((await simulator.stripe.oauth.deauthorize(params)).stripe_user_id, account);
    const [event, ...more] = await told('account.application.deauthorized', account);
    assert.equal(more.length, 0);
    assert.deepEqual([event.data.object.object, event.data.object.id], ['application', CLIENT]);
    const refused = await rejection(simulator.stripe.customers.list({}, { stripeAccount: account }));
    assert.equal(refused.type, 'StripePermissionError');
    assert.equal(refused.code, 'account_invalid');
    const merchant = simulator.client({ key: token.access_token });
    assert.equal((await rejection(merchant.customers.list())).statusCode, 401);
    assert.equal((await rejection(simulator.stripe.oauth.deauthorize(params))).type, 'StripeInvalidClientError');
});

test('accounts are opened, changed, listed and deleted by API', async () => {
    const { stripe } = simulator;
    const made = await stripe.accounts.create({ type: 'standard', country: 'DE', email: 'm@example.com' });
    assert.deepEqual([made.country, made.default_currency, made.charges_enabled], ['DE', 'eur', false]);
    const changed = await stripe.accounts.update(made.id, { metadata: { plan: 'pro' } });
    assert.deepEqual({ ...changed.metadata }, { plan: 'pro' });
    const [event] = await told('account.updated', made.id);
    assert.deepEqual(event.data.previous_attributes, { metadata: {} });
    assert.equal(event.data.object.id, made.id);
    await simulator.tell('account', { account: made.id, chargesEnabled: true });
    assert.equal((await stripe.accounts.retrieve(made.id)).charges_enabled, true);
    assert.equal((await told('account.updated', made.id)).length, 2);
    const ids = [];
    for await (const account of stripe.accounts.list({ limit: 2 })) ids.push(account.id);
    assert.ok(ids.includes(made.id) && new Set(ids).size === ids.length);
    assert.equal((await stripe.accounts.del(made.id)).deleted, true);
    assert.equal((await told('account.application.deauthorized', made.id)).length, 1);
    assert.equal((await rejection(stripe.accounts.retrieve(made.id))).code, 'account_invalid');
});

test('what is signed for Connect verifies with its secret', async () => {
    const { account } = await connected();
    await simulator.tell('deauthorize', { account });
    await simulator.settle();
    const delivery = simulator.receiver.deliveries.findLast(({ event }) => event.account === account);
    const now = (await simulator.now()).getTime();
    simulator.stripe.webhooks.constructEvent(delivery.body, delivery.headers['stripe-signature'], CONNECT_SECRET, 300,
                                             undefined, now);
});

test('keys open what they may', async () => {
    const key = async (body) => simulator.client({ key: (await simulator.tell('keys', body)).key });
    const restricted = await key({ kind: 'restricted', permissions: ['customer_read'] });
    await restricted.customers.list();
    const refused = await rejection(restricted.customers.create({}));
    assert.equal(refused.type, 'StripePermissionError');
    assert.match(refused.message, /'rak_customer_write' permission/);
    const publishable = await rejection((await key({ kind: 'publishable' })).customers.list());
    assert.deepEqual([publishable.statusCode, publishable.code], [403, 'secret_key_required']);
    const expired = await rejection((await key({ expiresAt: '2025-12-31T00:00:00Z' })).customers.list());
    assert.deepEqual([expired.type, expired.code], ['StripeAuthenticationError', 'api_key_expired']);
});

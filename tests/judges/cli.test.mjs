// Stripe's CLI takes the simulator for Stripe: it reads, writes, deletes, runs fixtures, triggers every
// event that it was seen to know, and listens.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Simulator, until } from './lib/simulator.mjs';
import { StripeCli } from './lib/stripe_cli.mjs';

let simulator, cli;
before(async () => {
    simulator = await Simulator.start();
    cli = new StripeCli(simulator);
});
after(async () => {
    await simulator.stop();
    await cli.remove();
});

test('reads, writes and deletes', async () => {
    const made = await cli.json('customers', 'create', '-d', 'name=Jenny', '-d', 'metadata[order]=7');
    assert.deepEqual([made.name, made.metadata], ['Jenny', { order: '7' }]);
    const changed = await cli.json('customers', 'update', made.id, '--email', 'jenny@example.com');
    assert.equal(changed.email, 'jenny@example.com');
    const posted = await cli.json('post', `/v1/customers/${made.id}`, '-d', 'name=Jo');
    assert.equal(posted.name, 'Jo');
    const [retrieved, byPath, byId, listed] = await Promise.all([
        cli.json('customers', 'retrieve', made.id), cli.json('get', `/v1/customers/${made.id}`),
        cli.json('get', made.id), cli.json('customers', 'list', '--limit', '1')]);
    for (const one of [retrieved, byPath, byId, ...listed.data]) assert.deepEqual(one, posted);
    assert.deepEqual([listed.object, listed.url], ['list', '/v1/customers']);
    const deleted = await cli.json('customers', 'delete', made.id, '--confirm');
    assert.equal(deleted.deleted, true);
    const { error } = await cli.json('customers', 'retrieve', 'cus_nobody');
    assert.deepEqual([error.type, error.code], ['invalid_request_error', 'resource_missing']);
});

test('acts for a connected account and expands', async () => {
    const story = await simulator.story();
    const invoice = await simulator.renew(story);
    const read = await cli.json('get', `/v1/invoices/${invoice}`, '--expand', 'customer',
                                '--stripe-account', story.account);
    assert.deepEqual([read.status, read.customer.id], ['paid', story.customer]);
    const { data } = await cli.json('invoices', 'list', '--status', 'paid', '--stripe-account', story.account);
    assert.deepEqual(data.map(({ id }) => id), [invoice]);
    assert.equal((await cli.json('get', `/v1/invoices/${invoice}`)).error.code, 'resource_missing');
});

test('manages webhook endpoints and resends to them', async () => {
    const url = `${simulator.receiver.url}/cli`;
    const made = await cli.json('webhook_endpoints', 'create', '--url', url, '-d', 'enabled_events[]=*');
    assert.match(made.secret, /^whsec_/);
    const changed = await cli.json('webhook_endpoints', 'update', made.id, '-d', 'disabled=true');
    assert.equal(changed.status, 'disabled');
    await cli.json('webhook_endpoints', 'update', made.id, '-d', 'disabled=false');
    const customer = await cli.json('customers', 'create', '-d', 'name=Again');
    await simulator.settle();
    const arrived = () => simulator.receiver.events().filter(
        ({ type, data }) => type === 'customer.created' && data.object.id === customer.id);
    assert.equal(arrived().length, 1);
    const resent = await cli.json('events', 'resend', arrived()[0].id, '--webhook-endpoint', made.id);
    assert.equal(resent.id, arrived()[0].id);
    await simulator.settle();
    assert.equal(arrived().length, 2);
    const deleted = await cli.json('webhook_endpoints', 'delete', made.id, '--confirm');
    assert.equal(deleted.deleted, true);
});

const fixture = (expected) => ({
    _meta: { template_version: 0 },
    fixtures: [
        { name: 'payer', path: '/v1/customers', method: 'post',
          params: { name: 'Fixture', email: 'payer@example.com', metadata: { made: 'by fixture' } } },
        { name: 'nobody', path: '/v1/customers/cus_nobody', method: 'get', expected_error_type: expected },
        { name: 'renamed', path: '/v1/customers/${payer:id}', method: 'post',
          params: { name: 'Mail ${payer:email}', metadata: { copy: '${payer:metadata.made}' } } },
    ],
});
async function runFixture(expected) {
    const file = join(cli.home, `${expected}.json`);
    writeFileSync(file, JSON.stringify(fixture(expected)));
    const { code, stderr } = await cli.run('fixtures', file);
    const { data } = await simulator.stripe.customers.list({ email: 'payer@example.com', limit: 1 });
    return { code, stderr, customer: data[0] };
}

test('runs a fixture file whose steps refer to each other and expect an error', async () => {
    const { code, stderr, customer } = await runFixture('invalid_request_error');
    assert.equal(code, 0, stderr);
    assert.equal(customer.name, 'Mail payer@example.com');
    assert.deepEqual(customer.metadata, { made: 'by fixture', copy: 'by fixture' });
});

test('a fixture that expects another error fails', async () => {
    const { code, stderr, customer } = await runFixture('card_error');
    assert.equal(code, 1);
    assert.match(stderr, /resource_missing/);
    assert.equal(customer.name, 'Fixture');
});

test('a fixture lets a month go by on a test clock', async () => {
    const file = join(cli.home, 'clock.json');
    const post = (name, path, params) => ({ name, path: `/v1/${path}`, method: 'post', params });
    const [start, later] = ['2024-01-31', '2024-03-01'].map((day) => Date.parse(day) / 1000);
    writeFileSync(file, JSON.stringify({ _meta: { template_version: 0 }, fixtures: [
        post('clock', 'test_helpers/test_clocks', { frozen_time: start, name: 'By fixture' }),
        post('payer', 'customers', { test_clock: '${clock:id}', payment_method: 'pm_card_visa',
                                     invoice_settings: { default_payment_method: 'pm_card_visa' } }),
        post('price', 'prices', { currency: 'usd', unit_amount: 2000, recurring: { interval: 'month' },
                                  product_data: { name: 'Letters' } }),
        post('subscription', 'subscriptions', { customer: '${payer:id}', items: [{ price: '${price:id}' }] }),
        post('advance', 'test_helpers/test_clocks/${clock:id}/advance', { frozen_time: later }),
    ] }));
    const { code, stderr } = await cli.run('fixtures', file);
    assert.equal(code, 0, stderr);
    await simulator.settle();
    const { data: [clock] } = await cli.json('test_helpers', 'test_clocks', 'list');
    assert.deepEqual([clock.name, clock.status, clock.frozen_time], ['By fixture', 'ready', later]);
    const { data: [payer] } = await cli.json('customers', 'list', '--test-clock', clock.id);
    const { data } = await cli.json('invoices', 'list', '--customer', payer.id);
    assert.deepEqual(data.map(({ created }) => created), [Date.parse('2024-02-29') / 1000, start]);
    const deleted = await cli.json('test_helpers', 'test_clocks', 'delete', clock.id, '--confirm');
    assert.equal(deleted.deleted, true);
});

// What happens to an account that the trigger opened; the rest is the platform's own.
const BELONGS_TO_NEW_ACCOUNT = new Set(['account.updated']);
// Triggers that Stripe's CLI knows and this simulator refuses, with the reason.
const REFUSED = new Map([
    ['payment_intent.processing', 'needs a bank debit; only cards are payment methods here'],
    ['payment_intent.partially_funded', 'needs a bank transfer; only cards are payment methods here'],
]);

async function eventExists(type) {
    // An account that is gone can be asked nothing; its last event went to the platform's endpoint.
    if (type === 'account.application.deauthorized') return simulator.receiver.events(type).length > 0;
    const clients = [simulator.stripe];
    if (BELONGS_TO_NEW_ACCOUNT.has(type)) {
        for (const { id } of (await simulator.stripe.accounts.list({ limit: 20 })).data) {
            clients.push(simulator.client({ stripeAccount: id }));
        }
    }
    for (const client of clients) {
        if ((await client.events.list({ type, limit: 1 })).data.length > 0) return true;
    }
    return false;
}

describe('triggers', { concurrency: 6 }, () => {
    const calls = new URL('../fixtures/stripe_cli_trigger_calls.json', import.meta.url);
    for (const type of Object.keys(JSON.parse(readFileSync(calls)).events)) {
        test(type, async (t) => {
            const { code, stdout, stderr } = await cli.run('trigger', type);
            if (REFUSED.has(type)) {
                assert.equal(code, 1, `${type} works now: take it off the list`);
                return t.diagnostic(`refused: ${REFUSED.get(type)}`);
            }
            assert.equal(code, 0, stderr);
            assert.match(stdout, /Trigger succeeded!/);
            assert.ok(await eventExists(type), `the trigger succeeded, but there is no ${type}`);
        });
    }
});

describe('stripe listen', { concurrency: 3 }, () => {
    let own;
    before(async () => { own = await Simulator.start(); });
    after(() => own.stop());
    const verify = async ({ body, headers }, secret) => own.stripe.webhooks.constructEvent(
        body, headers['stripe-signature'], secret, 300, undefined, (await own.now()).getTime());

    // A CLI as another device, removed after the test with all its listeners.
    function device(t, name) {
        const one = new StripeCli(own, name);
        t.after(() => one.remove());
        return one;
    }

    const address = (path) => new URL(path, own.receiver.url).href;

    test('forwards the signed events of a trigger and reports the answers back', async (t) => {
        const cliHere = device(t, 'laptop');
        own.receiver.answer = ({ url }) => (url === '/forward' ? 418 : 200);
        const to = address('/forward');
        const listener = await cliHere.listen('--events', 'customer.created,customer.deleted', '--forward-to', to);
        const { stdout: printed } = await cliHere.run('listen', '--print-secret');
        assert.equal(printed.trim(), listener.secret, 'the secret of a device stays the same');
        const { code, stderr } = await cliHere.run('trigger', 'customer.created');
        assert.equal(code, 0, stderr);
        const forwarded = () => own.receiver.deliveries.filter(({ url, event }) => url === '/forward' && !event.account);
        await until('the event is forwarded', () => forwarded().length > 0);
        const event = await verify(forwarded()[0], listener.secret);
        assert.equal(event.type, 'customer.created');
        assert.equal((await own.stripe.events.retrieve(event.id)).id, event.id);
        const told = await until('the answer is reported', async () => {
            const { sessions } = await own.ask('cli-sessions');
            return sessions.flatMap(({ responses }) => responses).find((one) => one.event === event.id);
        });
        assert.deepEqual(told, { event: event.id, url: to, status: 418 });
        await cliHere.json('events', 'resend', event.id);
        await until('the event is forwarded again', () => forwarded().length === 2);
        assert.equal((await verify(forwarded()[1], listener.secret)).id, event.id);
        assert.match(listener.output, new RegExp(`customer.created.*${event.id}[^]*418.*POST.*${event.id}`));
    });

    test('takes the configured endpoints for a map of what to forward where', async (t) => {
        const cliHere = device(t, 'tablet');
        await own.stripe.webhookEndpoints.create(
            { url: 'http://shop.example/hooks/new?by=cli', enabled_events: ['product.created'] });
        await cliHere.listen('--use-configured-webhooks', '--all-snapshot', '--forward-to', address('/local'));
        const product = await own.stripe.products.create({ name: 'Mapped' });
        await own.stripe.products.update(product.id, { name: 'Not asked for' });
        const arrived = () => own.receiver.deliveries.filter(({ url }) => url.startsWith('/local/hooks'));
        await until('it is forwarded', () => arrived().length > 0);
        assert.deepEqual(arrived().map(({ url, event }) => [url, event.type]),
                         [['/local/hooks/new?by=cli', 'product.created']]);
    });

    test('brings the events of connected accounts to their own address', async (t) => {
        const cliHere = device(t, 'desk');
        const listener = await cliHere.listen('--all-snapshot', '--latest', '--forward-to', address('/mine'),
                                              '--forward-connect-to', address('/theirs'));
        const { account, stripe } = await own.story({ account: { apiVersion: '2025-02-24.acacia' } });
        const customer = await stripe.customers.create({ name: 'Theirs' });
        const arrived = () => own.receiver.deliveries.filter(
            ({ url, event }) => url === '/theirs' && event.data.object.id === customer.id);
        await until('it is forwarded', () => arrived().length > 0);
        const event = await verify(arrived()[0], listener.secret);
        assert.deepEqual([event.account, event.api_version], [account, '2026-10-28.endive']);
        assert.ok(!own.receiver.deliveries.some(({ url, event: other }) => url === '/mine' && other.account));
    });
});

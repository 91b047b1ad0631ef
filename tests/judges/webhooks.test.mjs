// Stripe's documented rules of webhooks and events, each beside what the simulator was seen to do.
// stripe-node verifies every signature; the clock moves only where a test moves it.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, afterEach, before, test } from 'node:test';
import { NEW_VERSION, OLD_VERSION, Simulator, rejection } from './lib/simulator.mjs';

let simulator, stripe, origin;
before(async () => {
    simulator = await Simulator.start({ events: ['invoice.voided'] });
    stripe = simulator.stripe;
    origin = new URL(simulator.receiver.url).origin;
});
after(() => simulator.stop());

const made = [];
afterEach(async () => {
    await simulator.tell('faults', { clear: true });
    for (const [client, id] of made.splice(0)) await client.webhookEndpoints.del(id).catch(() => {});
    simulator.receiver.answer = 200;
    await simulator.settle();
    simulator.receiver.clear();
});

// The rule as documented is the test's name; what `look` tells was seen.
const rule = (documented, look) => test(documented, async (t) => t.diagnostic(`seen: ${await look()}`));

// An endpoint at `path` of the receiver for new customers, unless `more` says otherwise.
async function endpoint(path, { client = stripe, ...more } = {}) {
    const created = await client.webhookEndpoints.create(
        { url: origin + path, enabled_events: ['customer.created'], ...more });
    made.push([client, created.id]);
    return created;
}
const at = (path) => simulator.receiver.deliveries.filter(({ url }) => url === path);
async function newCustomer(name = 'Jenny', client = stripe) {
    const customer = await client.customers.create({ name });
    await simulator.settle();
    return customer;
}
const lastEvent = async () => (await stripe.events.list({ type: 'customer.created', limit: 1 })).data[0];
const signedAt = ({ headers }) => Number(/t=(\d+)/.exec(headers['stripe-signature'])[1]);
const signatures = ({ headers }) => headers['stripe-signature'].match(/v1=[0-9a-f]{64}/g).length;
const verify = async ({ body, headers }, secret) => stripe.webhooks.constructEvent(
    body, headers['stripe-signature'], secret, 300, undefined, (await simulator.now()).getTime());

rule('the secret of an endpoint is told only when it is created', async () => {
    const created = await endpoint('/x', { description: 'mine', metadata: { a: 'b' } });
    assert.match(created.secret, /^whsec_/);
    const read = await stripe.webhookEndpoints.retrieve(created.id);
    assert.deepEqual({ ...read, secret: created.secret }, { ...created });
    const changed = await stripe.webhookEndpoints.update(
        created.id, { url: `${origin}/y`, enabled_events: ['*'], metadata: { a: '', c: 'd' } });
    assert.deepEqual([changed.url, changed.enabled_events, changed.metadata], [`${origin}/y`, ['*'], { c: 'd' }]);
    const listed = await stripe.webhookEndpoints.list();
    for (const one of [read, changed, ...listed.data]) assert.equal(one.secret, undefined);
    assert.equal(listed.data[0].id, created.id);
    assert.deepEqual({ ...await stripe.webhookEndpoints.del(created.id) },
                     { id: created.id, object: 'webhook_endpoint', deleted: true });
    assert.equal((await rejection(stripe.webhookEndpoints.retrieve(created.id))).code, 'resource_missing');
    return 'in the answer of create and nowhere else; after deletion 404';
});

rule('a wrong url, event type or unknown parameter is an invalid request', async () => {
    for (const [params, param] of [[{ url: 'no' }, 'url'], [{ enabled_events: ['no.such'] }, 'enabled_events[0]'],
                                   [{ colour: 'red' }, 'colour']]) {
        const error = await rejection(endpoint('/x', params));
        assert.deepEqual([error.type, error.param], ['StripeInvalidRequestError', param]);
    }
    return 'StripeInvalidRequestError with the name of the parameter';
});

rule('constructEvent accepts an untouched body with the endpoint\'s own secret and nothing else', async () => {
    const one = await endpoint('/one'), two = await endpoint('/two');
    const customer = await newCustomer();
    const [delivery] = at('/one');
    const event = await verify(delivery, one.secret);
    assert.deepEqual([event.type, event.data.object.id], ['customer.created', customer.id]);
    await assert.rejects(verify(delivery, two.secret), { type: 'StripeSignatureVerificationError' });
    const tampered = { ...delivery, body: Buffer.from(delivery.body.toString().replace('Jenny', 'Mallory')) };
    await assert.rejects(verify(tampered, one.secret), { type: 'StripeSignatureVerificationError' });
    await verify(at('/two')[0], two.secret);
    return 'so it is, for each of two endpoints';
});

rule('while a secret is rolled there is one signature for each active secret, for up to 24 hours', async () => {
    const old = await endpoint('/rolled');
    const { secret } = await simulator.tell('roll-secret', { endpoint: old.id, hours: 24 });
    await newCustomer('during');
    await verify(at('/rolled')[0], old.secret);
    await verify(at('/rolled')[0], secret);
    await simulator.advance({ hours: 24 });
    await newCustomer('after');
    await verify(at('/rolled')[1], secret);
    await assert.rejects(verify(at('/rolled')[1], old.secret), { type: 'StripeSignatureVerificationError' });
    assert.deepEqual(at('/rolled').map(signatures), [2, 1]);
    return 'two v1 during the day, both verify; one after it';
});

rule('any answer but 2xx is a failure and comes again, signed with a new time', async () => {
    const statuses = [200, 201, 204, 299, 300, 304, 400, 404, 410, 429, 500, 503];
    simulator.receiver.answer = ({ url }) => Number(url.slice(1));
    const secrets = {};
    for (const status of statuses) secrets[status] = (await endpoint(`/${status}`)).secret;
    await newCustomer();
    await simulator.advance({ minutes: 1 });
    const again = statuses.filter((status) => at(`/${status}`).length === 2);
    assert.deepEqual(again, statuses.filter((status) => status >= 300));
    for (const status of again) {
        const [first, second] = at(`/${status}`);
        assert.equal(second.event.id, first.event.id);
        assert.equal(signedAt(second) - signedAt(first), 60);
        await verify(second, secrets[status]);
    }
    return `${again} came again after a minute, t 60 s later; 200, 201, 204, 299 did not`;
});

rule('a redirect is a failure and is not followed', async () => {
    const paths = [];
    const server = createServer((request, response) => {
        paths.push(request.url);
        response.writeHead(request.url === '/from' ? 302 : 200, { location: '/to' }).end();
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    await endpoint('', { url: `http://127.0.0.1:${server.address().port}/from` });
    await newCustomer();
    await simulator.advance({ minutes: 1 });
    assert.deepEqual(paths, ['/from', '/from']);
    server.close();
    server.closeAllConnections();
    return 'asked twice at the first address, never at the second';
});

rule('an answer that takes too long is a failure and comes again', async () => {
    const slow = await endpoint('/slow');
    await simulator.tell('faults', { webhooks: { endpoint: slow.id, timeoutMillis: 150 } });
    simulator.receiver.answer = null;
    await newCustomer();
    assert.equal((await lastEvent()).pending_webhooks, 1);
    simulator.receiver.answer = 200;
    await simulator.advance({ minutes: 1 });
    assert.deepEqual(at('/slow').map(({ status }) => status), [null, 200]);
    assert.equal((await lastEvent()).pending_webhooks, 0);
    return 'given up at the time-out, delivered a minute later';
});

rule('redelivery goes on for three days with an exponential back off, then ends', async () => {
    await endpoint('/dead');
    simulator.receiver.answer = 500;
    await newCustomer();
    await simulator.advance({ days: 5 });
    const times = at('/dead').map(signedAt);
    const gaps = times.slice(1).map((time, i) => time - times[i]);
    assert.ok(gaps.every((gap, i) => i === 0 || gap >= gaps[i - 1]), `${gaps}`);
    assert.ok(gaps.at(-1) >= 100 * gaps[0]);
    const whole = (times.at(-1) - times[0]) / 3600;
    assert.ok(whole <= 72 && whole > 60, `${whole}`);
    const event = await lastEvent();
    assert.equal(event.pending_webhooks, 1);
    const failed = await stripe.events.list({ delivery_success: false, type: 'customer.created' });
    assert.ok(failed.data.some(({ id }) => id === event.id));
    return `${times.length} tries in ${whole.toFixed(1)} hours, pauses in minutes: ${gaps.map((gap) => gap / 60)}`;
});

rule('events may arrive more than once', async () => {
    const twice = await endpoint('/twice');
    await simulator.tell('faults', { webhooks: { endpoint: twice.id, duplicate: 1 } });
    await newCustomer();
    const ids = at('/twice').map(({ event }) => event.id);
    assert.equal(ids.length, 2);
    assert.equal(ids[0], ids[1]);
    return 'the same event id twice';
});

rule('the order of events is not promised', async () => {
    const shuffled = await endpoint('/shuffled');
    await simulator.tell('faults', { webhooks: { endpoint: shuffled.id, reorder: 0.5 } });
    const names = Array.from({ length: 20 }, (_, i) => `payer ${i}`);
    for (const name of names) await newCustomer(name);
    await simulator.advance({ minutes: 2 });
    const arrived = at('/shuffled').map(({ event }) => event.data.object.name);
    assert.deepEqual([...arrived].sort(), [...names].sort());
    assert.notDeepEqual(arrived, names);
    return `came as ${arrived.map((name) => name.slice(6))}`;
});

rule('pending_webhooks is the number of endpoints that have not yet answered with 2xx', async () => {
    for (const path of ['/a', '/b', '/c']) await endpoint(path);
    simulator.receiver.answer = ({ url }) => (url === '/a' ? 200 : 500);
    await newCustomer();
    const seen = [(await lastEvent()).pending_webhooks];
    simulator.receiver.answer = ({ url }) => (url === '/c' ? 500 : 200);
    await simulator.advance({ minutes: 1 });
    seen.push((await lastEvent()).pending_webhooks);
    simulator.receiver.answer = 200;
    await simulator.advance({ hours: 1 });
    seen.push((await lastEvent()).pending_webhooks);
    assert.deepEqual(seen, [2, 1, 0]);
    return `of three endpoints ${seen.join(', then ')} were pending`;
});

rule('events are listed by delivery_success, type, types and created, newest first, page by page', async () => {
    await endpoint('/flaky');
    const start = (await simulator.now()).getTime() / 1000;
    simulator.receiver.answer = ({ event }) => (event.data.object.name === 'bad' ? 500 : 200);
    for (const name of ['good', 'bad', 'fine']) await newCustomer(name);
    const name = ({ data }) => data.object.name;
    const since = { created: { gte: start }, type: 'customer.created' };
    const listed = async (more) => (await stripe.events.list({ ...since, ...more })).data.map(name);
    assert.deepEqual(await listed({ delivery_success: false }), ['bad']);
    assert.deepEqual(await listed({ delivery_success: true }), ['fine', 'good']);
    const all = [];
    for await (const event of stripe.events.list({ ...since, limit: 2 })) all.push(name(event));
    assert.deepEqual(all, ['fine', 'bad', 'good']);
    const types = ['customer.created', 'customer.deleted'];
    assert.equal((await stripe.events.list({ types, created: { gte: start } })).data.length, 3);
    assert.equal((await stripe.events.list({ type: 'customer.deleted', created: { gte: start } })).data.length, 0);
    assert.equal((await stripe.events.list({ ...since, created: { gt: start + 1 } })).data.length, 0);
    const both = await rejection(stripe.events.list({ type: types[0], types }));
    assert.equal(both.type, 'StripeInvalidRequestError');
    return `undelivered: bad; delivered: fine, good; in pages of two: ${all}`;
});

rule('an event comes in the API version of its endpoint, whatever the account\'s is', async () => {
    const { stripe: merchant, ...story } = await simulator.story({ account: { apiVersion: NEW_VERSION } });
    const wanted = { connect: true, enabled_events: ['invoice.paid', 'invoice_payment.paid'] };
    await endpoint('/old', { ...wanted, api_version: OLD_VERSION });
    await endpoint('/default', wanted);
    await simulator.renew(story);
    await simulator.settle();
    const paid = (path) => at(path).find(({ event }) => event.type === 'invoice.paid').event;
    assert.deepEqual([paid('/old').api_version, paid('/default').api_version], [OLD_VERSION, NEW_VERSION]);
    assert.equal(typeof paid('/old').data.object.subscription, 'string');
    assert.equal(paid('/old').data.object.parent, undefined);
    assert.equal(typeof paid('/default').data.object.parent.subscription_details.subscription, 'string');
    assert.equal((await merchant.events.retrieve(paid('/old').id)).api_version, NEW_VERSION);
    assert.deepEqual([at('/old').length, at('/default').length], [1, 2]);
    return 'one event in two shapes; the old version is spared the type it does not know';
});

rule('Connect endpoints get the events of connected accounts with `account`, others their own without', async () => {
    const { account, stripe: merchant } = await simulator.story();
    await endpoint('/connect', { connect: true });
    await endpoint('/platform');
    await endpoint('/merchant', { client: merchant });
    const theirs = await newCustomer('theirs', merchant), ours = await newCustomer('ours');
    const seen = (path) => at(path).map(({ event }) => [event.account, event.data.object.id]);
    assert.deepEqual(seen('/connect'), [[account, theirs.id]]);
    assert.deepEqual(seen('/platform'), [[undefined, ours.id]]);
    assert.deepEqual(seen('/merchant'), [[undefined, theirs.id]]);
    const event = at('/connect')[0].event;
    assert.equal((await merchant.events.retrieve(event.id)).id, event.id);
    assert.equal((await rejection(stripe.events.retrieve(event.id))).code, 'resource_missing');
    return 'each once at its place; the platform cannot read the event without Stripe-Account';
});

rule('a disabled endpoint gets nothing, and the tries that were to come are dropped', async () => {
    const { id } = await endpoint('/off');
    simulator.receiver.answer = 500;
    await newCustomer('before');
    const disabled = await stripe.webhookEndpoints.update(id, { disabled: true });
    assert.equal(disabled.status, 'disabled');
    simulator.receiver.answer = 200;
    await newCustomer('while');
    await simulator.advance({ days: 1 });
    assert.equal(at('/off').length, 1);
    await stripe.webhookEndpoints.update(id, { disabled: false });
    await newCustomer('after');
    assert.deepEqual(at('/off').map(({ event }) => event.data.object.name), ['before', 'after']);
    return 'one try before, none while it was off, new events afterwards';
});

rule('the event tells the request that caused it, with its idempotency key', async () => {
    await endpoint('/cause');
    await stripe.customers.create({ name: 'caused' }, { idempotencyKey: 'key-of-the-caller' });
    await simulator.settle();
    const { request } = at('/cause')[0].event;
    assert.equal(request.idempotency_key, 'key-of-the-caller');
    assert.match(request.id, /^req_/);
    return JSON.stringify(request);
});

// The API judged by its own description: the document is sound, every endpoint in it stands behind the door that it
// names, whoever knocks, and every answer seen on the way is one that it describes. An endpoint that is added to the
// document without a row here fails.
import assert from 'node:assert/strict';
import SwaggerParser from '@apidevtools/swagger-parser';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ADMIN_KEY, ApiEngine, WORKER_SECRET, failedRenewal } from './lib/api_engine.mjs';
import { PATH, document, expectDescribed, operations } from './lib/openapi.mjs';
import { Simulator } from './lib/simulator.mjs';

const ALICE = 'user_alice';
const BOB = 'user_bob';
const RECOVERIES = 8;

let simulator, engine;
const world = {};

before(async () => {
    simulator = await Simulator.start();
    engine = await ApiEngine.start({ stripeBase: simulator.base });
    for (const [user, first] of [[ALICE, 0], [BOB, 100]]) {
        const account = (await simulator.tell('accounts', { connected: false })).id;
        await engine.connect(user, account);
        for (let n = 1; n <= RECOVERIES; ++n) {
            const stored = await engine.deliver(failedRenewal(account, first + n));
            assert.equal(stored.json.result.action, 'enqueued', stored.text);
        }
        world[user] = { account, headers: engine.as(user) };
        world[user].merchant = (await ask(user, '/api/merchants/me')).id;
        // Oldest first.
        world[user].recoveries = (await ask(user, '/api/recoveries?limit=100')).data.reverse();
        world[user].tasks = (await ask(user, '/api/tasks?limit=100')).data.reverse();
        assert.equal(world[user].recoveries.length, RECOVERIES);
    }
    // Bob has no address.
    const told = await engine.tellAddress(ALICE, 'alice@example.com');
    assert.equal(told.json.result.action, 'processed', told.text);
});
after(async () => {
    await engine?.stop();
    await simulator?.stop();
});

async function ask(user, path) {
    const answer = await engine.call('GET', path, { headers: world[user]?.headers ?? engine.as(user) });
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
}

const alice = () => world[ALICE];
// Alice's n-th recovery, or a task of it. Each row takes one of its own, so that no row undoes another's.
const recovery = (n) => () => ({ id: alice().recoveries[n].id });
const task = (n) => () => ({ id: alice().tasks[n].id });

// What the callers are told. `other` is another tenant with Alice's ids: 404 where an id is named, else its own 200.
// A row without `right` is public: everybody gets `anybody`. `lately`, of an expired token: 401 unless named.
const OWN = { other: 200, right: 200 };
const BY_ID = { other: 404, right: 200 };
const TEMPLATE = () => ({ kind: 'payment_failed', attempt: '1' });
const TEMPLATE_BODY = () => ({ subject: 'About {{invoice_number}}', body: 'Dear {{customer_name}}, please pay {{amount}}.' });
const rows = {
    getMe: OWN,
    exportMe: OWN,
    patchMerchant: { ...BY_ID, params: () => ({ id: alice().merchant }), body: () => ({ brandColor: '#123456' }),
                     headers: () => ({ 'X-Merchant-Stripe-Id': alice().account }) },
    getDashboard: OWN,
    listDailyMetrics: OWN,
    getBreakdown: OWN,
    listActivity: OWN,
    listRecoveries: OWN,
    getRecovery: { ...BY_ID, params: recovery(0) },
    getEntitlement: { ...OWN, params: () => ({ customerId: alice().recoveries[0].customerId }) },
    retryRecovery: { ...BY_ID, params: recovery(0) },
    stopRecovery: { ...BY_ID, params: recovery(1) },
    listTasks: OWN,
    getTask: { ...BY_ID, params: task(0) },
    // FREE has no e-mails: the plan refuses before anything is looked up.
    createTask: { other: 403, right: 403, body: () => ({ taskType: 'dunning_retry', recoveryId: alice().recoveries[0].id }) },
    retryTask: { ...BY_ID, params: task(2) },
    deleteTask: { ...BY_ID, params: task(3) },
    deleteCompletedTasks: OWN,
    getEmailTemplate: { ...OWN, params: TEMPLATE },
    putEmailTemplate: { ...OWN, params: TEMPLATE, body: TEMPLATE_BODY },
    previewEmailTemplate: { ...OWN, params: TEMPLATE, body: TEMPLATE_BODY },
    // Bob has no address to send it to.
    testEmailTemplate: { other: 409, right: 200, params: TEMPLATE, body: TEMPLATE_BODY },
    deleteEmailTemplate: { ...OWN, params: TEMPLATE },
    authorizeConnect: OWN,
    // A session token lives a minute and Stripe's page takes longer: who comes back is let in for ten more minutes,
    // and gets no further than the state allows (docs/sign-in.md).
    connectCallback: { other: 302, right: 302, lately: 302, query: '?code=ac_none&state=none' },
    connectWithKey: { other: 400, right: 400, body: () => ({ key: 'sk_test_not_restricted' }) },
    receiveStripe: { anybody: 400, body: () => ({}) },
    receiveStripeAlias: { anybody: 400, body: () => ({}) },
    receiveResend: { anybody: 400, body: () => ({}) },
    receiveClerk: { anybody: 400, body: () => ({}) },
    claimTasks: { right: 200, body: () => ({ limit: 1, leaseSeconds: 600 }) },
    heartbeatTask: { right: 409, params: task(4), body: () => ({ leaseToken: `1.${alice().merchant}.none` }) },
    completeTask: { right: 409, params: task(4), body: () => ({ leaseToken: 'none', success: true }) },
    trackOpen: { anybody: 200, params: () => ({ token: 'none' }) },
    trackClick: { anybody: 403, params: () => ({ token: 'none' }) },
    askToStopDigest: { anybody: 403, params: () => ({ token: 'none' }) },
    stopDigest: { anybody: 403, params: () => ({ token: 'none' }) },
    getHealth: { anybody: 200 },
    getLiveness: { anybody: 200 },
    getReadiness: { anybody: 200 },
    getMetrics: { anybody: 200 },
    getOpenApi: { anybody: 200 },
    getDocs: { anybody: 200 },
    listMerchants: { right: 200 },
    // At the end: nothing is left to ask for.
    disconnect: { other: 200, right: 200 },
    eraseMerchant: { right: 200, params: () => ({ id: alice().merchant }) },
};

function callers(who, row) {
    const bearer = (token) => ({ Authorization: `Bearer ${token}` });
    const now = Math.floor(Date.now() / 1000);
    const doors = {
        nobody: [{}, 401],
        'a bad token': [bearer(`${engine.token(ALICE).slice(0, -6)}AAAAAA`), 401],
        'a token expired lately': [bearer(engine.token(ALICE, { exp: now - 60 })), row.lately ?? 401],
        'a token expired long ago': [bearer(engine.token(ALICE, { exp: now - 11 * 60 })), 401],
        'a wrong worker': [{ 'X-Worker-Secret': 'wrong' }, 401],
        'a wrong admin': [{ 'X-Admin-Key': 'wrong' }, 401],
        'another tenant': [world[BOB].headers, who === 'merchant' ? row.other : 401],
        'a worker': [{ 'X-Worker-Secret': WORKER_SECRET }, who === 'worker' ? row.right : 401],
        'an admin': [{ 'X-Admin-Key': ADMIN_KEY }, who === 'admin' ? row.right : 401],
        'the right tenant': [world[ALICE].headers, who === 'merchant' ? row.right : 401],
    };
    const all = Object.entries(doors).map(([name, [headers, status]]) => ({ name, headers, status }));
    if (who === 'public') return all.map((caller) => ({ ...caller, status: row.anybody }));
    // The one who may comes last, since what it does may not be done twice.
    return all.sort((a, b) => (a.status < 401 ? 1 : 0) - (b.status < 401 ? 1 : 0));
}

test('the document is sound OpenAPI 3.1', async () => {
    await SwaggerParser.validate(fileURLToPath(PATH));
    assert.equal(document.openapi, '3.1.0');
    const ids = operations.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, 'operation ids are unique');
    for (const { id, operation, path } of operations) {
        assert.ok(operation.summary && operation.tags.length === 1 && operation.security, id);
        const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
        const given = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => name);
        assert.deepEqual(given, named, `${id}: path parameters`);
    }
});

test('it is served as it stands, and the client types are made from it', async () => {
    assert.equal((await engine.call('GET', '/openapi.json')).text, readFileSync(PATH, 'utf8'));
    const types = readFileSync(new URL('../../web/src/api/schema.d.ts', import.meta.url), 'utf8');
    for (const name of Object.keys(document.paths)) assert.ok(types.includes(`"${name}":`), name);
    for (const { id } of operations) assert.ok(types.includes(`${id}:`), id);
    for (const name of Object.keys(document.components.schemas)) assert.ok(types.includes(`${name}: `), name);
});

test('every endpoint has its row', () => {
    assert.deepEqual(Object.keys(rows).sort(), operations.map(({ id }) => id).sort());
});

test('somebody else\'s id answers exactly as one that never was', async () => {
    const { headers } = world[BOB];
    const text = async (path) => {
        const answer = await engine.call('GET', path, { headers });
        const { requestId, ...rest } = answer.json;
        return JSON.stringify([answer.status, rest]);
    };
    const theirs = world[ALICE];
    for (const [name, id] of [['recoveries', theirs.recoveries[4].id], ['tasks', theirs.tasks[4].id]]) {
        assert.equal(await text(`/api/${name}/${id}`), await text(`/api/${name}/999999999999`));
        assert.equal(await text(`/api/${name}/${id}`), await text(`/api/${name}/no-id`));
    }
});

const described = (id) => operations.find((operation) => operation.id === id);

test('who comes back from Stripe without the state that was given out is sent on with an error', async () => {
    for (const claims of [{}, { exp: Math.floor(Date.now() / 1000) - 60 }]) {
        const headers = { Cookie: `__session=${engine.token(ALICE, claims)}` };
        const answer = await engine.call('GET', '/api/stripe/connect/callback?code=ac_none&state=none', { headers });
        expectDescribed(described('connectCallback'), answer);
        assert.match(answer.headers.get('location'), /[?&]error=state_invalid$/);
    }
});

test('a preview without a text shows the one in use', async () => {
    const path = '/api/email-templates/payment_failed/2';
    const { headers } = alice();
    const look = async (text) => {
        const answer = await engine.call('POST', `${path}/preview`, { headers, body: text });
        assert.equal(answer.status, 200, answer.text);
        expectDescribed(described('previewEmailTemplate'), answer);
        return answer.json;
    };
    const own = { subject: 'Of our own', body: 'The bill of **our own** making.' };
    const builtIn = await look(undefined);
    const { subject, body } = await ask(ALICE, path);
    assert.deepEqual(builtIn, await look({ subject, body }));
    assert.deepEqual(await look({ subject: own.subject }), await look({ subject: own.subject, body }));
    const put = await engine.call('PUT', path, { headers, body: own });
    assert.equal(put.status, 200, put.text);
    assert.deepEqual(await look({}), await look(own));
    assert.notEqual((await look({})).subject, builtIn.subject);
});

test('the stop link of a digest asks first, and stops it', async () => {
    const path = `/api/digest/stop/${engine.digestStop(alice().merchant)}`;
    const change = await engine.call('PATCH', `/api/merchants/${alice().merchant}`, {
        headers: { ...alice().headers, 'X-Merchant-Stripe-Id': alice().account },
        body: { digestEnabled: true },
    });
    assert.equal(change.status, 200, change.text);
    for (const [id, method, enabled] of [['askToStopDigest', 'GET', true], ['stopDigest', 'POST', false],
                                         ['stopDigest', 'POST', false]]) {
        const answer = await engine.call(method, path);
        assert.equal(answer.status, 200, answer.text);
        expectDescribed(described(id), answer);
        assert.equal((await ask(ALICE, '/api/merchants/me')).digestEnabled, enabled);
    }
});

test('what is not the caller\'s to say is refused by its code, and changes nothing', async () => {
    const { merchant, account, headers, recoveries } = alice();
    const own = { ...headers, 'X-Merchant-Stripe-Id': account };
    const recoveryId = recoveries[5].id;
    const before = await ask(ALICE, '/api/merchants/me');
    const path = `/api/merchants/${merchant}`;
    for (const [id, method, address, sent, body, status, code] of [
        ['patchMerchant', 'PATCH', path, headers, { brandColor: '#654321' }, 403, 'stripe_account_mismatch'],
        ['patchMerchant', 'PATCH', path, { ...headers, 'X-Merchant-Stripe-Id': world[BOB].account }, { brandColor: '#654321' },
         403, 'stripe_account_mismatch'],
        ['patchMerchant', 'PATCH', path, own, { brandColor: 'red' }, 400, 'invalid_member'],
        ['patchMerchant', 'PATCH', path, own, { logoUrl: 'http://example.com/a.png' }, 400, 'invalid_member'],
        ['createTask', 'POST', '/api/tasks', headers, { taskType: 'send_weekly_digest', recoveryId }, 400, 'task_type_not_allowed'],
        ['createTask', 'POST', '/api/tasks', headers, { taskType: 'dunning_retry', recoveryId }, 403, 'usage_limit'],
    ]) {
        const answer = await engine.call(method, address, { headers: sent, body });
        assert.deepEqual([answer.status, answer.json.code], [status, code], answer.text);
        expectDescribed(described(id), answer);
    }
    for (const name of ['email', 'tier', 'id', 'stripeAccountId', 'createdAt', 'nonsense']) {
        const answer = await engine.call('PATCH', path, { headers: own, body: { [name]: 'PRO' } });
        assert.equal(answer.status, 400, answer.text);
        assert.ok(answer.json.detail.includes(name), answer.text);
    }
    assert.deepEqual(await ask(ALICE, '/api/merchants/me'), before);
});

for (const id of Object.keys(rows)) {
    test(`${id}: each caller gets what the document promises`, async () => {
        const promised = described(id);
        assert.ok(promised, `${id} is not in the document`);
        const { who, method, path } = promised;
        const row = rows[id];
        const params = row.params?.() ?? {};
        const address = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(params[name])) + (row.query ?? '');
        for (const caller of callers(who, row)) {
            const headers = { ...row.headers?.(), ...caller.headers };
            const answer = await engine.call(method, address, { headers, body: row.body?.() });
            assert.equal(answer.status, caller.status, `${id} for ${caller.name}: ${answer.text}`);
            if (promised.operation.responses[answer.status]) expectDescribed(promised, answer);
            else assert.fail(`${id} answered ${answer.status} to ${caller.name}, which is not described`);
        }
    });
}

// Everything that the simulator shows, in both API versions, and everything that it sends is what
// stripe-node's types say it is.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Crawl } from './lib/crawl.mjs';
import { buildWorld } from './lib/world.mjs';
import { CONNECT_SECRET, NEW_VERSION, OLD_VERSION, SECRET } from './lib/simulator.mjs';

let world;
before(async () => {
    world = await buildWorld();
});
after(() => world?.simulator.stop());

function assertFaultless(crawl) {
    const lines = [...crawl.faults].map(([fault, { where, times }]) => `${times} × ${fault}\n      ${where}`);
    assert.deepEqual([...crawl.unknown], [], 'kinds of objects that no schema knows');
    assert.equal(lines.length, 0, `\n${lines.slice(0, 60).join('\n')}\n(${lines.length} kinds of faults)`);
}

for (const version of [OLD_VERSION, NEW_VERSION]) {
    test(`every list, object and expansion of ${version}`, async () => {
        const crawl = new Crawl(world.simulator, version);
        for (const account of [null, ...world.accounts]) await crawl.everythingOf(account);
        assertFaultless(crawl);
        for (const [path, times] of Object.entries(crawl.listed))
            assert.ok(times > 0, `nothing is in ${path}`);
    });
}

test('what is shown once only', () => {
    const crawl = new Crawl(world.simulator, NEW_VERSION);
    for (const object of world.extras) crawl.check('extras', object);
    assertFaultless(crawl);
    assert.ok(crawl.checked > 0);
});

test('every webhook has a signature that stripe-node accepts, and a body of its version', () => {
    const { stripe, stripe17, receiver } = world.simulator;
    const crawl = new Crawl(world.simulator, NEW_VERSION);
    const perAddress = {};
    for (const { url, headers, body } of receiver.deliveries) {
        perAddress[url] = (perAddress[url] ?? 0) + 1;
        const signature = headers['stripe-signature'];
        const { account } = JSON.parse(body);
        const secret = world.secrets[url] ?? (account ? CONNECT_SECRET : SECRET);
        const sent = Number(/t=(\d+)/.exec(signature)[1]) * 1000;
        for (const client of [stripe, stripe17]) {
            const verify = (key, payload = body) =>
                client.webhooks.constructEvent(payload, signature, key, 300, undefined, sent);
            const event = verify(secret);
            for (const forged of [
                () => verify('whsec_another'),
                () => verify(secret, Buffer.concat([body, Buffer.from(' ')])),
            ]) {
                assert.throws(forged, { type: 'StripeSignatureVerificationError' });
            }
            if (url === '/webhooks/connect') assert.equal(event.api_version, OLD_VERSION);
            crawl.check(`webhook to ${url}`, event);
        }
    }
    assertFaultless(crawl);
    assert.deepEqual(Object.keys(perAddress).sort(), ['/webhooks', '/webhooks/connect', '/webhooks/own']);
    assert.ok(
        perAddress['/webhooks'] > 200 && perAddress['/webhooks/connect'] > 500,
        JSON.stringify(perAddress),
    );
});

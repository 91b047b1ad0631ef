// The harness itself: the program starts, both clients reach it, the clock moves, webhooks arrive.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CONNECT_SECRET, Simulator, rejection } from './lib/simulator.mjs';

let simulator;
before(async () => {
    simulator = await Simulator.start();
});
after(() => simulator.stop());

test('both clients reach the simulator', async () => {
    assert.equal((await simulator.stripe.accounts.retrieveCurrent()).object, 'account');
    assert.equal((await simulator.stripe17.accounts.retrieve()).object, 'account');
});

test('time stands still until it is moved, then what is due happens at its time', async () => {
    const story = await simulator.story({ subscription: { renewAt: '2026-01-03T12:00:00Z' } });
    await simulator.moveTo('2026-01-03T11:59:59Z');
    assert.equal((await story.stripe.invoices.list()).data.length, 0);
    await simulator.advance({ days: 2 });
    const [invoice] = (await story.stripe.invoices.list()).data;
    assert.equal(invoice.created, Date.parse('2026-01-03T12:00:00Z') / 1000);
    assert.equal((await simulator.now()).toISOString(), '2026-01-05T11:59:59.000Z');
});

test('webhooks arrive with their raw body', async () => {
    const story = await simulator.story();
    simulator.receiver.clear();
    const invoice = await simulator.renew(story);
    await simulator.settle();
    const paid = simulator.receiver.deliveries.find(({ event }) => event.type === 'invoice.paid');
    assert.equal(paid.event.data.object.id, invoice);
    const now = (await simulator.now()).getTime();
    simulator.stripe.webhooks.constructEvent(
        paid.body,
        paid.headers['stripe-signature'],
        CONNECT_SECRET,
        300,
        undefined,
        now,
    );
});

test('what is expected to fail and does not is a failure', async () => {
    await assert.rejects(rejection(Promise.resolve(1)), /expected an error/);
});

// Usage as stripe-node reports it: v1, v2 and the stream, what it adds up to, and the errors that come later.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SECRET, START, Simulator, rejection } from './lib/simulator.mjs';

const REPORT = 'v1.billing.meter.error_report_triggered', NO_METER = 'v1.billing.meter.no_meter_found';
const DAY = 86_400;
const start = Date.parse(START) / 1000;

let simulator, customer;
before(async () => {
    simulator = await Simulator.start({ events: [REPORT, NO_METER] });
    customer = (await simulator.stripe.customers.create({ name: 'Shop' })).id;
});
after(() => simulator.stop());

let count = 0;
async function meter(params = {}) {
    return simulator.stripe.billing.meters.create({
        display_name: 'Recovered', event_name: `recovered_${++count}`, default_aggregation: { formula: 'sum' }, ...params,
    });
}
const event = ({ event_name }, value, more = {}) =>
    ({ event_name, payload: { stripe_customer_id: customer, value: `${value}` }, ...more });
async function used({ id }, more = {}) {
    const { data } = await simulator.stripe.billing.meters.listEventSummaries(id, {
        customer, start_time: start, end_time: start + 30 * DAY, ...more,
    });
    return data.map(({ aggregated_value }) => aggregated_value);
}

test('a meter is made, read, changed, listed, switched off and on', async () => {
    const { meters } = simulator.stripe.billing;
    const made = await meter({ value_settings: { event_payload_key: 'cents' } });
    assert.deepEqual([made.object, made.status, made.value_settings.event_payload_key],
                     ['billing.meter', 'active', 'cents']);
    assert.equal(made.customer_mapping.event_payload_key, 'stripe_customer_id');
    assert.equal((await meters.update(made.id, { display_name: 'Money' })).display_name, 'Money');
    assert.equal((await meters.retrieve(made.id)).display_name, 'Money');
    const off = await meters.deactivate(made.id);
    assert.deepEqual([off.status, off.status_transitions.deactivated_at], ['inactive', start]);
    assert.ok((await meters.list({ status: 'inactive' })).data.some(({ id }) => id === made.id));
    assert.equal((await meters.reactivate(made.id)).status, 'active');
    assert.equal((await rejection(meters.create({ ...made, display_name: 'again' }))).type, 'StripeInvalidRequestError');
});

test('v1: what is reported adds up, in windows too', async () => {
    const recovered = await meter();
    const { meterEvents } = simulator.stripe.billing;
    const told = await meterEvents.create(event(recovered, 25, { identifier: 'v1-1', timestamp: start + 60 }));
    assert.deepEqual([told.object, told.identifier, told.timestamp, told.payload.value],
                     ['billing.meter_event', 'v1-1', start + 60, '25']);
    await meterEvents.create(event(recovered, 5));
    assert.deepEqual(await used(recovered), [30]);
    const days = await used(recovered, { value_grouping_window: 'day', limit: 100 });
    assert.equal(days.length, 30);
    assert.equal(days.at(-1), 30);
    assert.equal((await rejection(used(recovered, { start_time: start + 1 }))).param, 'start_time');
});

test('documented: an identifier is unique for at least 24 hours', async () => {
    const recovered = await meter();
    const send = () => simulator.stripe.billing.meterEvents.create(event(recovered, 1, { identifier: 'once' }));
    await send();
    assert.match((await rejection(send())).message, /already exists with identifier once/);
    assert.deepEqual(await used(recovered), [1]);
});

test('documented: v1 is validated later; errors come as thin events', async () => {
    const recovered = await meter();
    const { stripe } = simulator;
    simulator.receiver.clear();
    const now = (await simulator.now()).getTime() / 1000;
    await stripe.billing.meterEvents.create(event(recovered, 'many', { identifier: 'bad-1' }));
    await stripe.billing.meterEvents.create(event(recovered, 1, { timestamp: now - 35 * DAY - 1 }));
    await stripe.billing.meterEvents.create(event(recovered, 1, { timestamp: now + 301 }));
    await stripe.billing.meterEvents.create(event({ event_name: 'no_such_meter' }, 1));
    await simulator.advance({ seconds: 10 });
    assert.equal(simulator.receiver.events(NO_METER).length, 1);
    const delivery = simulator.receiver.deliveries.find((one) => one.event.type === REPORT);
    const seconds = Math.floor((await simulator.now()).getTime() / 1000);
    const notification = stripe.parseEventNotification(delivery.body, delivery.headers['stripe-signature'], SECRET,
                                                       300, undefined, seconds * 1000);
    assert.equal(notification.related_object.id, recovered.id);
    const { data } = await notification.fetchEvent();
    assert.equal(data.reason.error_count, 3);
    assert.deepEqual(data.reason.error_types.map(({ code }) => code),
                     ['meter_event_invalid_value', 'timestamp_in_future', 'timestamp_too_far_in_past']);
    assert.equal(data.reason.error_types[0].sample_errors[0].request.identifier, 'bad-1');
    assert.equal((await notification.fetchRelatedObject()).id, recovered.id);
    const listed = await stripe.v2.core.events.list({ object_id: recovered.id });
    assert.deepEqual(listed.data.map(({ type }) => type), [REPORT]);
    assert.deepEqual(await used(recovered), [0]);
});

test('v1 and v2: an event of the last day can be taken out again', async () => {
    const recovered = await meter();
    const { stripe } = simulator;
    const cancel = (identifier) => ({ event_name: recovered.event_name, type: 'cancel', cancel: { identifier } });
    for (const identifier of ['out-1', 'out-2', 'stays'])
        await stripe.billing.meterEvents.create(event(recovered, 7, { identifier }));
    const first = await stripe.billing.meterEventAdjustments.create(cancel('out-1'));
    assert.deepEqual([first.object, first.status], ['billing.meter_event_adjustment', 'pending']);
    const second = await stripe.v2.billing.meterEventAdjustments.create(cancel('out-2'));
    assert.equal(second.object, 'v2.billing.meter_event_adjustment');
    assert.deepEqual(await used(recovered), [7]);
    await simulator.advance({ hours: 24 });
    assert.equal((await rejection(stripe.billing.meterEventAdjustments.create(cancel('stays')))).statusCode, 400);
});

test('documented: v2 is validated at once, with codes of its own', async () => {
    const recovered = await meter();
    const { meterEvents } = simulator.stripe.v2.billing;
    const now = (await simulator.now()).toISOString();
    const made = await meterEvents.create(event(recovered, 3, { identifier: 'v2-1', timestamp: now }));
    assert.deepEqual([made.object, made.identifier], ['v2.billing.meter_event', 'v2-1']);
    assert.equal(new Date(made.timestamp).toISOString(), now);
    const code = async (params) => (await rejection(meterEvents.create(params))).code;
    assert.equal(await code(event(recovered, 3, { identifier: 'v2-1' })), 'duplicate_meter_event');
    assert.equal(await code(event({ event_name: 'no_such_meter' }, 3)), 'no_meter');
    assert.equal(await code(event(recovered, '1.5')), 'payload_invalid_value');
    assert.equal(await code({ ...event(recovered, 1), payload: { stripe_customer_id: customer } }), 'payload_no_value_defined');
    assert.equal(await code({ ...event(recovered, 1), payload: { value: '1' } }), 'payload_no_customer_defined');
    assert.equal(await code(event(recovered, 1, { timestamp: '2025-01-01T00:00:00Z' })), 'timestamp_too_far_in_past');
    await simulator.stripe.billing.meters.deactivate(recovered.id);
    assert.equal(await code(event(recovered, 1)), 'archived_meter');
    assert.deepEqual(await used(recovered), [3]);
});

test('documented: v2 keys replay successes only', async () => {
    const recovered = await meter();
    const { meterEvents } = simulator.stripe.v2.billing;
    const options = { idempotencyKey: 'v2-key' };
    assert.equal((await rejection(meterEvents.create({ ...event(recovered, 1), payload: { value: '1' } }, options))).statusCode, 400);
    const first = await meterEvents.create(event(recovered, 2), options);
    const again = await meterEvents.create(event(recovered, 2), options);
    assert.equal(again.identifier, first.identifier);
    assert.equal(again.lastResponse.headers['idempotent-replayed'], 'true');
    assert.equal((await rejection(meterEvents.create(event(recovered, 9), options))).type, 'StripeIdempotencyError');
    assert.deepEqual(await used(recovered), [2]);
});

test('documented: the stream takes up to 100 events with a token of 15 minutes', async () => {
    const recovered = await meter();
    const session = await simulator.stripe.v2.billing.meterEventSession.create();
    assert.equal(new Date(session.expires_at) - new Date(session.created), 15 * 60_000);
    const stream = simulator.client({ key: session.authentication_token }).v2.billing.meterEventStream;
    const send = (many) => stream.create({ events: Array.from({ length: many }, () => event(recovered, 1)) });
    await send(100);
    assert.deepEqual(await used(recovered), [100]);
    assert.equal((await rejection(send(101))).statusCode, 400);
    const stranger = simulator.stripe.v2.billing.meterEventStream.create({ events: [event(recovered, 1)] });
    assert.equal((await rejection(stranger)).statusCode, 401);
    await simulator.advance({ minutes: 15 });
    const expired = await rejection(send(1));
    assert.equal(expired.type, 'TemporarySessionExpiredError');
    assert.equal(expired.code, 'billing_meter_event_session_expired');
    assert.deepEqual(await used(recovered), [100]);
});

test('usage of a merchant stays with the merchant, and so do its errors', async () => {
    const story = await simulator.story();
    const recovered = await meter();
    assert.equal((await rejection(story.stripe.billing.meters.retrieve(recovered.id))).code, 'resource_missing');
    simulator.receiver.clear();
    await story.stripe.billing.meterEvents.create(event(recovered, 1));
    await simulator.advance({ seconds: 10 });
    const [{ id, context }] = simulator.receiver.events(NO_METER);
    assert.equal(context, story.account);
    assert.equal((await simulator.stripe.v2.core.events.retrieve(id, {}, { stripeContext: context })).id, id);
    assert.equal((await rejection(simulator.stripe.v2.core.events.retrieve(id))).code, 'not_found');
});

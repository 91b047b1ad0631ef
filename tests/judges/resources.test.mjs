// stripe-node drives the resources through the methods of its own API, in both versions. Resources with
// much behaviour of their own have their own files.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Simulator, rejection } from './lib/simulator.mjs';

let simulator;
before(async () => {
    simulator = await Simulator.start();
});
after(() => simulator.stop());

const ids = ({ data }) => data.map(({ id }) => id);
const seconds = (text) => Date.parse(text) / 1000;

test('account: the current one and one by id, from the platform and from itself', async () => {
    const { account, stripe, stripe17 } = await simulator.story({
        account: { name: 'Bakery', country: 'DE', currency: 'eur' },
    });
    for (const found of [
        await simulator.stripe.accounts.retrieve(account),
        await stripe.accounts.retrieveCurrent(),
        await stripe17.accounts.retrieve(),
        await simulator.stripe17.accounts.retrieve(account),
    ]) {
        assert.deepEqual(
            [found.id, found.country, found.default_currency, found.business_profile.name],
            [account, 'DE', 'eur', 'Bakery'],
        );
    }
    assert.notEqual((await simulator.stripe.accounts.retrieveCurrent()).id, account);
});

test('customers: create, retrieve, update, list by e-mail and time', async () => {
    const { stripe } = await simulator.story();
    const made = await stripe.customers.create({
        name: 'Ada',
        email: 'ada@example.com',
        preferred_locales: ['de'],
        metadata: { plan: 'gold', seats: '3' },
        payment_method: 'pm_card_visa',
        invoice_settings: { default_payment_method: 'pm_card_visa' },
    });
    const found = await stripe.customers.retrieve(made.id);
    assert.deepEqual(
        [found.name, found.email, found.preferred_locales, found.metadata],
        ['Ada', 'ada@example.com', ['de'], { plan: 'gold', seats: '3' }],
    );
    assert.match(found.invoice_settings.default_payment_method, /^pm_/);
    await simulator.advance({ hours: 1 });
    const later = await stripe.customers.create({ email: 'bob@example.com' });
    assert.deepEqual(ids(await stripe.customers.list({ email: 'ada@example.com' })), [made.id]);
    assert.deepEqual(ids(await stripe.customers.list({ created: { gt: made.created } })), [later.id]);
    assert.deepEqual(
        ids(
            await stripe.customers.list({
                created: { gte: made.created, lt: later.created },
                email: 'ada@example.com',
            }),
        ),
        [made.id],
    );
});

test('metadata: keys are set one by one, unset by an empty value, all by an empty text', async () => {
    const { stripe } = await simulator.story();
    const { id } = await stripe.customers.create({ metadata: { a: '1', b: '2' } });
    assert.deepEqual((await stripe.customers.update(id, { metadata: { b: '3', c: '4' } })).metadata, {
        a: '1',
        b: '3',
        c: '4',
    });
    assert.deepEqual((await stripe.customers.update(id, { metadata: { a: '' } })).metadata, {
        b: '3',
        c: '4',
    });
    assert.deepEqual((await stripe.customers.update(id, { metadata: { b: null } })).metadata, { c: '4' });
    assert.deepEqual((await stripe.customers.update(id, { metadata: '' })).metadata, {});
    const odd = { 'key with spaces': 'ümläut & = [x]', 'a.b-c': '100%' };
    assert.deepEqual((await stripe.customers.update(id, { metadata: odd })).metadata, odd);
});

test('payment methods: attach a test card, list, retrieve, make it the default', async () => {
    const { stripe, customer, paymentMethod } = await simulator.story();
    const added = await stripe.paymentMethods.attach('pm_card_mastercard', { customer });
    assert.deepEqual([added.card.brand, added.customer], ['mastercard', customer]);
    assert.equal((await stripe.paymentMethods.retrieve(added.id)).card.last4, '4444');
    assert.deepEqual(ids(await stripe.paymentMethods.list({ customer, type: 'card' })), [
        added.id,
        paymentMethod,
    ]);
    assert.deepEqual(ids(await stripe.customers.listPaymentMethods(customer, { limit: 1 })), [added.id]);
    const updated = await stripe.customers.update(customer, {
        invoice_settings: { default_payment_method: added.id },
    });
    assert.equal(updated.invoice_settings.default_payment_method, added.id);
    const stranger = await stripe.customers.create({});
    const error = await rejection(
        stripe.customers.update(stranger.id, { invoice_settings: { default_payment_method: added.id } }),
    );
    assert.equal(error.statusCode, 400);
});

test('subscriptions: retrieve, list by customer and status, cancel', async () => {
    const { stripe, stripe17, customer, subscription } = await simulator.story();
    const found = await stripe.subscriptions.retrieve(subscription);
    assert.deepEqual([found.status, found.customer, found.items.data.length], ['active', customer, 1]);
    assert.ok(found.items.data[0].current_period_end > found.created);
    assert.equal(
        (await stripe17.subscriptions.retrieve(subscription)).current_period_end,
        found.items.data[0].current_period_end,
    );
    assert.deepEqual(ids(await stripe.subscriptions.list({ customer })), [subscription]);
    const cancelled = await stripe.subscriptions.cancel(subscription, {
        cancellation_details: { comment: 'Bye', feedback: 'unused' },
    });
    assert.equal(cancelled.status, 'canceled');
    assert.deepEqual(cancelled.cancellation_details, {
        comment: 'Bye',
        feedback: 'unused',
        reason: 'cancellation_requested',
        ...('feedback_option' in cancelled.cancellation_details ? { feedback_option: null } : {}),
    });
    for (const [status, expected] of [
        [undefined, []],
        ['active', []],
        ['canceled', [subscription]],
        ['all', [subscription]],
        ['ended', [subscription]],
    ]) {
        assert.deepEqual(
            ids(await stripe.subscriptions.list({ customer, ...(status && { status }) })),
            expected,
            status,
        );
    }
    assert.equal((await rejection(stripe.subscriptions.cancel(subscription))).code, 'resource_missing');
});

test("invoices: pay with the customer's card, with another, out of band", async () => {
    const story = await simulator.story({ customer: { outcomes: ['insufficient_funds', 'approve'] } });
    const { stripe } = story;
    const paid = await stripe.invoices.pay(await simulator.renew(story), { off_session: true });
    assert.deepEqual([paid.status, paid.amount_remaining, paid.amount_paid], ['paid', 0, paid.total]);

    const second = await simulator.story({ account: story.account, customer: { outcomes: ['lost_card'] } });
    const other = await stripe.invoices.pay(await simulator.renew(second), {
        payment_method: 'pm_card_mastercard',
        expand: ['payments.data.payment.payment_intent'],
    });
    assert.notEqual(other.payments.data[0].payment.payment_intent.payment_method, second.paymentMethod);

    const third = await simulator.story({ account: story.account, customer: { outcomes: ['lost_card'] } });
    const cash = await stripe.invoices.pay(await simulator.renew(third), { paid_out_of_band: true });
    assert.deepEqual([cash.status, cash.amount_paid_off_stripe], ['paid', cash.total]);
    const old = await third.stripe17.invoices.retrieve(cash.id);
    assert.deepEqual([old.paid, old.paid_out_of_band, old.amount_paid], [true, true, 0]);
});

test('invoices: void, mark uncollectible, update', async () => {
    const { stripe, account } = await simulator.story();
    const open = async () =>
        simulator.renew(await simulator.story({ account, customer: { outcomes: ['lost_card'] } }));
    assert.equal((await stripe.invoices.voidInvoice(await open())).status, 'void');
    const written = await stripe.invoices.markUncollectible(await open());
    assert.equal(written.status, 'uncollectible');
    assert.equal((await stripe.invoices.voidInvoice(written.id)).status, 'void');
    const invoice = await open();
    const updated = await stripe.invoices.update(invoice, { auto_advance: false, metadata: { owner: 'us' } });
    assert.deepEqual(
        [updated.auto_advance, updated.next_payment_attempt, updated.metadata],
        [false, null, { owner: 'us' }],
    );
    assert.equal((await rejection(stripe.invoices.voidInvoice(written.id))).statusCode, 400);
});

test("invoices: Stripe's own retries move attempt_count and next_payment_attempt", async () => {
    const story = await simulator.story({
        account: { retrySchedule: [3, 5], finalAction: 'uncollectible' },
        customer: { outcomes: ['insufficient_funds'] },
    });
    const id = await simulator.renew(story);
    const at = async () => {
        const {
            attempt_count: count,
            next_payment_attempt: next,
            status,
        } = await story.stripe.invoices.retrieve(id);
        return { count, next, status };
    };
    const day = 86_400;
    const began = (await simulator.now()).getTime() / 1000;
    assert.deepEqual(await at(), { count: 1, next: began + 3 * day, status: 'open' });
    await rejection(story.stripe.invoices.pay(id));
    assert.deepEqual(await at(), { count: 1, next: began + 3 * day, status: 'open' });
    await simulator.advance({ days: 3 });
    assert.deepEqual(await at(), { count: 2, next: began + 5 * day, status: 'open' });
    await simulator.advance({ days: 2 });
    assert.deepEqual(await at(), { count: 3, next: null, status: 'uncollectible' });
});

test('invoices: every filter of the list, alone and together', async () => {
    const first = await simulator.story({ customer: { outcomes: ['approve'] } });
    const { stripe, account } = first;
    const paid = await simulator.renew(first);
    await simulator.advance({ days: 1 });
    const second = await simulator.story({ account, customer: { outcomes: ['lost_card'] } });
    const open = await simulator.renew(second);
    const { created } = await stripe.invoices.retrieve(open);
    for (const [filter, expected] of [
        [{}, [open, paid]],
        [{ status: 'open' }, [open]],
        [{ status: 'paid' }, [paid]],
        [{ status: 'draft' }, []],
        [{ customer: first.customer }, [paid]],
        [{ subscription: second.subscription }, [open]],
        [{ created }, [open]],
        [{ created: { lt: created } }, [paid]],
        [{ created: { gte: created } }, [open]],
        [{ collection_method: 'charge_automatically' }, [open, paid]],
        [{ collection_method: 'send_invoice' }, []],
        [{ customer: first.customer, status: 'open' }, []],
        [{ limit: 1 }, [open]],
    ]) {
        assert.deepEqual(ids(await stripe.invoices.list(filter)), expected, JSON.stringify(filter));
    }
});

test('invoice payments: by invoice, by payment intent, by status, by id', async () => {
    const story = await simulator.story();
    const { stripe, account } = story;
    const paid = await simulator.renew(story);
    const open = await simulator.renew(
        await simulator.story({ account, customer: { outcomes: ['lost_card'] } }),
    );
    const {
        data: [payment],
    } = await stripe.invoicePayments.list({ invoice: paid });
    assert.deepEqual([payment.status, payment.invoice, payment.is_default], ['paid', paid, true]);
    const byIntent = { payment: { type: 'payment_intent', payment_intent: payment.payment.payment_intent } };
    for (const [filter, expected] of [
        [byIntent, [paid]],
        [{ status: 'open' }, [open]],
        [{ status: 'paid' }, [paid]],
        [{ status: 'canceled' }, []],
        [{}, [open, paid]],
        [{ created: { gt: payment.created } }, []],
    ]) {
        const { data } = await stripe.invoicePayments.list(filter);
        assert.deepEqual(
            data.map(({ invoice }) => invoice),
            expected,
            JSON.stringify(filter),
        );
    }
    const one = await stripe.invoicePayments.retrieve(payment.id, {
        expand: ['payment.payment_intent.latest_charge'],
    });
    assert.equal(one.payment.payment_intent.latest_charge.paid, true);
    const pages = await stripe.invoicePayments.list({ limit: 1 }).autoPagingToArray({ limit: 10 });
    assert.deepEqual(
        pages.map(({ invoice }) => invoice),
        [open, paid],
    );
});

test('charges and payment intents: every attempt is there, with what the bank said', async () => {
    const story = await simulator.story({
        customer: { outcomes: ['insufficient_funds', 'do_not_honor', 'approve'] },
    });
    const { stripe, customer } = story;
    const invoice = await simulator.renew(story);
    await rejection(stripe.invoices.pay(invoice));
    await stripe.invoices.pay(invoice);
    const { data } = await stripe.charges.list({ customer });
    assert.deepEqual(
        data.map(({ status, outcome }) => [status, outcome.reason]),
        [
            ['succeeded', null],
            ['failed', 'do_not_honor'],
            ['failed', 'insufficient_funds'],
        ],
    );
    const intent = await stripe.paymentIntents.retrieve(data[0].payment_intent, {
        expand: ['latest_charge'],
    });
    assert.deepEqual([intent.status, intent.latest_charge.id], ['succeeded', data[0].id]);
    assert.deepEqual(ids(await stripe.charges.list({ payment_intent: intent.id })), ids({ data }));
    assert.equal((await stripe.charges.retrieve(data[1].id)).failure_code, 'card_declined');
    const old = await story.stripe17.charges.retrieve(data[0].id, { expand: ['invoice'] });
    assert.equal(old.invoice.id, invoice);
});

test('refunds: in part, then the rest, then no more', async () => {
    const story = await simulator.story();
    const { stripe } = story;
    await simulator.renew(story);
    const {
        data: [charge],
    } = await stripe.charges.list();
    const part = await stripe.refunds.create({ charge: charge.id, amount: 500, reason: 'duplicate' });
    assert.deepEqual([part.amount, part.status, part.reason], [500, 'succeeded', 'duplicate']);
    const rest = await stripe.refunds.create({ payment_intent: charge.payment_intent });
    assert.equal(rest.amount, charge.amount - 500);
    const after = await stripe.charges.retrieve(charge.id);
    assert.deepEqual([after.refunded, after.amount_refunded], [true, charge.amount]);
    assert.equal(
        (await rejection(stripe.refunds.create({ charge: charge.id }))).code,
        'charge_already_refunded',
    );
});

test('disputes: the charge says so, the event tells', async () => {
    const story = await simulator.story();
    await simulator.renew(story);
    const {
        data: [charge],
    } = await story.stripe.charges.list();
    const { id } = await simulator.tell('dispute', { charge: charge.id });
    const {
        data: [event],
    } = await story.stripe.events.list({ type: 'charge.dispute.created' });
    assert.deepEqual([event.data.object.id, event.data.object.charge], [id, charge.id]);
    assert.equal((await story.stripe.charges.retrieve(charge.id)).disputed, true);
});

test('events: retrieve, list by type, by several types and by time', async () => {
    const story = await simulator.story();
    const { stripe } = story;
    await simulator.renew(story);
    const {
        data: [paid],
    } = await stripe.events.list({ type: 'invoice.paid' });
    assert.deepEqual(
        [paid.object, paid.type, paid.api_version],
        ['event', 'invoice.paid', '2026-10-28.endive'],
    );
    assert.equal((await stripe.events.retrieve(paid.id)).data.object.id, paid.data.object.id);
    const some = await stripe.events.list({ types: ['charge.succeeded', 'invoice.paid'] });
    assert.deepEqual(some.data.map(({ type }) => type).sort(), ['charge.succeeded', 'invoice.paid']);
    assert.deepEqual(ids(await stripe.events.list({ created: { gt: paid.created } })), []);
});

test('billing portal: a session with a link, and one with a flow', async () => {
    const { stripe, customer } = await simulator.story();
    const plain = await stripe.billingPortal.sessions.create({
        customer,
        return_url: 'https://example.com/back',
    });
    assert.deepEqual(
        [plain.customer, plain.return_url, plain.flow],
        [customer, 'https://example.com/back', null],
    );
    assert.equal((await fetch(plain.url)).status, 200);
    const flow = await stripe.billingPortal.sessions.create({
        customer,
        flow_data: { type: 'payment_method_update' },
    });
    assert.equal(flow.flow.type, 'payment_method_update');
});

test('paging: both ways, to the end, as an array', async () => {
    const { stripe } = await simulator.story({ customer: { name: 'first' } });
    for (let i = 1; i <= 11; ++i) await stripe.customers.create({ name: `${i}` });
    const all = await stripe.customers.list({ limit: 5 }).autoPagingToArray({ limit: 100 });
    assert.deepEqual(
        all.map(({ name }) => name),
        ['11', '10', '9', '8', '7', '6', '5', '4', '3', '2', '1', 'first'],
    );
    const names = [];
    for await (const { name } of stripe.customers.list({ limit: 5 })) names.push(name);
    assert.equal(names.length, 12);
    const page = await stripe.customers.list();
    assert.deepEqual([page.data.length, page.has_more, page.url], [10, true, '/v1/customers']);
    const last = await stripe.customers.list({ starting_after: all[9].id });
    assert.deepEqual([ids(last), last.has_more], [ids({ data: all.slice(10) }), false]);
    const back = await stripe.customers.list({ ending_before: all[5].id, limit: 3 });
    assert.deepEqual([ids(back), back.has_more], [ids({ data: all.slice(2, 5) }), true]);
    const front = await stripe.customers.list({ ending_before: all[2].id, limit: 3 });
    assert.deepEqual([ids(front), front.has_more], [ids({ data: all.slice(0, 2) }), false]);
    const reversed = await stripe.customers
        .list({ ending_before: all[11].id, limit: 5 })
        .autoPagingToArray({ limit: 100 });
    assert.deepEqual(ids({ data: reversed }), ids({ data: all.slice(0, 11) }).reverse());
    const error = await rejection(stripe.customers.list({ starting_after: 'cus_none' }));
    assert.deepEqual(
        [error.param, error.code, error.message],
        ['starting_after', 'resource_missing', "No such customer: 'cus_none'"],
    );
    assert.equal(
        (await rejection(stripe.customers.list({ ending_before: 'cus_none' }))).param,
        'ending_before',
    );
});

test("all of it happens at the simulator's time", async () => {
    const { stripe } = await simulator.story();
    const now = seconds((await simulator.now()).toISOString());
    assert.equal((await stripe.customers.create({})).created, now);
});

// Invoices and invoice items through stripe-node, in both versions: from a draft to every end it can have.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventsOf, fitting, merchants, payer, priceOf, typesOf } from './lib/fitting.mjs';
import { NEW_VERSION, Simulator, rejection } from './lib/simulator.mjs';

const DAY = 86_400;

// Each test has a simulator of its own: it moves the clock.
function inBothVersions(name, body, settings) {
    test(name, async (t) => {
        const simulator = await Simulator.start();
        try {
            for (const shop of await merchants(simulator, settings)) {
                await t.test(shop.version, () => body({ ...shop, simulator }));
            }
        } finally {
            await simulator.stop();
        }
    });
}

// A draft over 20.00 for a customer with this card.
async function draft(shop, card, { amount = 2000, ...more } = {}) {
    const customer = await payer(shop, card);
    await shop.stripe.invoiceItems.create({ customer: customer.id, amount, currency: 'usd', description: 'A letter' });
    return fitting(shop.version, await shop.stripe.invoices.create({
        customer: customer.id, pending_invoice_items_behavior: 'include', ...more }));
}

inBothVersions('an invoice is written, finalized and paid', async (shop) => {
    const { stripe, version } = shop;
    const invoice = await draft(shop, 'pm_card_visa', { description: 'Thanks', metadata: { order: '7' } });
    assert.equal(invoice.status, 'draft');
    assert.equal(invoice.billing_reason, 'manual');
    assert.equal(invoice.auto_advance, false);
    assert.equal(invoice.total, 2000);
    assert.equal(invoice.lines.data[0].description, 'A letter');
    assert.equal(invoice.number, null);
    const open = fitting(version, await stripe.invoices.finalizeInvoice(invoice.id));
    assert.equal(open.status, 'open');
    assert.ok(open.number && open.hosted_invoice_url);
    assert.equal((await rejection(stripe.invoices.finalizeInvoice(invoice.id))).code, 'invoice_not_editable');
    const paid = fitting(version, await stripe.invoices.pay(invoice.id));
    assert.equal(paid.status, 'paid');
    assert.equal(paid.amount_remaining, 0);
    const types = await typesOf(shop, invoice.id);
    for (const type of ['invoice.created', 'invoice.finalized', 'invoice.paid', 'invoice.payment_succeeded']) {
        assert.ok(types.includes(type), type);
    }
    const payments = (await eventsOf(shop)).filter(({ type }) => type === 'invoice_payment.paid');
    assert.equal(payments.length, version === NEW_VERSION ? 1 : 0);
});

inBothVersions('pay finalizes a draft; each refusal is told', async (shop) => {
    const { stripe, version } = shop;
    const paid = await stripe.invoices.pay((await draft(shop, 'pm_card_visa')).id);
    assert.equal(paid.status, 'paid');
    assert.match((await rejection(stripe.invoices.pay(paid.id))).message, /already paid/);
    const refused = await draft(shop, 'pm_card_chargeCustomerFail');
    const declined = await rejection(stripe.invoices.pay(refused.id));
    assert.equal(declined.statusCode, 402);
    assert.equal(declined.type, 'StripeCardError');
    assert.equal(declined.code, 'card_declined');
    const open = fitting(version, await stripe.invoices.retrieve(refused.id));
    assert.equal(open.status, 'open');
    assert.equal(open.attempted, true);
    assert.ok((await typesOf(shop, refused.id)).includes('invoice.payment_failed'));
    const asked = await draft(shop, 'pm_card_threeDSecure2Required');
    assert.equal((await rejection(stripe.invoices.pay(asked.id))).code, 'invoice_payment_intent_requires_action');
    assert.ok((await typesOf(shop, asked.id)).includes('invoice.payment_action_required'));
    const bare = await draft(shop);
    assert.equal((await rejection(stripe.invoices.pay(bare.id))).statusCode, 400);
    assert.equal((await stripe.invoices.retrieve(bare.id)).status, 'draft');
    assert.equal((await stripe.invoices.pay(bare.id, { paid_out_of_band: true })).status, 'paid');
});

inBothVersions('nothing to pay is paid at once', async (shop) => {
    const { stripe, version } = shop;
    const customer = await payer(shop);
    const empty = fitting(version, await stripe.invoices.create({ customer: customer.id }));
    assert.equal(empty.lines.data.length, 0);
    const paid = fitting(version, await stripe.invoices.finalizeInvoice(empty.id));
    assert.equal(paid.status, 'paid');
    assert.equal((await rejection(stripe.invoices.create({
        customer: customer.id, pending_invoice_items_behavior: 'include' }))).code, 'invoice_no_customer_line_items');
});

inBothVersions('a draft that advances is finalized and collected after an hour', async (shop) => {
    const { stripe, simulator, version } = shop;
    const waiting = await draft(shop, 'pm_card_visa');
    const advancing = await draft(shop, 'pm_card_visa', { auto_advance: true });
    assert.equal(advancing.automatically_finalizes_at, advancing.created + 3600);
    const failing = await draft(shop, 'pm_card_chargeCustomerFail');
    await stripe.invoices.finalizeInvoice(failing.id, { auto_advance: true });
    await simulator.advance({ minutes: 59 });
    assert.equal((await stripe.invoices.retrieve(advancing.id)).status, 'draft');
    await simulator.advance({ minutes: 2 });
    assert.equal((await stripe.invoices.retrieve(waiting.id)).status, 'draft');
    assert.equal(fitting(version, await stripe.invoices.retrieve(advancing.id)).status, 'paid');
    const failed = await stripe.invoices.retrieve(failing.id);
    assert.equal(failed.attempt_count, 1);
    assert.equal(failed.next_payment_attempt, failed.status_transitions.finalized_at + 2 * DAY);
    await simulator.advance({ days: 2 });
    assert.equal((await stripe.invoices.retrieve(failing.id)).attempt_count, 2);
}, { retrySchedule: [2] });

inBothVersions('an invoice is sent and gets overdue', async (shop) => {
    const { stripe, simulator, version } = shop;
    const terms = { collection_method: 'send_invoice', days_until_due: 7 };
    const invoice = await draft(shop, undefined, terms);
    const sent = fitting(version, await stripe.invoices.sendInvoice(invoice.id));
    assert.equal(sent.status, 'open');
    assert.equal(sent.due_date, sent.created + 7 * DAY);
    assert.ok((await typesOf(shop, invoice.id)).includes('invoice.sent'));
    await simulator.advance({ days: 8 });
    assert.ok((await typesOf(shop, invoice.id)).includes('invoice.overdue'));
    const charged = await draft(shop, 'pm_card_visa');
    assert.match((await rejection(stripe.invoices.sendInvoice(charged.id))).message, /collection method/);
    assert.equal((await rejection(stripe.invoices.create({ customer: invoice.customer, collection_method: 'send_invoice' }))).param,
                 'days_until_due');
});

inBothVersions('drafts are deleted, open ones voided or given up', async (shop) => {
    const { stripe, version } = shop;
    const gone = await draft(shop, 'pm_card_visa');
    assert.deepEqual({ ...await stripe.invoices.del(gone.id) }, { id: gone.id, object: 'invoice', deleted: true });
    assert.equal((await rejection(stripe.invoices.retrieve(gone.id))).code, 'resource_missing');
    assert.equal((await stripe.invoiceItems.list({ customer: gone.customer, pending: true })).data.length, 1);
    assert.ok((await typesOf(shop, gone.id)).includes('invoice.deleted'));
    const [voided, written] = [await draft(shop, 'pm_card_visa'), await draft(shop, 'pm_card_visa')];
    assert.equal((await rejection(stripe.invoices.voidInvoice(voided.id))).code, 'invoice_not_editable');
    for (const { id } of [voided, written]) await stripe.invoices.finalizeInvoice(id);
    assert.equal((await rejection(stripe.invoices.del(voided.id))).code, 'invoice_not_editable');
    assert.equal(fitting(version, await stripe.invoices.voidInvoice(voided.id)).status, 'void');
    assert.equal(fitting(version, await stripe.invoices.markUncollectible(written.id)).status, 'uncollectible');
    assert.equal((await stripe.invoices.pay(written.id)).status, 'paid');
});

inBothVersions('a change tells what it was before, and some come too late', async (shop) => {
    const { stripe, version } = shop;
    const invoice = await draft(shop, 'pm_card_visa', { description: 'One' });
    fitting(version, await stripe.invoices.update(invoice.id, { description: 'Two', metadata: { a: '1' } }));
    const event = (await eventsOf(shop, invoice.id)).at(-1);
    assert.equal(event.type, 'invoice.updated');
    assert.deepEqual(event.data.previous_attributes, { description: 'One', metadata: { a: null } });
    await stripe.invoices.finalizeInvoice(invoice.id);
    assert.equal((await rejection(stripe.invoices.update(invoice.id, { description: 'Three' }))).code, 'invoice_not_editable');
    assert.deepEqual({ ...(await stripe.invoices.update(invoice.id, { metadata: { a: '' } })).metadata }, {});
});

inBothVersions('items wait, stand on an invoice and are taken back', async (shop) => {
    const { stripe, version } = shop;
    const customer = await payer(shop, 'pm_card_visa');
    const price = await priceOf(shop, { once: true, unit_amount: 300 });
    const byPrice = version === NEW_VERSION ? { pricing: { price: price.id } } : { price: price.id };
    const pending = fitting(version, await stripe.invoiceItems.create({
        customer: customer.id, quantity: 4, ...byPrice, metadata: { a: '1' } }));
    assert.equal(pending.amount, 1200);
    assert.equal(pending.invoice, null);
    const invoice = await stripe.invoices.create({ customer: customer.id });
    const placed = fitting(version, await stripe.invoiceItems.create({
        customer: customer.id, invoice: invoice.id, amount: 500, currency: 'usd', description: 'More' }));
    assert.equal(placed.invoice, invoice.id);
    const listed = async (filter) => (await stripe.invoiceItems.list({ customer: customer.id, ...filter })).data.length;
    assert.deepEqual([await listed({}), await listed({ pending: true }), await listed({ invoice: invoice.id })], [2, 1, 1]);
    fitting(version, await stripe.invoiceItems.update(placed.id, { amount: 700 }));
    assert.equal((await stripe.invoices.retrieve(invoice.id)).total, 700);
    const credit = await stripe.invoiceItems.create({ customer: customer.id, invoice: invoice.id, amount: -100, currency: 'usd' });
    assert.equal((await stripe.invoices.retrieve(invoice.id)).total, 600);
    assert.equal((await stripe.invoiceItems.del(credit.id)).deleted, true);
    const lines = fitting(version, await stripe.invoices.listLineItems(invoice.id));
    assert.deepEqual(lines.data.map(({ amount }) => amount), [700]);
    await stripe.invoices.finalizeInvoice(invoice.id);
    assert.equal((await rejection(stripe.invoiceItems.del(placed.id))).code, 'invoice_not_editable');
    assert.deepEqual(await typesOf(shop, credit.id), ['invoiceitem.created', 'invoiceitem.deleted']);
    const subscription = await stripe.subscriptions.create({
        customer: customer.id, items: [{ price: (await priceOf(shop)).id }], expand: ['latest_invoice'] });
    assert.equal(subscription.latest_invoice.total, 2000 + 1200);
});

inBothVersions('many lines come in pages', async (shop) => {
    const { stripe, version } = shop;
    const customer = await payer(shop, 'pm_card_visa');
    for (let i = 1; i <= 12; ++i) await stripe.invoiceItems.create({ customer: customer.id, amount: i, currency: 'usd' });
    const invoice = fitting(version, await stripe.invoices.create({
        customer: customer.id, pending_invoice_items_behavior: 'include' }));
    assert.equal(invoice.lines.data.length, 10);
    assert.equal(invoice.lines.has_more, true);
    const amounts = [];
    for await (const line of stripe.invoices.listLineItems(invoice.id, { limit: 5 })) amounts.push(line.amount);
    assert.deepEqual(amounts, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});

inBothVersions('lists are filtered', async (shop) => {
    const { stripe, version } = shop;
    const one = await draft(shop, 'pm_card_visa');
    const sent = await draft(shop, undefined, { collection_method: 'send_invoice', days_until_due: 3 });
    const found = async (filter) => fitting(version, await stripe.invoices.list(filter)).data.map(({ id }) => id);
    assert.deepEqual(await found({ customer: one.customer, status: 'draft' }), [one.id]);
    assert.deepEqual(await found({ collection_method: 'send_invoice' }), [sent.id]);
    assert.deepEqual(await found({ due_date: { lte: sent.created + 3 * DAY } }), [sent.id]);
    assert.deepEqual(await found({ created: { lt: one.created } }), []);
    assert.equal((await rejection(stripe.invoices.list({ status: 'odd' }))).param, 'status');
});

inBothVersions('invoices are searched for', async (shop) => {
    const { stripe, version } = shop;
    const made = [];
    for (const [amount, tier] of [[100, 'gold'], [200, 'tin'], [300, 'gold'], [400, 'Gold']]) {
        made.push(await draft(shop, 'pm_card_visa', { amount, metadata: { tier } }));
    }
    await stripe.invoices.finalizeInvoice(made[0].id);
    const search = async (query) => {
        const result = fitting(version, await stripe.invoices.search({ query }));
        assert.equal(result.object, 'search_result');
        return result.data.map(({ total }) => total);
    };
    assert.deepEqual(await search('status:"open"'), [100]);
    assert.deepEqual(await search(`status:'draft' AND customer:"${made[1].customer}"`), [200]);
    assert.deepEqual(await search('metadata["tier"]:"gold"'), [400, 300, 100]);
    assert.deepEqual(await search('-metadata["tier"]:"gold"'), [200]);
    assert.deepEqual(await search('total>100 AND total<=300'), [300, 200]);
    assert.deepEqual(await search('total:400 OR status:"open"'), [400, 100]);
    assert.deepEqual(await search(`created>${made[0].created}`), []);
    assert.deepEqual(await search('subscription:null AND currency:"usd"'), [400, 300, 200, 100]);
    const pages = [];
    for await (const { total } of stripe.invoices.search({ query: 'currency:"usd"', limit: 1 })) pages.push(total);
    assert.deepEqual(pages, [400, 300, 200, 100]);
    for (const query of ['bogus:"1"', 'status', 'status:"open" AND total>1 OR total<1']) {
        assert.equal((await rejection(stripe.invoices.search({ query }))).param, 'query');
    }
});

// Products and prices through stripe-node, in both versions.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventsOf, fitting, merchants, typesOf } from './lib/fitting.mjs';
import { Simulator, rejection } from './lib/simulator.mjs';

let simulator, shops;
before(async () => {
    simulator = await Simulator.start();
    shops = await merchants(simulator);
});
after(() => simulator.stop());

function inBothVersions(name, body) {
    test(name, async (t) => {
        for (const shop of shops) await t.test(shop.version, () => body(shop));
    });
}

inBothVersions('a product is made, found, changed, listed and deleted', async (shop) => {
    const { stripe, version } = shop;
    const product = fitting(version, await stripe.products.create({
        name: 'Letters', description: 'One a week', images: ['https://example.com/a.png'], metadata: { a: '1' },
        statement_descriptor: 'LETTERS', unit_label: 'seat', url: 'https://example.com/', shippable: false,
    }));
    assert.equal(product.active, true);
    assert.equal(product.default_price, null);
    assert.deepEqual(fitting(version, await stripe.products.retrieve(product.id)), product);
    await simulator.advance({ seconds: 5 });
    const changed = fitting(version, await stripe.products.update(product.id, { name: 'Cards', metadata: { a: '', b: '2' } }));
    assert.equal(changed.name, 'Cards');
    assert.deepEqual(changed.metadata, { b: '2' });
    assert.equal(changed.updated, product.updated + 5);
    const event = (await eventsOf(shop, product.id)).at(-1);
    assert.equal(event.type, 'product.updated');
    assert.deepEqual(event.data.previous_attributes,
                     { metadata: { a: '1', b: null }, name: 'Letters', updated: product.updated });
    assert.ok((await stripe.products.list({ active: true })).data.some(({ id }) => id === product.id));
    assert.equal((await stripe.products.list({ ids: [product.id] })).data.length, 1);
    assert.equal((await stripe.products.list({ active: false })).data.length, 0);
    assert.deepEqual({ ...await stripe.products.del(product.id) }, { id: product.id, object: 'product', deleted: true });
    assert.equal((await rejection(stripe.products.retrieve(product.id))).code, 'resource_missing');
    assert.deepEqual(await typesOf(shop, product.id), ['product.created', 'product.updated', 'product.deleted']);
});

inBothVersions('a price belongs to a product, which then stays', async (shop) => {
    const { stripe, version } = shop;
    const product = await stripe.products.create({ name: 'Letters' });
    const price = fitting(version, await stripe.prices.create({
        product: product.id, currency: 'eur', unit_amount: 900, nickname: 'weekly', lookup_key: 'w',
        recurring: { interval: 'week', interval_count: 2 }, metadata: { a: '1' },
    }));
    assert.equal(price.type, 'recurring');
    assert.equal(price.recurring.interval_count, 2);
    assert.equal(price.unit_amount_decimal?.toString(), '900');
    const expanded = fitting(version, await stripe.prices.retrieve(price.id, { expand: ['product'] }));
    assert.equal(expanded.product.name, 'Letters');
    assert.match((await rejection(stripe.products.del(product.id))).message, /user-created prices/);
    assert.equal((await rejection(stripe.prices.create({
        product: product.id, currency: 'eur', unit_amount: 1, lookup_key: 'w' }))).code, 'resource_already_exists');
    const other = await stripe.prices.create({
        product: product.id, currency: 'eur', unit_amount: 1, lookup_key: 'w', transfer_lookup_key: true });
    assert.equal(other.type, 'one_time');
    assert.equal(other.recurring, null);
    const found = await stripe.prices.list({ lookup_keys: ['w'], expand: ['data.product'] });
    assert.deepEqual(found.data.map(({ id }) => id), [other.id]);
    assert.equal((await stripe.prices.list({ product: product.id, type: 'recurring' })).data[0].id, price.id);
    assert.equal((await stripe.prices.list({ recurring: { interval: 'month' }, product: product.id })).data.length, 0);
    const off = fitting(version, await stripe.prices.update(price.id, { active: false, nickname: '' }));
    assert.equal(off.active, false);
    assert.equal(off.nickname, null);
    assert.deepEqual(await typesOf(shop, price.id), ['price.created', 'price.updated']);
});

inBothVersions('a product comes with its first price', async ({ stripe, version }) => {
    const product = fitting(version, await stripe.products.create({
        name: 'Box', default_price_data: { currency: 'usd', unit_amount: 700, recurring: { interval: 'year' } },
        expand: ['default_price'],
    }));
    assert.equal(product.default_price.unit_amount, 700);
    assert.equal(product.default_price.recurring.interval, 'year');
});

inBothVersions('mistakes are refused by name', async ({ stripe }) => {
    const refusals = [
        [{ unit_amount: 1, product_data: { name: 'x' } }, 'parameter_missing', 'currency'],
        [{ currency: 'usd', unit_amount: 1 }, 'parameter_missing', 'product'],
        [{ currency: 'usd', product_data: { name: 'x' } }, 'parameter_missing', 'unit_amount'],
        [{ currency: 'usd', unit_amount: -1, product_data: { name: 'x' } }, 'parameter_invalid_integer', 'unit_amount'],
        [{ currency: 'usd', unit_amount: 1, product: 'prod_none' }, 'resource_missing', 'product'],
        [{ currency: 'usd', unit_amount: 1, product_data: { name: 'x' }, recurring: { interval: 'hour' } }, undefined,
         'recurring[interval]'],
        [{ currency: 'usd', unit_amount: 1, product_data: { name: 'x', color: 'red' } }, 'parameter_unknown',
         'product_data[color]'],
        [{ currency: 'usd', unit_amount: 1, product_data: { name: 'x' }, tiers: [{ up_to: 'inf' }] }, 'parameter_unknown', 'tiers'],
    ];
    for (const [parameters, code, param] of refusals) {
        const error = await rejection(stripe.prices.create(parameters));
        assert.equal(error.type, 'StripeInvalidRequestError');
        assert.deepEqual([error.code, error.param], [code, param]);
    }
});

test('the price of a subscription that was there before is on the shelf', async () => {
    const story = await simulator.story();
    const { data: [item] } = await story.stripe.subscriptionItems.list({ subscription: story.subscription });
    const price = await story.stripe.prices.retrieve(item.price.id);
    assert.equal(price.unit_amount, 2000);
    const { items } = await story.stripe.subscriptions.retrieve(story.subscription, { expand: ['items.data.price.product'] });
    assert.equal(items.data[0].price.product.object, 'product');
});

inBothVersions('the catalog is searched', async ({ stripe, version }) => {
    const product = await stripe.products.create({ name: 'Zebra Weekly', metadata: { kind: 'paper' } });
    const price = await stripe.prices.create({ product: product.id, currency: 'chf', unit_amount: 5 });
    const products = fitting(version, await stripe.products.search({ query: 'name~"zebra" AND metadata["kind"]:"paper"' }));
    assert.deepEqual(products.data.map(({ id }) => id), [product.id]);
    const prices = fitting(version, await stripe.prices.search({ query: `active:'true' AND product:'${product.id}'` }));
    assert.deepEqual(prices.data.map(({ id }) => id), [price.id]);
});

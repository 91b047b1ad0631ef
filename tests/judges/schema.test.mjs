// The schema judge itself: it passes Stripe's objects and finds what was done to them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { schemaFor } from './lib/schema.mjs';
import { NEW_VERSION, OLD_VERSION } from './lib/simulator.mjs';

const objectsOf = (version) =>
    JSON.parse(readFileSync(new URL(`../fixtures/stripe_objects_${version}.json`, import.meta.url))).objects;

for (const version of [OLD_VERSION, NEW_VERSION]) {
    const schema = schemaFor(version);
    const objects = Object.values(objectsOf(version))
        .map(({ object }) => object)
        .filter(({ object }) => object);

    test(`objects of ${version} pass`, () => {
        assert.ok(objects.length > 40);
        for (const object of objects) assert.deepEqual(schema.faults(object), [], object.id);
    });
    test(`a member too many, one too few and a wrong type are found (${version})`, () => {
        const charge = objects.find(({ object }) => object === 'charge');
        assert.match(schema.faults({ ...charge, bogus: 1 })[0], /additional properties bogus/);
        assert.match(schema.faults({ ...charge, amount: '12' })[0], /amount must be number/);
        const { captured, ...less } = charge;
        assert.match(schema.faults(less)[0], /captured/);
        assert.deepEqual(schema.faults({ object: 'bogus' }), ['no schema knows "bogus"']);
    });
    test(`what can be expanded is read from the types (${version})`, () => {
        const invoice = objects.find(({ object }) => object === 'invoice');
        const paths = schema.expandable(invoice);
        const subscription =
            version === NEW_VERSION ? 'parent.subscription_details.subscription' : 'subscription';
        for (const path of ['customer', 'default_payment_method', subscription])
            assert.ok(paths.includes(path), path);
        assert.ok(!paths.includes('id') && !paths.includes('lines'));
        assert.equal(paths.includes('charge'), version === OLD_VERSION);
    });
}

test('each version has its own shape', () => {
    const invoice = Object.values(objectsOf(OLD_VERSION)).find(
        ({ object }) => object.object === 'invoice',
    ).object;
    assert.notDeepEqual(schemaFor(NEW_VERSION).faults(invoice), []);
});

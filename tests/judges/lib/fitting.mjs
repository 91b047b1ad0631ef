// A judge's everyday tools: merchants of both API versions, answers held against the schema, and the
// events that were told.
import assert from 'node:assert/strict';
import { objectsIn, schemaFor } from './schema.mjs';
import { NEW_VERSION, OLD_VERSION } from './simulator.mjs';

// One merchant for each version: {version, stripe (a client of that version), account}.
export async function merchants(simulator, settings = {}) {
    const made = [];
    for (const version of [NEW_VERSION, OLD_VERSION]) {
        const { id } = await simulator.tell('accounts', { apiVersion: version, ...settings });
        const options = { stripeAccount: id };
        const stripe = version === NEW_VERSION ? simulator.client(options) : simulator.client17(options);
        made.push({ version, account: id, stripe });
    }
    return made;
}

// The answer, when every object in it is what that version of Stripe's would be.
export function fitting(version, answer) {
    const schema = schemaFor(version);
    // stripe-node makes numbers of its own of decimal texts: what came over the wire is judged.
    for (const object of objectsIn(JSON.parse(JSON.stringify(answer)))) {
        if (!schema.knows(object)) continue;
        assert.deepEqual(schema.faults(object), [], `${object.object} ${object.id}`);
    }
    return answer;
}

// A merchant's events, oldest first, each fitting; of one object where its id is given.
export async function eventsOf({ stripe, version }, id) {
    const events = [];
    for await (const event of stripe.events.list({ limit: 100 })) events.unshift(event);
    for (const event of events) fitting(version, event.data.object);
    return events.filter((event) => !id || event.data.object.id === id);
}
export async function typesOf(merchant, id) {
    return (await eventsOf(merchant, id)).map(({ type }) => type);
}

// A customer whose default card is this test card; without one, a customer without a card.
export async function payer({ stripe }, card) {
    const customer = await stripe.customers.create({ name: 'Jenny Payer', email: 'payer@example.com' });
    if (!card) return customer;
    const method = await stripe.paymentMethods.attach(card, { customer: customer.id });
    return stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } });
}
// 20 dollars a month; `once`: a price that does not recur.
export function priceOf({ stripe }, { once = false, recurring = { interval: 'month' }, ...more } = {}) {
    return stripe.prices.create({ currency: 'usd', unit_amount: 2000, product_data: { name: 'Letters' },
                                  ...(once ? {} : { recurring }), ...more });
}

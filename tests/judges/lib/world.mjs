// A world with something of everything: each state that an object can get into, played by moving the
// clock. Whoever adds a resource to the simulator adds a scene here and its path to lib/crawl.mjs.
import { NEW_VERSION, OLD_VERSION, Simulator, rejection, until } from './simulator.mjs';

// Each scene gets {simulator, stripe (acting for the merchant), account} and happens at the start.
const scenes = {
    async paid({ simulator, account }) {
        await simulator.renew(await simulator.story({ account }));
    },
    async failedAndRetried({ simulator, account }) {
        const outcomes = ['insufficient_funds', 'do_not_honor', 'approve'];
        await simulator.renew(await simulator.story({ account, customer: { outcomes } }));
    },
    async failedForEver({ simulator, account }) {
        await simulator.renew(await simulator.story({ account, customer: { outcomes: ['lost_card'] } }));
    },
    async blocked({ simulator, account }) {
        const story = await simulator.story({ account, customer: { paymentMethod: 'pm_card_radarBlock' } });
        await simulator.renew(story);
    },
    async needsAuthentication({ simulator, account }) {
        const story = await simulator.story({ account, customer: { outcomes: ['requires_action'] } });
        await simulator.renew(story);
    },
    async withoutCard({ simulator, account }) {
        await simulator.renew(await simulator.story({ account, customer: { paymentMethod: 'none' } }));
    },
    async refunded({ simulator, account, stripe }) {
        const charge = async () => chargeFor(simulator, stripe, await simulator.story({ account }));
        await stripe.refunds.create({ charge: await charge() });
        await stripe.refunds.create({ charge: await charge(), amount: 100, reason: 'requested_by_customer' });
    },
    async disputed({ simulator, account, stripe }) {
        const story = await simulator.story({ account });
        await simulator.tell('dispute', { charge: await chargeFor(simulator, stripe, story) });
    },
    async settledByHand({ simulator, account, stripe }) {
        for (const settle of ['voidInvoice', 'markUncollectible', 'payOutOfBand', 'stopped', 'otherCard']) {
            const story = await simulator.story({ account, customer: { outcomes: ['expired_card'] } });
            const invoice = await simulator.renew(story);
            if (settle === 'payOutOfBand') await stripe.invoices.pay(invoice, { paid_out_of_band: true });
            else if (settle === 'stopped') await stripe.invoices.update(invoice, { auto_advance: false });
            else if (settle === 'otherCard')
                await stripe.invoices.pay(invoice, { payment_method: 'pm_card_mastercard' });
            else await stripe.invoices[settle](invoice);
        }
    },
    async cancelled({ simulator, account, stripe }) {
        const story = await simulator.story({ account });
        await simulator.renew(story);
        await stripe.subscriptions.cancel(story.subscription, {
            cancellation_details: { comment: 'Too dear.', feedback: 'too_expensive' },
        });
    },
    async changedCustomer({ account, simulator, stripe }) {
        const { customer } = await simulator.story({ account });
        await stripe.customers.update(customer, {
            name: 'New Name',
            email: 'new@example.com',
            metadata: { plan: 'gold' },
            preferred_locales: ['de'],
            invoice_settings: { default_payment_method: 'pm_card_visa_debit' },
        });
    },
    async catalog({ stripe }) {
        const product = await stripe.products.create({
            name: 'Bread',
            description: 'Rye',
            metadata: { shelf: '3' },
        });
        const recurring = { interval: 'year' };
        await stripe.prices.create({
            product: product.id,
            currency: 'usd',
            unit_amount: 900,
            recurring,
            nickname: 'Yearly',
        });
        await stripe.prices.create({ currency: 'eur', unit_amount: 250, product_data: { name: 'Cake' } });
        const gone = await stripe.products.create({ name: 'Gone' });
        await stripe.products.del(gone.id);
    },
    async oneOffInvoices({ account, simulator, stripe }) {
        const { customer } = await simulator.story({ account });
        const item = (amount, more) =>
            stripe.invoiceItems.create({ customer, amount, currency: 'usd', ...more });
        const draft = async (more) => {
            await item(700, { description: 'Delivery' });
            return stripe.invoices.create({ customer, pending_invoice_items_behavior: 'include', ...more });
        };
        await draft({ auto_advance: false, description: 'Stays a draft' });
        await stripe.invoices.pay((await draft()).id);
        await stripe.invoices.sendInvoice(
            (await draft({ collection_method: 'send_invoice', days_until_due: 7 })).id,
        );
        await stripe.invoices.voidInvoice((await stripe.invoices.finalizeInvoice((await draft()).id)).id);
        await stripe.invoices.del((await draft()).id);
        await item(-300, { description: 'Waits for the next invoice' });
    },
    async subscribedByApi({ account, simulator, stripe }) {
        const { customer } = await simulator.story({ account });
        const { id: price } = await stripe.prices.create({
            currency: 'usd',
            unit_amount: 1500,
            recurring: { interval: 'week' },
            product_data: { name: 'Weekly' },
        });
        const subscribe = (more) =>
            stripe.subscriptions.create({ customer, items: [{ price, quantity: 2 }], ...more });
        await subscribe();
        await subscribe({ trial_period_days: 10 });
        await subscribe({ collection_method: 'send_invoice', days_until_due: 3 });
        await stripe.subscriptions.update((await subscribe()).id, { cancel_at_period_end: true });
        const paused = await subscribe({ metadata: { about: 'pause' } });
        await stripe.subscriptions.update(paused.id, { pause_collection: { behavior: 'void' } });
        const changed = await subscribe();
        await stripe.subscriptions.update(changed.id, {
            items: [{ id: changed.items.data[0].id, quantity: 5 }],
        });
        await stripe.customers.update(customer, {
            invoice_settings: { default_payment_method: 'pm_card_chargeCustomerFail' },
        });
        await subscribe({ payment_behavior: 'default_incomplete' });
    },
    async paymentIntents({ account, simulator, stripe }) {
        const { customer } = await simulator.story({ account });
        const intend = (more) =>
            stripe.paymentIntents.create({ amount: 1200, currency: 'usd', customer, ...more });
        const now = { confirm: true, return_url: 'https://example.com/back' };
        const paid = await intend({
            ...now,
            payment_method: 'pm_card_visa',
            description: 'Cake',
            metadata: { a: '1' },
        });
        await stripe.refunds.create({ payment_intent: paid.id, amount: 200, metadata: { why: 'late' } });
        await intend({ ...now, payment_method: 'pm_card_threeDSecure2Required' });
        await rejection(intend({ ...now, payment_method: 'pm_card_chargeDeclined' }));
        await intend({ ...now, payment_method: 'pm_card_visa', capture_method: 'manual' });
        const held = await intend({ ...now, payment_method: 'pm_card_mastercard', capture_method: 'manual' });
        await stripe.paymentIntents.capture(held.id, { amount_to_capture: 700 });
        await stripe.paymentIntents.cancel((await intend()).id, { cancellation_reason: 'abandoned' });
        await intend({ payment_method: 'pm_card_visa', setup_future_usage: 'off_session' });
    },
    async setupIntents({ account, simulator, stripe }) {
        const { customer } = await simulator.story({ account });
        const setUp = (more) =>
            stripe.setupIntents.create({ customer, payment_method_types: ['card'], ...more });
        await setUp();
        await setUp({ confirm: true, payment_method: 'pm_card_visa' });
        await setUp({ confirm: true, payment_method: 'pm_card_threeDSecure2Required' });
        await rejection(setUp({ confirm: true, payment_method: 'pm_card_chargeDeclined' }));
        await stripe.setupIntents.cancel((await setUp()).id);
    },
    async sourcesAndCards({ account, simulator, stripe }) {
        const { customer, paymentMethod } = await simulator.story({ account });
        await stripe.customers.createSource(customer, { source: 'tok_mastercard' });
        await stripe.paymentMethods.update(paymentMethod, {
            billing_details: { name: 'Jenny', address: { country: 'DE', city: 'Ulm' } },
            metadata: { kind: 'first' },
        });
        const spare = await stripe.paymentMethods.attach('pm_card_amex', { customer });
        await stripe.paymentMethods.detach(spare.id);
        const gone = await stripe.customers.create({
            name: 'Gone',
            address: { line1: 'Weg 1', country: 'DE' },
        });
        await stripe.customers.del(gone.id);
    },
    async disputesAnswered({ simulator, account, stripe }) {
        for (const evidence of ['winning_evidence', 'losing_evidence', 'Delivered on Monday.', null]) {
            const story = await simulator.story({ account });
            const { id } = await simulator.tell('dispute', {
                charge: await chargeFor(simulator, stripe, story),
            });
            if (evidence) await stripe.disputes.update(id, { evidence: { uncategorized_text: evidence } });
            else await stripe.disputes.close(id);
        }
    },
    async testClocks({ stripe }) {
        const clocks = stripe.testHelpers.testClocks;
        const start = Date.parse('2024-01-31T10:00:00Z') / 1000;
        const clock = await clocks.create({ frozen_time: start, name: 'Two months' });
        const { id: customer } = await stripe.customers.create({
            test_clock: clock.id,
            payment_method: 'pm_card_visa',
            invoice_settings: { default_payment_method: 'pm_card_visa' },
        });
        const { id: price } = await stripe.prices.create({
            currency: 'usd',
            unit_amount: 1500,
            recurring: { interval: 'month' },
            product_data: { name: 'On a clock' },
        });
        await stripe.subscriptions.create({ customer, items: [{ price }] });
        await stripe.customers.update(customer, {
            invoice_settings: { default_payment_method: 'pm_card_chargeCustomerFail' },
        });
        await clocks.advance(clock.id, { frozen_time: start + 40 * 86_400 });
        await until('the clock is ready', async () => (await clocks.retrieve(clock.id)).status === 'ready');
        await stripe.invoiceItems.create({ customer, amount: 500, currency: 'usd' });
        const gone = await clocks.create({ frozen_time: start });
        await stripe.customers.create({ test_clock: gone.id });
        await clocks.del(gone.id);
    },
    async portal({ account, simulator, stripe, extras }) {
        const { customer } = await simulator.story({ account });
        extras.push(await stripe.billingPortal.sessions.create({ customer }));
        extras.push(
            await stripe.billingPortal.sessions.create({
                customer,
                return_url: 'https://example.com/',
                locale: 'de',
                flow_data: { type: 'payment_method_update', after_completion: { type: 'portal_homepage' } },
            }),
        );
    },
};

async function chargeFor(simulator, stripe, story) {
    await simulator.renew(story);
    const { data } = await stripe.charges.list({ customer: story.customer, limit: 1 });
    return data[0].id;
}

// Two endpoints that want everything: the platform's own events in today's version, its merchants' in the
// old one. Their secrets by the path at which they are called.
async function addEndpoints({ stripe, receiver }) {
    const everything = (path, more) =>
        stripe.webhookEndpoints.create({ url: `${receiver.url}/${path}`, enabled_events: ['*'], ...more });
    const own = await everything('own', { api_version: NEW_VERSION, description: 'Own events' });
    const connect = await everything('connect', {
        api_version: OLD_VERSION,
        connect: true,
        metadata: { of: 'merchants' },
    });
    await stripe.customers.create({ name: 'Merchant as customer' });
    return { '/webhooks/own': own.secret, '/webhooks/connect': connect.secret };
}

// {simulator, accounts: ids, extras: objects that no call gives again, secrets: of addEndpoints}. Four weeks
// have gone by.
export async function buildWorld() {
    const simulator = await Simulator.start();
    const secrets = await addEndpoints(simulator);
    const accounts = [];
    const extras = [];
    for (const [apiVersion, finalAction] of [
        [OLD_VERSION, 'cancel'],
        [NEW_VERSION, 'uncollectible'],
        [NEW_VERSION, 'unpaid'],
    ]) {
        const settings = {
            apiVersion,
            finalAction,
            retrySchedule: [3, 5, 7],
            name: `Ends with ${finalAction}`,
        };
        const account = (await simulator.tell('accounts', settings)).id;
        accounts.push(account);
        const stripe = simulator.client({ stripeAccount: account });
        for (const play of Object.values(scenes)) await play({ simulator, account, stripe, extras });
    }
    const populated = await simulator.tell('populate', {
        merchants: 2,
        customers: 12,
        days: 30,
        failureRate: 0.8,
    });
    accounts.push(...populated.accounts.map(({ id }) => id));
    await simulator.advance({ days: 28 });
    return { simulator, accounts, extras, secrets };
}

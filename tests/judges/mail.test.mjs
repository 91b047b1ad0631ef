// Resend's own client sends the mail that the engine sent, and the two requests are the same; Svix's own
// client signs words about it, and the engine believes exactly those that Svix believes.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Engine } from './lib/engine.mjs';
import { Recorder } from './lib/recorder.mjs';
import { START, Simulator, until } from './lib/simulator.mjs';

const RESEND_SECRET = `whsec_${Buffer.from('a key of twenty-four byte').toString('base64')}`;
const NOW = new Date(START);

let simulator, recorder, engine, story, invoice, sent;

before(async () => {
    simulator = await Simulator.start({ now: START });
    recorder = new Recorder();
    await recorder.listen();
    story = await simulator.story({
        account: { name: 'Acme & Söhne' },
        customer: { email: 'payer@example.com', outcomes: ['insufficient_funds', 'approve'] },
    });
    engine = await Engine.start({
        simulator,
        now: START,
        accounts: [{ account: story.account, name: 'Acme & Söhne, "the" <best>' }],
        env: {
            RESEND_API_KEY: 're_test_only',
            RESEND_API_BASE: recorder.base,
            RESEND_WEBHOOK_SECRET: RESEND_SECRET,
            EMAIL_FROM: 'Citadel <billing@example.com>',
            PUBLIC_URL: 'https://citadel.example.com',
        },
    });
    invoice = await simulator.renew(story);
    sent = await until('the first notice is sent', () => recorder.requests[0], 60_000);
});
after(async () => {
    await engine?.stop();
    await recorder?.close();
    await simulator?.stop();
});

test('the engine asks of Resend what Resend asks of itself', async () => {
    process.env.RESEND_BASE_URL = recorder.base;
    const { Resend } = await import('resend');
    const resend = new Resend('re_test_only');
    const { body } = sent;
    const answer = await resend.emails.send(
        {
            from: body.from,
            to: body.to,
            subject: body.subject,
            html: body.html,
            text: body.text,
            replyTo: body.reply_to,
            headers: body.headers,
            tags: body.tags,
        },
        { idempotencyKey: `${sent.headers['idempotency-key']}-again` },
    );
    assert.equal(answer.error, null);
    const theirs = recorder.requests.at(-1);
    assert.deepEqual(body, theirs.body);
    assert.equal(sent.method, theirs.method);
    assert.equal(sent.path, theirs.path);
    for (const name of ['authorization', 'content-type']) assert.equal(sent.headers[name], theirs.headers[name]);
    for (const name of ['user-agent', 'idempotency-key']) assert.ok(sent.headers[name], name);
});

test('the mail is what the contract promises', () => {
    const { body, headers } = sent;
    assert.equal(body.from, 'Acme & Söhne the best <billing@example.com>');
    assert.deepEqual(body.to, ['payer@example.com']);
    assert.ok(body.headers['X-Entity-Ref-ID']);
    assert.ok(headers['idempotency-key'].length <= 256);
    for (const { name, value } of body.tags) assert.match(`${name}${value}`, /^[\w-]{1,256}$/);
    assert.match(body.html, /https:\/\/citadel\.example\.com\/api\/track\/click\/[\w-]{40,}/);
    assert.match(body.html, /https:\/\/citadel\.example\.com\/api\/track\/open\/[\w-]{40,}/);
    assert.match(body.text, /\/api\/track\/click\//);
});

// Where a click leads, without following it.
async function click(path) {
    const answer = await fetch(engine.base + path, { redirect: 'manual', headers: { Accept: 'text/html' } });
    return { status: answer.status, location: answer.headers.get('location'), text: await answer.text() };
}
const linkOf = (kind) => new URL(new RegExp(`https://citadel[^"]*/${kind}/[\\w-]+`).exec(sent.body.html)[0]).pathname;

test('a click leads to the invoice while it is open, and says so when it is paid', async () => {
    const open = await click(linkOf('click'));
    assert.equal(open.status, 302);
    const live = await story.stripe.invoices.retrieve(invoice);
    assert.equal(open.location, live.hosted_invoice_url);
    const picture = await fetch(engine.base + linkOf('open'));
    assert.equal(picture.headers.get('content-type'), 'image/gif');
    const forged = linkOf('click').replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    assert.equal((await click(forged)).status, 403);
    assert.equal((await click('/api/track/click/https:evil.example')).status, 403);
    assert.equal((await fetch(`${engine.base}/api/track/open/nonsense`)).status, 200);
});

async function tell(word, { id = 'msg_judge', at = NOW, secret = RESEND_SECRET, tamper } = {}) {
    const { Webhook } = await import('svix');
    const body = JSON.stringify(word);
    const signature = new Webhook(secret).sign(id, at, body);
    const headers = {
        'svix-id': id,
        'svix-timestamp': `${Math.floor(at.getTime() / 1000)}`,
        'svix-signature': signature,
    };
    const delivery = { headers, body };
    tamper?.(delivery);
    const answer = await fetch(`${engine.base}/api/webhooks/resend`, {
        method: 'POST',
        headers: { ...delivery.headers, 'content-type': 'application/json' },
        body: delivery.body,
    });
    return { ...delivery, status: answer.status, json: await answer.json() };
}

// Svix's verdict on a delivery, at the engine's time.
async function believes({ headers, body }) {
    const { Webhook } = await import('svix');
    const realNow = Date.now;
    Date.now = () => NOW.getTime();
    try {
        new Webhook(RESEND_SECRET).verify(body, headers);
        return true;
    } catch {
        return false;
    } finally {
        Date.now = realNow;
    }
}

const word = (type, more = {}) => ({
    type: `email.${type}`,
    created_at: START,
    data: {
        email_id: [...recorder.mails.values()][0].id,
        to: ['payer@example.com'],
        tags: sent.body.tags,
        ...more,
    },
});

test('the engine believes the words that Svix believes', async () => {
    const seconds = (count) => new Date(NOW.getTime() + count * 1000);
    const cases = [
        {},
        { at: seconds(-299) },
        { at: seconds(299) },
        { at: seconds(-301) },
        { at: seconds(301) },
        { secret: `whsec_${Buffer.from('another secret altogether').toString('base64')}` },
        { tamper: (d) => (d.body = d.body.replace('delivered', 'complained')) },
        { tamper: (d) => (d.body += ' ') },
        { tamper: (d) => (d.headers['svix-id'] += 'x') },
        { tamper: (d) => delete d.headers['svix-signature'] },
        { tamper: (d) => delete d.headers['svix-id'] },
        { tamper: (d) => (d.headers['svix-signature'] = d.headers['svix-signature'].replace('v1,', 'v2,')) },
        { tamper: (d) => (d.headers['svix-signature'] = `v1,AAAA ${d.headers['svix-signature']}`) },
        { tamper: (d) => (d.headers['svix-signature'] = 'v1,') },
        { tamper: (d) => (d.headers['svix-timestamp'] = 'yesterday') },
        {
            tamper: (d) => {
                for (const name of ['id', 'timestamp', 'signature']) {
                    d.headers[`webhook-${name}`] = d.headers[`svix-${name}`];
                    delete d.headers[`svix-${name}`];
                }
            },
        },
    ];
    for (const [at, each] of cases.entries()) {
        const told = await tell(word('delivered'), { id: `msg_case${at}`, ...each });
        assert.equal(told.status, (await believes(told)) ? 200 : 400, `case ${at}: ${JSON.stringify(told.json)}`);
    }
    // The scheme by hand, so that neither library is believed alone.
    const key = Buffer.from(RESEND_SECRET.slice(6), 'base64');
    const body = JSON.stringify(word('opened'));
    const stamp = `${NOW.getTime() / 1000}`;
    const mac = createHmac('sha256', key).update(`msg_hand.${stamp}.${body}`).digest('base64');
    const told = await tell(word('opened'), {
        id: 'msg_hand',
        tamper: (d) => (d.headers['svix-signature'] = `v1,${mac}`),
    });
    assert.equal(told.status, 200);
});

test('a word is booked once, with its tags in either form', async () => {
    const first = await tell(word('clicked'), { id: 'msg_click' });
    assert.equal(first.json.result.action, 'processed');
    assert.equal((await tell(word('clicked'), { id: 'msg_click' })).json.result.action, 'duplicate');
    const tags = Object.fromEntries(sent.body.tags.map(({ name, value }) => [name, value]));
    assert.equal((await tell(word('delivered', { tags }), { id: 'msg_object' })).json.result.action, 'processed');
    assert.equal((await tell(word('delivered', { tags: [] }), { id: 'msg_none' })).json.result.action, 'processed');
    const foreign = word('delivered', { tags: [], email_id: 'no-mail-of-ours' });
    assert.equal((await tell(foreign, { id: 'msg_foreign' })).json.result.action, 'ignored');
    assert.equal((await tell({ type: 'domain.updated', data: {} }, { id: 'msg_x' })).json.result.action, 'ignored');
    assert.equal((await tell('nonsense', { id: 'msg_y' })).status, 400);
});

test('after the payment the link says that it is paid', async () => {
    await story.stripe.invoices.pay(invoice, { payment_method: 'pm_card_visa' });
    const paid = await click(linkOf('click'));
    assert.equal(paid.status, 200);
    assert.match(paid.text, /Already paid/);
});

// `citadel serve` beside a simulator, spoken to as merchants (with session tokens of a key pair made here), as a
// worker and as an administrator.
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'svix';
import { Engine } from './engine.mjs';
import { KEY } from './simulator.mjs';

const ISSUER = 'https://clerk.judge.example';
const PARTY = 'https://app.judge.example';
const WEBHOOK_SECRET = 'whsec_judge_api';
const CLERK_SECRET = `whsec_${Buffer.from('a key that is Clerk\'s own').toString('base64')}`;
const TRACKING_SECRET = 'links-of-the-judge';
export const WORKER_SECRET = 'worker-secret-of-the-judge';
export const ADMIN_KEY = 'admin-key-of-the-judge';

const base64url = (value) => Buffer.from(value).toString('base64url');

export class ApiEngine {
    static async start({ stripeBase }) {
        const api = new ApiEngine();
        api.folder = mkdtempSync(join(tmpdir(), 'citadel-judge-keys-'));
        const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
        api.privateKey = privateKey;
        const jwks = join(api.folder, 'jwks.json');
        const key = { ...publicKey.export({ format: 'jwk' }), kid: 'ins_judge', alg: 'RS256', use: 'sig' };
        writeFileSync(jwks, JSON.stringify({ keys: [key] }));
        api.engine = await Engine.start({
            env: {
                CITADEL_CLOCK: 'real',
                STRIPE_SECRET_KEY: KEY,
                STRIPE_CLIENT_ID: 'ca_citadel_sim',
                STRIPE_API_BASE: stripeBase,
                STRIPE_CONNECT_BASE: stripeBase,
                STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
                CLERK_ISSUER: ISSUER,
                CLERK_JWKS_URL: `file://${jwks}`,
                CLERK_AUTHORIZED_PARTIES: PARTY,
                CLERK_WEBHOOK_SECRET: CLERK_SECRET,
                TRACKING_SECRET,
                WORKER_SECRET,
                ADMIN_KEY,
                CITADEL_CALLER_RATE: '0',
                CITADEL_ADDRESS_RATE: '0',
            },
        });
        api.base = api.engine.base;
        return api;
    }

    async stop() {
        await this.engine.stop();
        rmSync(this.folder, { recursive: true, force: true });
    }

    // A session token of that user.
    token(user, claims = {}) {
        const now = Math.floor(Date.now() / 1000);
        const header = { alg: 'RS256', kid: 'ins_judge', typ: 'JWT', cat: 'cl_B7d4PD111AAA' };
        const payload = { iss: ISSUER, sub: user, sid: `sess_${user}`, azp: PARTY, iat: now, nbf: now - 10,
                          exp: now + 600, fva: [0, -1], sts: 'active', v: 2, ...claims };
        const text = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(payload))}`;
        return `${text}.${sign('sha256', Buffer.from(text), this.privateKey).toString('base64url')}`;
    }
    as(user) {
        return { Authorization: `Bearer ${this.token(user)}` };
    }

    // {status, headers, text, json}; redirects are not followed.
    async call(method, path, { headers = {}, body } = {}) {
        const answer = await fetch(this.base + path, {
            method,
            redirect: 'manual',
            headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
            body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
        });
        const text = await answer.text();
        return { status: answer.status, headers: answer.headers, text, get json() { return JSON.parse(text); } };
    }

    // One of Stripe's events, signed as Stripe signs.
    async deliver(event) {
        const body = JSON.stringify(event);
        const time = Math.floor(Date.now() / 1000);
        const signature = createHmac('sha256', WEBHOOK_SECRET).update(`${time}.${body}`).digest('hex');
        return this.call('POST', '/api/webhooks/stripe', {
            headers: { 'Stripe-Signature': `t=${time},v1=${signature}` },
            body,
        });
    }

    // Clerk tells that user's address, signed by Svix's own client.
    async tellAddress(user, address) {
        const id = `msg_judge_${user}`;
        const at = new Date();
        const verified = { id: 'idn_judge', email_address: address, verification: { status: 'verified' } };
        const data = { id: user, object: 'user', email_addresses: [verified], primary_email_address_id: 'idn_judge',
                       updated_at: at.getTime() };
        const body = JSON.stringify({ type: 'user.created', object: 'event', data });
        const headers = {
            'svix-id': id,
            'svix-timestamp': `${Math.floor(at.getTime() / 1000)}`,
            'svix-signature': new Webhook(CLERK_SECRET).sign(id, at, body),
        };
        return this.call('POST', '/api/webhooks/clerk', { headers, body });
    }

    // The token of the stop link in that merchant's digest: the number and its signature, in hex digits.
    digestStop(merchant) {
        const number = BigInt(merchant).toString(16).padStart(16, '0');
        return number + createHmac('sha256', TRACKING_SECRET).update(`digest-stop/${number}`).digest('hex');
    }

    // Connects an account of the simulator by the whole way of OAuth; `user` is who does it.
    async connect(user, account) {
        const begun = await this.call('POST', '/api/stripe/connect/authorize', { headers: this.as(user) });
        if (begun.status !== 200) throw new Error(`not authorized: ${begun.status} ${begun.text}`);
        const { url } = begun.json;
        const page = await fetch(`${url}&approve=${account}`, { redirect: 'manual' });
        const back = new URL(page.headers.get('location'));
        const headers = { Cookie: `__session=${this.token(user)}` };
        const end = await this.call('GET', back.pathname + back.search, { headers });
        if (!end.headers.get('location')?.includes('connected=true'))
            throw new Error(`not connected: ${end.status} ${end.headers.get('location')} ${end.text}`);
    }
}

const failure = JSON.parse(
    readFileSync(new URL('../../fixtures/stripe_events_2026-10-28.endive.json', import.meta.url), 'utf8'),
).events['invoice.payment_failed'];

// A renewal of that account that has failed; each number another invoice of another customer.
export function failedRenewal(account, number) {
    const event = structuredClone(failure);
    event.id = `evt_judge_${account}_${number}`;
    event.account = account;
    event.data.object.id = `in_judge_${number}`;
    event.data.object.customer = `cus_judge_${number}`;
    return event;
}

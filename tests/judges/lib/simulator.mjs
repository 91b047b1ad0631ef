// Starts `citadel stripe-sim` for a judge, with a receiver for its webhooks, and gives Stripe's own
// clients for it. The clock is fixed: time passes only by moveTo() and advance(). Needs a built program:
// $CITADEL_BINARY, or the newest of build/release and build/debug.
import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Stripe from 'stripe';
import Stripe17 from 'stripe-17';
import { WebhookReceiver } from './receiver.mjs';

export const KEY = 'sk_test_citadel_sim';
export const NEW_VERSION = '2026-10-28.endive';
export const OLD_VERSION = '2025-02-24.acacia';
export const SECRET = 'whsec_judge_platform';
export const CONNECT_SECRET = 'whsec_judge_connect';
export const START = '2026-01-01T00:00:00Z';

const PATIENCE_MILLIS = 20_000;

export function binary() {
    if (process.env.CITADEL_BINARY) return process.env.CITADEL_BINARY;
    const built = ['release', 'debug']
        .map((preset) => fileURLToPath(new URL(`../../../build/${preset}/citadel`, import.meta.url)))
        .filter(existsSync)
        .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
    if (built.length === 0) throw new Error('build citadel first: scripts/build.sh debug citadel');
    return built[0];
}

// The address the program greets with.
function addressOf(program) {
    return new Promise((resolve, reject) => {
        let output = '';
        const read = (chunk) => {
            output += chunk;
            const greeting = /listens on (http:\/\/127\.0\.0\.1:\d+)/.exec(output);
            if (greeting) resolve(greeting[1]);
        };
        program.stdout.on('data', read);
        program.stderr.on('data', read);
        program.on('error', reject);
        program.on('exit', (code, signal) =>
            reject(new Error(`the simulator ended with ${code ?? signal}:\n${output}`)),
        );
    });
}

// Polls until `look` answers something true, and returns that.
export async function until(what, look, patience = PATIENCE_MILLIS) {
    for (const deadline = Date.now() + patience; ;) {
        const seen = await look();
        if (seen) return seen;
        if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
        await new Promise((wake) => setTimeout(wake, 2));
    }
}

export class Simulator {
    // Everything that is delivered while it runs; see receiver.mjs.
    receiver = new WebhookReceiver();

    // `events`: types to deliver; default: the simulator's own choice.
    static async start({ now = START, seed = 1, events } = {}) {
        const simulator = new Simulator();
        await simulator.receiver.listen();
        const webhooks = [
            '--webhook-url',
            simulator.receiver.url,
            '--webhook-secret',
            SECRET,
            '--connect-webhook-secret',
            CONNECT_SECRET,
        ];
        simulator.program = spawn(binary(), ['stripe-sim', '--port', '0', '--seed', `${seed}`, ...webhooks], {
            env: { PATH: process.env.PATH, CITADEL_CLOCK: `fixed:${now}`, LOG_LEVEL: 'warn' },
        });
        // A test that dies must not leave it behind.
        simulator.kill = () => simulator.program.kill('SIGKILL');
        process.on('exit', simulator.kill);
        simulator.base = await addressOf(simulator.program);
        simulator.stripe = simulator.client();
        simulator.stripe17 = simulator.client17();
        if (events) await simulator.tell('endpoint', { events });
        return simulator;
    }

    async stop() {
        process.off('exit', this.kill);
        if (this.program.exitCode === null && this.program.signalCode === null) {
            const ended = new Promise((resolve) => this.program.once('exit', resolve));
            this.program.kill('SIGTERM');
            await ended;
        }
        await this.receiver.close();
    }

    #options(more) {
        const { hostname, port } = new URL(this.base);
        return { host: hostname, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false, ...more };
    }
    // stripe-node of today; `more` are options of its constructor (stripeAccount, apiVersion, ...).
    client({ key = KEY, ...more } = {}) {
        return new Stripe(key, this.#options({ apiVersion: NEW_VERSION, ...more }));
    }
    // stripe-node of the last version before basil.
    client17({ key = KEY, ...more } = {}) {
        return new Stripe17(key, this.#options({ apiVersion: OLD_VERSION, ...more }));
    }

    // Any call with plain HTTP, where a client would not do what the test wants.
    // `form` is sent as given, a string or URLSearchParams.
    async fetch(method, path, { form, headers = {}, key = KEY } = {}) {
        const answer = await fetch(this.base + path, {
            method,
            body: form,
            headers: {
                Authorization: `Bearer ${key}`,
                ...(form === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }),
                ...headers,
            },
        });
        const text = await answer.text();
        return {
            status: answer.status,
            headers: answer.headers,
            text,
            get json() {
                return JSON.parse(text);
            },
        };
    }

    // The control API: tell() changes, ask() reads; `call` is what follows /_sim/.
    async tell(call, body = {}) {
        return this.#control(call, { method: 'POST', body: JSON.stringify(body) });
    }
    async ask(call, query = {}) {
        return this.#control(`${call}?${new URLSearchParams(query)}`, {});
    }
    async #control(call, request) {
        const answer = await fetch(`${this.base}/_sim/${call}`, request);
        const body = await answer.json();
        if (!answer.ok) throw new Error(`/_sim/${call}: ${answer.status} ${body.error.message}`);
        return body;
    }

    async now() {
        return new Date((await this.ask('state')).now);
    }
    // Until nothing is left to do at the present time: what was due has happened, each webhook was tried.
    async settle() {
        return until('nothing is due', async () => {
            const state = await this.ask('state');
            return state.dueNow ? null : state;
        });
    }
    // Moves the clock there event by event, so that each thing happens at its own time.
    async moveTo(time) {
        const target = new Date(time);
        for (;;) {
            const { nextEventAt } = await this.settle();
            const there = !nextEventAt || new Date(nextEventAt) > target;
            await this.tell('clock', { now: there ? target.toISOString() : nextEventAt });
            if (there) return this.settle();
        }
    }
    async advance({ days = 0, hours = 0, minutes = 0, seconds = 0 }) {
        const millis = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
        return this.moveTo((await this.now()).getTime() + millis);
    }

    // A merchant with one payer, whose subscription waits to be renewed: {account, customer,
    // paymentMethod, subscription, stripe}, the client acting for that merchant. `account`, `customer`
    // and `subscription` are bodies for the control API; `account` may be the id of one that is there.
    async story({ account = {}, customer = {}, subscription = {} } = {}) {
        const merchant = typeof account === 'string' ? account : (await this.tell('accounts', account)).id;
        const payer = await this.tell('customers', { account: merchant, ...customer });
        const made = await this.tell('subscriptions', {
            account: merchant,
            customer: payer.id,
            ...subscription,
        });
        return {
            account: merchant,
            customer: payer.id,
            paymentMethod: payer.paymentMethod,
            subscription: made.id,
            stripe: this.client({ stripeAccount: merchant }),
            stripe17: this.client17({ stripeAccount: merchant }),
        };
    }
    // Renews the story's subscription now; the id of the invoice.
    async renew({ subscription }) {
        return (await this.tell('renew', { subscription })).invoice;
    }
}

// The error that `promise` is rejected with.
export async function rejection(promise) {
    let answer;
    try {
        answer = await promise;
    } catch (error) {
        return error;
    }
    throw new Error(`expected an error, got ${JSON.stringify(answer)}`);
}

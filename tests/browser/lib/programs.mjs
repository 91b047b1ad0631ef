// The engine, the simulator and a database of their own, started for browser tests and ended with them. Needs a
// built program: $CITADEL_BINARY, or build/release/citadel.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const binary =
    process.env.CITADEL_BINARY ?? fileURLToPath(new URL('../../../build/release/citadel', import.meta.url));
const patience = 120_000;

export async function until(what, look, milliseconds = 30_000) {
    for (const deadline = Date.now() + milliseconds; ;) {
        const seen = await look();
        if (seen) return seen;
        if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
        await new Promise((wake) => setTimeout(wake, 25));
    }
}

// One subcommand of the program under way.
export class Program {
    output = '';

    constructor(args, env = {}) {
        this.child = spawn(binary, args, {
            env: { PATH: process.env.PATH, LANG: 'C.UTF-8', LOG_LEVEL: 'info', LOG_FORMAT: 'json', ...env },
        });
        for (const stream of [this.child.stdout, this.child.stderr]) {
            stream.on('data', (chunk) => (this.output += chunk));
        }
        this.ended = new Promise((resolve) =>
            this.child.once('exit', (code, signal) => resolve(code ?? signal)),
        );
        // A test that dies must not leave it behind.
        this.kill = () => this.child.kill('SIGKILL');
        process.on('exit', this.kill);
    }

    // What it says that fits `pattern`, whenever it says it.
    async says(pattern, milliseconds = patience) {
        let over;
        void this.ended.then((how) => (over = how));
        return until(
            `the program says ${pattern}`,
            () => {
                const found = pattern.exec(this.output);
                if (!found && over !== undefined)
                    throw new Error(`the program ended with ${over}:\n${this.output}`);
                return found;
            },
            milliseconds,
        );
    }

    async stop() {
        process.off('exit', this.kill);
        this.child.kill('SIGTERM');
        await this.ended;
    }
}

// A Wednesday morning in the customers' country, whenever the tests run: the policy lets people sleep. From there on
// time goes at its own pace, for both programs.
const env = { CITADEL_CLOCK: 'fast:2026-11-25T16:00:00Z:1' };

const webhookSecrets = { platform: 'whsec_browser_platform', connect: 'whsec_browser_connect' };

// An engine that serves its dashboard, beside a simulator that plays Stripe.
export class World {
    // `signIn`: how merchants sign in, as the environment says it.
    static async start({ signIn = { CITADEL_LOCAL_ISSUER: 'true' } } = {}) {
        const world = new World();
        world.folder = mkdtempSync(join(tmpdir(), 'citadel-browser-'));
        world.simulator = new Program(['stripe-sim', '--port', '0'], env);
        world.stripe = (await world.simulator.says(/listens on (http:\/\/127\.0\.0\.1:\d+)/))[1];
        world.engine = new Program(['serve', '--port', '0'], {
            ...env,
            ...signIn,
            CITADEL_DATA_DIR: world.folder,
            STRIPE_API_BASE: world.stripe,
            STRIPE_CONNECT_BASE: world.stripe,
            STRIPE_CLIENT_ID: 'ca_citadel_sim',
            STRIPE_SECRET_KEY: 'sk_test_citadel_sim',
            STRIPE_WEBHOOK_SECRET: `${webhookSecrets.platform},${webhookSecrets.connect}`,
            EMAIL_FROM: 'letters@citadel.example',
        });
        const port = (await world.engine.says(/"ready".*"port":"?(\d+)/))[1];
        world.base = `http://127.0.0.1:${port}`;
        await world.tell('endpoint', {
            url: `${world.base}/api/webhooks/stripe`,
            secret: webhookSecrets.platform,
            connectSecret: webhookSecrets.connect,
        });
        return world;
    }

    async stop() {
        await this.engine.stop();
        await this.simulator.stop();
        rmSync(this.folder, { recursive: true, force: true });
    }

    // The simulator's control API.
    async tell(call, body) {
        const answer = await fetch(`${this.stripe}/_sim/${call}`, {
            method: 'POST',
            body: JSON.stringify(body),
        });
        const told = await answer.json();
        if (!answer.ok) throw new Error(`/_sim/${call}: ${answer.status} ${JSON.stringify(told)}`);
        return told;
    }

    // A customer of `account` whose renewal fails now; `outcomes` is what the bank says, attempt by attempt.
    async failRenewal(account, { name, outcomes, amount = 2900, currency = 'usd' }) {
        const email = `${name.toLowerCase().replace(/\W+/g, '.')}@example.com`;
        const customer = await this.tell('customers', { account, name, email, outcomes });
        const subscription = await this.tell('subscriptions', {
            account,
            customer: customer.id,
            amount,
            currency,
        });
        return this.tell('renew', { subscription: subscription.id });
    }

    // SQL on the engine's own database, for what no API may do, such as giving a merchant a plan.
    async sql(text) {
        const url = `postgresql:///citadel?host=${encodeURIComponent(join(this.folder, 'postgres.socket'))}&user=citadel`;
        const child = spawn('psql', [url, '-v', 'ON_ERROR_STOP=1', '-qAtc', text]);
        let output = '';
        for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
        const code = await new Promise((resolve) => child.once('close', resolve));
        if (code !== 0) throw new Error(`psql ended with ${code}: ${output}`);
        return output.trim();
    }
}

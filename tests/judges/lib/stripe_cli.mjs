// Stripe's own CLI (npm @stripe/cli) with a home of its own, aimed at the simulator. It looks at
// nothing of this machine's settings and sends no telemetry.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KEY } from './simulator.mjs';

const program = createRequire(import.meta.url).resolve(`@stripe/cli-${process.platform}-${process.arch}/bin/stripe`);

export class StripeCli {
    #listeners = new Set();

    constructor({ base }, device = 'judge') {
        this.base = base;
        this.home = mkdtempSync(join(tmpdir(), 'stripe-cli-'));
        this.env = {
            PATH: process.env.PATH, HOME: this.home, XDG_CONFIG_HOME: this.home, STRIPE_API_KEY: KEY,
            STRIPE_DEVICE_NAME: device, STRIPE_CLI_TELEMETRY_OPTOUT: '1',
        };
    }
    // Ends what listens and leaves nothing behind.
    async remove() {
        const ended = (child) => new Promise((resolve) => {
            child.once('exit', resolve);
            child.kill('SIGKILL');
        });
        await Promise.all([...this.#listeners].map(ended));
        rmSync(this.home, { recursive: true, force: true });
    }

    // Runs one command to its end: {code, stdout, stderr}.
    run(...args) {
        return new Promise((resolve) => {
            const options = { env: this.env, timeout: 60_000 };
            execFile(program, [...args, '--api-base', this.base], options, (error, stdout, stderr) => {
                resolve({ code: error ? error.code : 0, stdout, stderr });
            });
        });
    }
    // The same for commands that answer with an object.
    async json(...args) {
        const { stdout, stderr } = await this.run(...args);
        try {
            return JSON.parse(stdout.slice(stdout.indexOf('{')));
        } catch {
            throw new Error(`stripe ${args.join(' ')} answered no JSON: ${stdout}${stderr}`);
        }
    }
    // `stripe listen`; ready once its greeting gave `secret`. `output` grows.
    listen(...args) {
        const child = spawn(program, ['listen', '--skip-update', ...args, '--api-base', this.base], { env: this.env });
        const listener = { output: '' };
        this.#listeners.add(child);
        return new Promise((resolve, reject) => {
            const read = (chunk) => {
                listener.output += chunk;
                const greeting = /Ready!.*signing secret is \S*?(whsec_\w+)/.exec(listener.output);
                if (!greeting || listener.secret) return;
                listener.secret = greeting[1];
                resolve(listener);
            };
            child.stdout.on('data', read);
            child.stderr.on('data', read);
            child.on('exit', (code) => {
                this.#listeners.delete(child);
                reject(new Error(`stripe listen ended with ${code}: ${listener.output}`));
            });
        });
    }
}

// Starts `citadel serve` for a judge, on an embedded PostgreSQL of its own. With a simulator it works for
// merchants that are connected to accounts of it; without one it serves and runs no tasks. The clock is fixed.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KEY, binary, until } from './simulator.mjs';

const PATIENCE_MILLIS = 120_000;
const WEBHOOK_SECRET = 'whsec_judge_engine';

export class Engine {
    output = '';

    // `accounts`: [{account, name}]; `env`: more of the environment.
    static async start({ simulator, accounts = [], now, env = {} }) {
        const engine = new Engine();
        engine.folder = mkdtempSync(join(tmpdir(), 'citadel-judge-'));
        chmodSync(engine.folder, 0o755); // the database's server is not root
        const base = {
            PATH: process.env.PATH,
            CITADEL_DATA_DIR: join(engine.folder, 'data'),
            CITADEL_CLOCK: `fixed:${now}`,
            LOG_FORMAT: 'json',
        };
        for (const { account, name } of accounts) {
            execFileSync(binary(), ['merchants', 'add', '--account', account, '--name', name], { env: base });
        }
        const stripe = simulator && {
            STRIPE_SECRET_KEY: KEY,
            STRIPE_API_BASE: simulator.base,
            STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
        };
        const workers = simulator ? [] : ['--workers', '0'];
        engine.program = spawn(binary(), ['serve', '--port', '0', ...workers], {
            env: {
                ...base,
                ...stripe,
                ...env,
            },
        });
        engine.kill = () => engine.program.kill('SIGKILL');
        process.on('exit', engine.kill);
        for (const stream of [engine.program.stdout, engine.program.stderr])
            stream.on('data', (chunk) => (engine.output += chunk));
        const ready = await until(
            'the engine is ready',
            () => {
                if (engine.program.exitCode !== null) throw new Error(`the engine ended:\n${engine.output}`);
                return engine.lines().find(({ event }) => event === 'ready');
            },
            PATIENCE_MILLIS,
        );
        engine.base = `http://127.0.0.1:${ready.port}`;
        await simulator?.tell('endpoint', {
            url: `${engine.base}/api/webhooks/stripe`,
            secret: WEBHOOK_SECRET,
            connectSecret: WEBHOOK_SECRET,
        });
        return engine;
    }

    // What it has logged so far.
    lines() {
        return this.output
            .split('\n')
            .filter((line) => line.startsWith('{'))
            .map((line) => JSON.parse(line));
    }

    async stop() {
        process.off('exit', this.kill);
        if (this.program.exitCode === null && this.program.signalCode === null) {
            const ended = new Promise((resolve) => this.program.once('exit', resolve));
            this.program.kill('SIGTERM');
            await ended;
        }
        rmSync(this.folder, { recursive: true, force: true });
    }
}

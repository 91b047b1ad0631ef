// Starts `citadel serve` for a judge, on a database of its own in a temporary folder. The clock is fixed.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binary } from './simulator.mjs';

const PATIENCE_MILLIS = 60_000;

export class Engine {
    // `settings` are environment variables.
    static async start({ now, settings }) {
        const engine = new Engine();
        engine.folder = mkdtempSync(join(tmpdir(), 'citadel-judge-'));
        chmodSync(engine.folder, 0o755); // PostgreSQL runs as another user when we are root
        engine.program = spawn(binary(), ['serve', '--port', '0', '--workers', '0'], {
            env: {
                PATH: process.env.PATH,
                CITADEL_DATA_DIR: engine.folder,
                CITADEL_CLOCK: `fixed:${now}`,
                LOG_FORMAT: 'json',
                ...settings,
            },
        });
        engine.kill = () => engine.program.kill('SIGKILL');
        process.on('exit', engine.kill);
        engine.base = `http://127.0.0.1:${await portOf(engine.program)}`;
        return engine;
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

function portOf(program) {
    return new Promise((resolve, reject) => {
        let output = '';
        const timer = setTimeout(() => reject(new Error(`the engine was not ready:\n${output}`)), PATIENCE_MILLIS);
        const read = (chunk) => {
            output += chunk;
            const ready = /"port":(\d+)/.exec(output);
            if (!ready) return;
            clearTimeout(timer);
            resolve(ready[1]);
        };
        program.stdout.on('data', read);
        program.stderr.on('data', read);
        program.on('error', reject);
        program.on('exit', (code, signal) => {
            clearTimeout(timer);
            reject(new Error(`the engine ended with ${code ?? signal}:\n${output}`));
        });
    });
}

// The dashboard's sources: they hold together by their types, and those of the API are what its document says.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const web = fileURLToPath(new URL('../../web/', import.meta.url));

function run(script, ...args) {
    const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [join(web, 'node_modules', script), ...args],
        {
            cwd: web,
            encoding: 'utf8',
        },
    );
    assert.equal(status, 0, stdout + stderr);
}

test('the types hold', () => run('typescript/bin/tsc', '--noEmit'));

test('the client is the one that docs/openapi.json describes (npm --prefix web run api)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'citadel-schema-'));
    try {
        run('openapi-typescript/bin/cli.js', '../docs/openapi.json', '-o', join(folder, 'schema.d.ts'));
        assert.equal(
            readFileSync(join(web, 'src/api/schema.d.ts'), 'utf8'),
            readFileSync(join(folder, 'schema.d.ts'), 'utf8'),
        );
    } finally {
        rmSync(folder, { recursive: true });
    }
});

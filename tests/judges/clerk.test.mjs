// Clerk's own verifier and the engine judge the same session tokens, each by keys published at an address, at the same
// moment. Where they differ, the engine is the stricter one, for a reason that is named here.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { verifyToken } from '@clerk/backend';
import { Engine } from './lib/engine.mjs';

const fixture = JSON.parse(
    readFileSync(new URL('../fixtures/clerk_jwt_vectors.json', import.meta.url), 'utf8'),
);
const STRICTER = {
    's25-sid-missing': 'a token of a template is no session',
    's26-sts-pending': 'a pending session counts as signed out',
    's55-crit': 'RFC 7515 4.1.11: unknown critical headers are refused',
};
const NOW = fixture.vectors[0].now;

// Publishes both key sets, at Clerk's Backend API's path and at the issuer's.
const publisher = createServer((request, response) => {
    const set = request.url.startsWith('/rotated') ? fixture.jwks_rotated : fixture.jwks;
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(set));
});
let published;
const engines = new Map();
const realNow = Date.now;

// One engine for each set of keys and of authorized parties that the vectors ask for.
const nameOf = (vector) => `${vector.jwks ?? 'plain'} ${vector.issuer} ${vector.authorized_parties.join(',')}`;

before(async () => {
    await new Promise((resolve) => publisher.listen(0, '127.0.0.1', resolve));
    published = `http://127.0.0.1:${publisher.address().port}`;
    for (const vector of fixture.vectors) {
        assert.equal(vector.now, NOW, 'one clock serves all vectors');
        if (engines.has(nameOf(vector))) continue;
        const settings = {
            CLERK_ISSUER: vector.issuer,
            CLERK_JWKS_URL: `${published}/${vector.jwks ?? 'plain'}/v1/jwks`,
            CLERK_AUTHORIZED_PARTIES: vector.authorized_parties.join(','),
        };
        engines.set(
            nameOf(vector),
            await Engine.start({ now: new Date(NOW * 1000).toISOString(), env: settings }),
        );
    }
});
after(async () => {
    publisher.close();
    await Promise.all([...engines.values()].map((engine) => engine.stop()));
});

// Clerk's library asks the system for the time: for it, this call begins at NOW.
async function clerkAccepts(vector) {
    const ahead = realNow() - NOW * 1000;
    Date.now = () => realNow() - ahead;
    try {
        await verifyToken(vector.token, {
            secretKey: 'sk_test_judge',
            apiUrl: `${published}/${vector.jwks ?? 'plain'}`,
            issuer: vector.issuer,
            authorizedParties: vector.authorized_parties.length > 0 ? vector.authorized_parties : undefined,
            clockSkewInMs: 5000,
            skipJwksCache: true,
        });
        return true;
    } catch {
        return false;
    } finally {
        Date.now = realNow;
    }
}

// Accepted tokens get as far as the question whether Connect is set up, which here it is not.
async function engineAccepts(vector) {
    const answer = await fetch(`${engines.get(nameOf(vector)).base}/api/stripe/connect/authorize`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${vector.token}` },
    });
    const { code } = await answer.json();
    if (answer.status === 401) return false;
    assert.equal(code, 'connect_not_configured', `${vector.id}: ${answer.status} ${code}`);
    return true;
}

for (const vector of fixture.vectors) {
    test(`${vector.id}: ${vector.why}`, async () => {
        const clerk = await clerkAccepts(vector);
        assert.equal(clerk, vector.expect === 'valid', 'Clerk says what the vector says');
        assert.equal(await engineAccepts(vector), clerk && !(vector.id in STRICTER));
    });
}

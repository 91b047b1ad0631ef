// The API's own description as a judge of its answers: is this status, header and body one that it promises?
import assert from 'node:assert/strict';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { readFileSync } from 'node:fs';

export const PATH = new URL('../../../docs/openapi.json', import.meta.url);
export const document = JSON.parse(readFileSync(PATH, 'utf8'));

const ajv = new Ajv2020({ allErrors: true, strict: false });
addFormats(ajv);
ajv.addSchema(document, 'api');

// The pointer of a part of the document, references followed.
function resolve(value) {
    while (value?.$ref) value = value.$ref.slice(2).split('/').reduce((part, name) => part[name], document);
    return value;
}

// Every operation: {id, method, path, who, operation}.
export const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
        id: operation.operationId,
        method: method.toUpperCase(),
        path,
        operation,
        who: callerOf(operation),
    })),
);

function callerOf({ security }) {
    const schemes = security.flatMap((requirement) => Object.keys(requirement));
    if (schemes.includes('clerkBearer')) return 'merchant';
    if (schemes.includes('workerSecret')) return 'worker';
    if (schemes.includes('adminKey')) return 'admin';
    return 'public';
}

// Fails unless the answer is one that the document describes for that operation.
export function expectDescribed({ id, operation }, answer) {
    const where = `${id} ${answer.status}: ${answer.text.slice(0, 300)}`;
    const response = resolve(operation.responses[answer.status]);
    assert.ok(response, `not described: ${where}`);
    assert.ok(answer.headers.get('x-request-id'), `no X-Request-Id: ${where}`);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff', where);
    assert.match(answer.headers.get('content-security-policy') ?? '', /default-src 'none'/, where);
    if (answer.status === 429 || answer.status === 503) assert.ok(answer.headers.get('retry-after'), where);
    if (!response.content) return;
    const media = answer.headers.get('content-type');
    assert.ok(response.content[media], `content type ${media} is not described: ${where}`);
    if (!media.includes('json')) return;
    const validate = ajv.compile({ ...response.content[media].schema, ...rebased(response.content[media].schema) });
    assert.ok(validate(answer.json), `${where}\n${JSON.stringify(validate.errors, null, 1)}`);
    if (media === 'application/problem+json') {
        assert.equal(answer.json.status, answer.status, where);
        assert.equal(answer.json.requestId, answer.headers.get('x-request-id'), where);
    }
}

// References of the document, as seen from outside of it.
function rebased(schema) {
    return schema.$ref ? { $ref: `api${schema.$ref}` } : {};
}

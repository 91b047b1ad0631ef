// The schemas of two API versions (tests/fixtures/stripe_schema_*.json, made from stripe-node's types) as
// judges: is this object what its `object` member says, and what of it could be expanded? Objects are
// closed: a member that Stripe does not have is an error. What the schemas do not know is said to be
// unknown, never passed.
import { readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import { NEW_VERSION, OLD_VERSION } from './simulator.mjs';

class Schema {
    #file;
    #ajv = new Ajv({ strict: false, allErrors: true, verbose: true });
    #checks = new Map();
    #names = new Map(); // 'charge', 'deleted customer' -> name of the definition

    constructor(version) {
        this.version = version;
        this.#file = JSON.parse(
            readFileSync(new URL(`../../fixtures/stripe_schema_${version}.json`, import.meta.url)),
        );
        this.#ajv.addSchema({ ...this.#file, $id: 's' });
        for (const [name, { properties }] of Object.entries(this.#file.$defs)) {
            const type = properties?.object?.const;
            if (!type || type === 'list') continue;
            this.#names.set(properties.deleted?.const ? `deleted ${type}` : type, name);
        }
    }

    #nameOf(object) {
        return this.#names.get(object.deleted ? `deleted ${object.object}` : object.object);
    }
    knows(object) {
        return this.#nameOf(object) !== undefined;
    }

    // What is wrong with it, in words: [] when nothing is.
    faults(object) {
        if (!this.knows(object)) return [`no schema knows "${object.object}"`];
        if (this.version === OLD_VERSION && isUpcoming(object) && !('id' in object)) object = { id: '', ...object };
        return this.#faultsBy(`#/$defs/${this.#nameOf(object).replaceAll('~', '~0')}`, object);
    }
    // The same by the name of a root, for what has no `object` member: oauth_token, req_invoice_list, ...
    faultsOfRoot(root, value) {
        return this.#faultsBy(`#/roots/${root}`, value);
    }
    #faultsBy(pointer, value) {
        if (!this.#checks.has(pointer)) this.#checks.set(pointer, this.#ajv.compile({ $ref: `s${pointer}` }));
        const check = this.#checks.get(pointer);
        if (check(value)) return [];
        return [...new Set(check.errors.map(inWords))];
    }

    // The paths that stripe-node's types let one expand in `object`, below members that are there: ids that
    // may be objects, and lists that may be absent.
    expandable(object) {
        if (!this.knows(object)) return [];
        return [...new Set(this.#paths(this.#file.$defs[this.#nameOf(object)], object))];
    }
    // Whether an object of this kind may have a member of this name.
    hasMember(object, name) {
        return name in this.#file.$defs[this.#nameOf(object)].properties;
    }

    #alternatives(schema) {
        if (schema.$ref) return this.#alternatives(this.#file.$defs[schema.$ref.slice('#/$defs/'.length)]);
        return (schema.anyOf ?? schema.oneOf)?.flatMap((one) => this.#alternatives(one)) ?? [schema];
    }
    *#paths(schema, value) {
        if (Array.isArray(value)) {
            const items = this.#alternatives(schema).find(({ items }) => items)?.items;
            if (items) for (const element of value) yield* this.#paths(items, element);
            return;
        }
        if (value === null || typeof value !== 'object') return;
        const fitting = this.#alternatives(schema).filter(
            ({ properties }) =>
                properties && (!properties.object?.const || properties.object.const === value.object),
        );
        for (const { properties, required = [] } of fitting) {
            for (const [name, member] of Object.entries(properties)) {
                const kinds = this.#alternatives(member);
                const hidden = !(name in value) && !required.includes(name) && kinds.some(isList);
                if (hidden || isReference(kinds)) yield name;
                else if (value[name])
                    for (const rest of this.#paths(member, value[name])) yield `${name}.${rest}`;
            }
        }
    }
}

// "The received Invoice object will not have an invoice ID", says Stripe of invoice.upcoming; the types of that
// event do not.
function isUpcoming({ object, billing_reason }) {
    return object === 'invoice' && billing_reason === 'upcoming';
}

function isList({ properties }) {
    return properties?.object?.const === 'list';
}

// An id or the object itself.
function isReference(kinds) {
    return (
        kinds.some(({ type }) => type === 'string' || type?.includes?.('string')) &&
        kinds.some(({ properties }) => properties?.object?.const && properties.object.const !== 'list')
    );
}

function inWords({ instancePath, keyword, message, params, data }) {
    const detail = params.additionalProperty ?? params.allowedValue ?? '';
    const seen =
        keyword === 'enum' || keyword === 'type' || keyword === 'const' ? `: ${JSON.stringify(data)}` : '';
    return `${instancePath || '/'} ${message} ${detail}${seen}`.trim().slice(0, 300);
}

const schemas = new Map();
// For any version the schema of its shape; see docs/stripe-sim.md for where the shapes part.
export function schemaFor(version) {
    const shape = version < '2025-03-31' ? OLD_VERSION : NEW_VERSION;
    if (!schemas.has(shape)) schemas.set(shape, new Schema(shape));
    return schemas.get(shape);
}

// Every object inside `value` that names its kind, `value` itself included.
export function* objectsIn(value) {
    if (value === null || typeof value !== 'object') return;
    if (typeof value.object === 'string') yield value;
    for (const member of Object.values(value)) yield* objectsIn(member);
}

// Walks through all that merchants have, as a client of one API version: every list, of its objects one of
// each shape by itself, and each expansion that stripe-node's types allow, one level deep and two. Whatever
// comes is held against the schema. It knows paths only, so a new resource joins by its line in kLists.
import { objectsIn, schemaFor } from './schema.mjs';

// `path` of the list; `single` of one object where it is not path/id, null where there is none; `per`: the
// list is asked for once for each id of an earlier list. What was not there before the new shape has `since`.
export const kLists = [
    { path: '/v1/customers' },
    { path: '/v1/customers/{}/payment_methods', per: '/v1/customers', single: '/v1/payment_methods' },
    { path: '/v1/payment_methods?customer={}', per: '/v1/customers', single: '/v1/payment_methods' },
    { path: '/v1/subscriptions?status=all', single: '/v1/subscriptions' },
    { path: '/v1/invoices' },
    { path: '/v1/invoice_payments', since: '2025-03-31' },
    { path: '/v1/invoices/{}/lines', per: '/v1/invoices', single: null },
    { path: '/v1/payment_intents' },
    { path: '/v1/setup_intents' },
    { path: '/v1/charges' },
    { path: '/v1/refunds' },
    { path: '/v1/disputes' },
    { path: '/v1/products' },
    { path: '/v1/prices' },
    { path: '/v1/invoiceitems' },
    {
        path: '/v1/subscription_items?subscription={}',
        per: '/v1/subscriptions?status=all',
        single: '/v1/subscription_items',
    },
    { path: '/v1/webhook_endpoints' },
    // What lives on a test clock is not in the lists above.
    { path: '/v1/test_helpers/test_clocks' },
    { path: '/v1/customers?test_clock={}', per: '/v1/test_helpers/test_clocks', single: '/v1/customers' },
    {
        path: '/v1/subscriptions?test_clock={}',
        per: '/v1/test_helpers/test_clocks',
        single: '/v1/subscriptions',
    },
    { path: '/v1/invoices?customer={}', per: '/v1/customers?test_clock={}', single: '/v1/invoices' },
    {
        path: '/v1/invoiceitems?customer={}',
        per: '/v1/customers?test_clock={}',
        single: '/v1/invoiceitems',
    },
    { path: '/v1/events' },
];
// Objects that are not in a list.
export const kSingles = [{ path: '/v1/account' }];

// What may be in an answer although no schema knows its kind, each with the reason.
const kUnknownAllowed = {};

// Texts that tell one state of an object from another.
const kTelling = new Set(['object', 'status', 'type', 'billing_reason', 'collection_method', 'reason']);

const kPathsAtOnce = 20;
const kDepthMax = 4; // levels of an expansion, a list's "data" included

export class Crawl {
    faults = new Map(); // fault -> {where: the first place it was seen, times}
    unknown = new Set(); // kinds of objects that no schema knows
    checked = 0;
    listed = {}; // how many objects each list had
    #shapes = new Set();

    constructor(simulator, version) {
        this.simulator = simulator;
        this.version = version;
        this.schema = schemaFor(version);
    }

    // `account`: nothing for the platform itself.
    async everythingOf(account) {
        this.account = account;
        const ids = {};
        for (const { path } of kSingles) await this.#object(path);
        for (const list of kLists) {
            if (list.since && this.version < list.since) continue;
            const owners = list.per ? ids[list.per] : [''];
            const found = [];
            for (const owner of owners) found.push(...(await this.#list(list.path.replace('{}', owner))));
            ids[list.path] = found.map(({ id }) => id);
            this.listed[list.path] = (this.listed[list.path] ?? 0) + found.length;
            if (list.single === null) continue;
            for (const { id } of this.#newShapes(list.path, found))
                await this.#object(`${list.single ?? list.path}/${id}`);
        }
    }

    // Those that differ from all before them in what they have, in more than ids, texts and numbers.
    #newShapes(path, objects) {
        return objects.filter((object) => {
            const shape = `${path} ${JSON.stringify(object, (name, value) => this.#kindOfValue(name, value))}`;
            return !this.#shapes.has(shape) && this.#shapes.add(shape);
        });
    }
    #kindOfValue(name, value) {
        if (name === 'metadata') return 'hash';
        if (typeof value === 'number') return Math.sign(value);
        if (typeof value !== 'string' || kTelling.has(name)) return value;
        return 'text';
    }

    // Any object, however it was come by; an event is judged in its own version.
    check(where, object) {
        ++this.checked;
        const schema = object.object === 'event' ? schemaFor(object.api_version) : this.schema;
        if (object.object === 'event') this.#eventFaults(where, object, schema);
        for (const part of objectsIn(object)) {
            if (part.object !== 'list' && !schema.knows(part) && !(part.object in kUnknownAllowed)) {
                this.unknown.add(part.object);
            }
        }
        if (schema.knows(object))
            for (const fault of schema.faults(object)) this.#note(where, object.object, fault);
    }

    #eventFaults(where, event, schema) {
        const { object, previous_attributes: previous } = event.data;
        if (schema.knows(object)) {
            for (const fault of schema.faults(object))
                this.#note(where, `${event.type}: ${object.object}`, fault);
        }
        for (const name of Object.keys(previous ?? {})) {
            if (!schema.hasMember(object, name))
                this.#note(where, event.type, `previous ${name} is no member`);
        }
    }

    #note(where, what, fault) {
        const key = `${what} ${fault.replace(/\/\d+\//g, '/*/').replace(/_1\w{8,}/g, '_…')}`;
        const noted = this.faults.get(key) ?? { where, times: 0 };
        ++noted.times;
        this.faults.set(key, noted);
    }

    async #get(path) {
        return this.simulator.fetch('GET', path, {
            headers: {
                ...(this.account && { 'Stripe-Account': this.account }),
                'Stripe-Version': this.version,
            },
        });
    }

    // All pages of a list.
    async #list(path) {
        const all = [];
        const join = path.includes('?') ? '&' : '?';
        for (let last = ''; ;) {
            const { status, json } = await this.#get(
                `${path}${join}limit=100${last && `&starting_after=${last}`}`,
            );
            if (status !== 200) {
                this.#note(path, 'list', `${status} ${json.error.message}`);
                return all;
            }
            this.#listFaults(path, json);
            for (const object of json.data) this.check(path, object);
            all.push(...json.data);
            if (!json.has_more) break;
            last = json.data.at(-1).id;
        }
        if (all.length > 0) await this.#expand(`${path}${join}limit=3`, all.slice(0, 3));
        return all;
    }

    #listFaults(path, list) {
        const names = Object.keys(list).sort().join(' ');
        if (names !== 'data has_more object url') this.#note(path, 'list', `has the members ${names}`);
        if (list.url !== path.split('?')[0]) this.#note(path, 'list', `says its url is ${list.url}`);
        if (!list.data.every(({ created }, i) => i === 0 || !(created > list.data[i - 1].created))) {
            this.#note(path, 'list', 'is not newest first');
        }
    }

    async #object(path) {
        const { status, json } = await this.#get(path);
        if (status !== 200) return this.#note(path, 'object', `${status} ${json.error.message}`);
        this.check(path, json);
        await this.#expand(path, json);
    }

    // `shown` is what `path` answered: an object, or the data of a list.
    async #expand(path, shown) {
        const first = this.#pathsOf(shown);
        const expanded = await this.#withPaths(path, first);
        if (!expanded) return;
        const second = first.flatMap((name) =>
            valuesAt(expanded, name).flatMap((part) =>
                this.schema.expandable(part).map((rest) => `${name}.${rest}`),
            ),
        );
        await this.#withPaths(path, [...new Set(second)]);
    }

    #pathsOf(shown) {
        if (!Array.isArray(shown)) return this.schema.expandable(shown);
        return [...new Set(shown.flatMap((one) => this.schema.expandable(one)))].map(
            (name) => `data.${name}`,
        );
    }

    // The answer with all of `names` expanded; those that are refused are noted and left out.
    async #withPaths(path, all) {
        const names = all.filter((name) => name.split('.').length <= kDepthMax);
        let last;
        for (let at = 0; at < names.length; at += kPathsAtOnce) {
            const part = names.slice(at, at + kPathsAtOnce);
            const answer = await this.#askExpanded(path, part);
            if (answer.status === 200) {
                last = merge(last, this.#checkExpanded(path, part, answer.json));
                continue;
            }
            for (const name of part) {
                const single = await this.#askExpanded(path, [name]);
                if (single.status === 200) last = merge(last, this.#checkExpanded(path, [name], single.json));
                else
                    this.#note(
                        `${path} ${name}`,
                        `expand ${leafOf(name)}`,
                        `${single.status} ${single.json.error.message}`,
                    );
            }
        }
        return last;
    }

    #askExpanded(path, names) {
        const query = names.map((name) => `expand[]=${name}`).join('&');
        return this.#get(`${path}${path.includes('?') ? '&' : '?'}${query}`);
    }

    #checkExpanded(path, names, answer) {
        for (const object of answer.object === 'list' ? answer.data : [answer]) {
            this.check(`${path} expand ${names.join(' ')}`, object);
            for (const name of names.map((name) => name.replace(/^data\./, ''))) {
                for (const value of valuesAt(object, name)) {
                    if (typeof value === 'string')
                        this.#note(`${path} ${name}`, `expand ${leafOf(name)}`, 'is still an id');
                }
            }
        }
        return answer;
    }
}

// Faults of one kind count as one, whatever the way to them.
function leafOf(name) {
    return name.split('.').slice(-2).join('.');
}

// The values at a dotted path, through arrays and lists.
function valuesAt(value, path) {
    if (value === null || value === undefined) return [];
    if (Array.isArray(value)) return value.flatMap((one) => valuesAt(one, path));
    if (path === '') return [value];
    const [name, ...rest] = path.split('.');
    return valuesAt(value[name], rest.join('.'));
}

// Two answers about the same objects with other members expanded: those that are objects win.
function merge(one, other) {
    if (one === undefined || one === null || typeof one !== 'object') return other ?? one;
    if (other === null || typeof other !== 'object') return one;
    if (Array.isArray(one)) return one.map((element, i) => merge(element, other[i]));
    return Object.fromEntries(
        [...new Set([...Object.keys(one), ...Object.keys(other)])].map((name) => [
            name,
            name in one ? merge(one[name], other[name]) : other[name],
        ]),
    );
}

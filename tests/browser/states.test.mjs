// What a page shows when the answer is late, is an error or does not come; and what the first hour (journey) leaves
// out: tasks, settings, another locale, a phone by night, and signing in with Clerk.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { World, until } from './lib/programs.mjs';
import { looks, openBrowser, Visitor } from './lib/visitor.mjs';

const owner = 'owner@acme.example';
const clerk = 'https://clerk.example.com';
const publishableKey = `pk_test_${Buffer.from('clerk.example.com$').toString('base64')}`;

let world, withClerk, browser, account, session;

before(
    async () => {
        [world, withClerk, browser] = await Promise.all([
            World.start(),
            World.start({ signIn: { CLERK_PUBLISHABLE_KEY: publishableKey } }),
            openBrowser(),
        ]);
        const told = { name: 'Acme Letters', email: owner, currency: 'eur', connected: false };
        account = (await world.tell('accounts', told)).id;
        const visitor = await Visitor.open(browser, world.base, { hosts: [world.stripe] });
        await visitor.signIn(owner);
        const { page } = visitor;
        await page.getByRole('button', { name: 'Connect Stripe' }).click();
        await page.waitForURL(`${world.stripe}/oauth/authorize**`);
        await page.getByRole('combobox').selectOption(account);
        await page.getByRole('button', { name: 'Connect', exact: true }).click();
        await page.waitForURL(`${world.base}/?connected=true`);
        session = await visitor.context.storageState();
        await visitor.close();
        await world.sql(`update citadel.merchants set tier = 'GROWTH' where email = '${owner}'`);
        const renewal = { outcomes: ['do_not_honor'], amount: 1234567, currency: 'eur' };
        for (const name of ['Mara Okafor', 'Jonas Berg', 'Elif Kaya'])
            await world.failRenewal(account, { name, ...renewal });
        await until('every recovery waits for its next step', async () => {
            const waiting = await world.sql(
                "select count(*) from citadel.scheduled_tasks where status = 'pending' and recovery_id is not null",
            );
            return waiting === '3';
        });
    },
    { timeout: 120_000 },
);

after(async () => {
    await browser?.close();
    await Promise.all([world?.stop(), withClerk?.stop()]);
});

// Signed in already, as everybody is who comes back.
const enter = (look = looks.light) =>
    Visitor.open(browser, world.base, { look: { ...look, storageState: session } });

async function enterOverview(look) {
    const visitor = await enter(look);
    await visitor.goto('/');
    await visitor.page.getByTestId('recovered').waitFor();
    return visitor;
}

const limit = { timeout: 60_000 };
const failing = (route) =>
    route.fulfill({ status: 500, contentType: 'application/problem+json', body: '{"detail":"The disk is full."}' });

// The browser's own words on the console for an answer that the test itself spoilt.
const complaintsBut = (visitor, pattern) => visitor.complaints.filter((each) => !pattern.test(each));

describe('states', { concurrency: 6 }, () => {
    for (const [name, path, api, loading, error, content] of [
        [
            'overview',
            '/',
            '**/api/dashboard',
            'Loading the figures',
            'The figures could not be loaded',
            (page) => page.getByTestId('recovered'),
        ],
        [
            'recoveries',
            '/recoveries',
            '**/api/recoveries?*',
            'Loading recoveries',
            'The recoveries could not be loaded',
            (page) => page.getByRole('link', { name: 'Mara Okafor' }),
        ],
    ]) {
        test(`${name}: a late answer is waited for, in sight and in words`, limit, async () => {
            const visitor = await enter();
            const { page } = visitor;
            let release;
            const held = new Promise((resolve) => (release = resolve));
            await page.route(api, async (route) => {
                await held;
                await route.continue();
            });
            await visitor.goto(path);
            await page.getByRole('status').filter({ hasText: loading }).waitFor();
            assert.ok((await page.locator('.skeleton').count()) > 0);
            assert.equal(await content(page).count(), 0);
            assert.deepEqual(await visitor.barriers(), []);
            release();
            await content(page).waitFor();
            assert.equal(await page.getByText(loading).count(), 0);
            assert.deepEqual(visitor.complaints, []);
            await visitor.close();
        });

        test(`${name}: an error is told, and another try mends it`, limit, async () => {
            const visitor = await enter();
            const { page } = visitor;
            // Pages ask again by themselves; only the button's own asking is answered here.
            let pressed = false;
            await page.route(api, (route) => (pressed ? route.continue() : failing(route)));
            await visitor.goto(path);
            await page.getByText(error).waitFor();
            await page.evaluate(() => (window.asked = document.querySelector('main .empty')));
            await page.getByText('The disk is full.').waitFor();
            await visitor.settled();
            assert.deepEqual(await visitor.barriers(), []);
            // Asked again and refused again, the error has stood still.
            await page.waitForResponse(api);
            await page.waitForResponse(api);
            assert.ok(await page.evaluate(() => window.asked.isConnected), 'the error flickers');
            pressed = true;
            await page.getByRole('button', { name: 'Try again' }).click();
            await content(page).waitFor();
            assert.equal(await page.getByText(error).count(), 0);
            assert.deepEqual(complaintsBut(visitor, /status of 500/), []);
            await visitor.close();
        });
    }

    test('without a network pages say so, and go on when it is back', limit, async () => {
        const visitor = await enterOverview();
        const { page } = visitor;
        await visitor.visit('Recoveries');
        await page.getByRole('link', { name: 'Mara Okafor' }).waitFor();
        await visitor.visit('Overview');
        await page.getByText(/^Live/).waitFor();
        await visitor.context.setOffline(true);
        await page.getByText('The engine does not answer just now').waitFor();
        await page.getByTestId('recovered').waitFor(); // the last figures stay
        await visitor.visit('Recoveries');
        await page.getByRole('link', { name: 'Mara Okafor' }).waitFor();
        await page.getByRole('searchbox').fill('berg');
        await page.getByText('The recoveries could not be loaded').waitFor();
        await visitor.context.setOffline(false);
        await page.getByRole('button', { name: 'Try again' }).or(page.getByRole('link', { name: 'Jonas Berg' })).first().click();
        await page.getByText('Jonas Berg').first().waitFor();
        await visitor.visit('Overview');
        await page.getByText(/^Live/).waitFor();
        assert.deepEqual(complaintsBut(visitor, /ERR_INTERNET_DISCONNECTED/), []);
        await visitor.close();
    });

    test('an engine that is away altogether is told, and another try opens the page', limit, async () => {
        const visitor = await enter();
        const { page } = visitor;
        await page.route('**/api/**', failing);
        await visitor.goto('/');
        await page.getByRole('heading', { name: 'The engine does not answer' }).waitFor();
        assert.deepEqual(await visitor.barriers(), []);
        await page.unroute('**/api/**');
        await page.getByRole('button', { name: 'Try again' }).click();
        await page.getByTestId('recovered').waitFor();
        await visitor.close();
    });

    test('a failed task is tried again, one that is done is deleted, and a last one stops its recovery', limit, async () => {
        const taskOf = (name) =>
            world.sql(`select task_id from citadel.scheduled_tasks join citadel.recoveries using (merchant_id, recovery_id)
                where customer_name = '${name}' and scheduled_tasks.status = 'pending'`);
        const statusOf = (id) => world.sql(`select status from citadel.scheduled_tasks where task_id = ${id}`);
        const [failed, last] = [await taskOf('Elif Kaya'), await taskOf('Jonas Berg')];
        await world.sql(`update citadel.scheduled_tasks set status = 'failed', finished_at = created_at,
            result = 'The worker died' where task_id = ${failed}`);
        const visitor = await enter();
        const { page } = visitor;
        const row = (id) => page.getByRole('row').filter({ hasText: new RegExp(`No\\. ${id}(?!\\d)`) });
        await visitor.goto('/tasks?status=failed');
        await row(failed).getByText('The worker died').last().waitFor();
        await page.getByRole('button', { name: `Try again: task ${failed}`, exact: true }).click();
        await page.getByText('In line', { exact: true }).waitFor();
        await row(failed).waitFor({ state: 'detached' });
        await until('the engine has worked on it', async () => (await statusOf(failed)) === 'completed');

        await visitor.goto('/tasks?status=completed');
        await page.getByRole('button', { name: `Delete task ${failed}`, exact: true }).click();
        const asked = page.getByRole('alertdialog', { name: 'Delete this task?' });
        await asked.getByText('stays in the recovery’s timeline').waitFor();
        await asked.getByRole('button', { name: 'Delete it' }).click();
        await page.getByText('Task deleted', { exact: true }).waitFor();
        await row(failed).waitFor({ state: 'detached' });
        assert.equal(await statusOf(failed), '');

        await visitor.goto('/tasks?status=pending');
        await page.getByRole('button', { name: `Delete task ${last}`, exact: true }).click();
        await asked.getByText('that recovery is stopped with it').waitFor();
        await asked.getByRole('button', { name: 'Delete it' }).click();
        await row(last).waitFor({ state: 'detached' });
        await visitor.goto('/recoveries?status=stopped');
        await page.getByRole('link', { name: 'Jonas Berg' }).waitFor();
        assert.deepEqual(visitor.complaints, []);
        await visitor.close();
    });

    test('colour, time zone and digest are kept', limit, async () => {
        const visitor = await enterOverview();
        const { page } = visitor;
        await visitor.visit('Settings');
        const color = page.getByRole('textbox', { name: 'Color', exact: true });
        const zone = page.getByLabel('Time zone');
        const digest = page.getByRole('switch', { name: 'Send me the digest' });
        const wasOn = await digest.isChecked();
        await color.fill('#7a1fa2');
        await zone.selectOption('America/New_York');
        await digest.click();
        const unsaved = page.getByRole('region', { name: 'Unsaved changes' });
        await unsaved.getByText('3 changes are not saved').waitFor();
        await unsaved.getByRole('button', { name: 'Save' }).click();
        await page.getByText('Settings saved').first().waitFor();
        await page.reload();
        await color.waitFor();
        assert.equal(await color.inputValue(), '#7a1fa2');
        assert.equal(await zone.inputValue(), 'America/New_York');
        assert.equal(await digest.isChecked(), !wasOn);
        assert.deepEqual(visitor.complaints, []);
        await visitor.close();
    });

    test('a German viewer reads German dates, money and numbers', limit, async () => {
        const visitor = await enterOverview({ ...looks.light, locale: 'de-DE' });
        const { page } = visitor;
        await page.getByText(/as of 25\. Nov\. 2026, 1\d:\d\d$/).waitFor();
        await page.getByText(/of \d{1,3}\.\d{3}$/).waitFor(); // the plan's e-mails
        const reasons = page.getByRole('region', { name: 'Why renewals failed' });
        await reasons.getByText(/^37\.037,01\s€ · 0\s% back$/).waitFor();
        await visitor.visit('Recoveries');
        const row = page.getByRole('row', { name: /Mara Okafor/ });
        await row.getByText(/^12\.345,67\s€$/).first().waitFor();
        await row.getByText(/25\. Nov\. 2026/).first().waitFor();
        assert.doesNotMatch(await page.locator('main').innerText(), /€\s?\d|\d,\d{3}\.\d|Nov \d|\d [AP]M\b/);
        assert.deepEqual(visitor.complaints, []);
        await visitor.close();
    });

    test('a phone by night shows everything within its width, without a barrier', limit, async () => {
        const visitor = await enterOverview({ ...looks.phone, colorScheme: 'dark' });
        const { page } = visitor;
        const judge = async () => {
            await visitor.settled();
            const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
            const light = Math.max(...paper.match(/\d+(\.\d+)?/g).slice(0, 3).map(Number));
            assert.ok(light < 60, `the page is not dark but ${paper}`);
            assert.ok((await visitor.beyond()) <= 0, 'the page is wider than its screen');
            assert.deepEqual(await visitor.barriers(), []);
        };
        await page.locator('.chart-drawing').waitFor();
        await judge();
        await visitor.visit('Recoveries');
        await page.getByRole('link', { name: 'Mara Okafor' }).click();
        await page.locator('.timeline').waitFor();
        await judge();
        assert.deepEqual(visitor.complaints, []);
        await visitor.close();
    });

    test('with Clerk’s key its components sign people in, and no other host may run a script', limit, async () => {
        const visitor = await Visitor.open(browser, withClerk.base, { hosts: [clerk] });
        const { page } = visitor;
        const asked = [];
        // In place of Clerk's script: as little as its React components need.
        await page.route(`${clerk}/**`, (route) => {
            asked.push(route.request().url());
            return route.fulfill({
                contentType: 'text/javascript',
                body: `window.Clerk = {
                    loaded: true, client: {}, user: null, session: null, organization: null,
                    async load() {},
                    addListener(tell) { tell({ client: {}, user: null, session: null }); return () => {}; },
                    mountSignIn(node) { node.textContent = 'Sign in with Clerk'; },
                    unmountSignIn() {}, on() {}, off() {},
                };`,
            });
        });
        const answer = await page.goto(withClerk.base);
        await page.getByText('Sign in with Clerk').waitFor();
        assert.match(asked[0], /\/npm\/@clerk\/clerk-js@\d[^/]*\/dist\/clerk\.browser\.js$/);
        assert.equal(await page.getByText('Local sign-in').count(), 0);
        assert.equal(await page.getByLabel('E-mail', { exact: true }).count(), 0);
        assert.deepEqual(visitor.complaints, []);

        // Cloudflare's is the challenge against robots, which Clerk asks to be allowed.
        const policy = answer.headers()['content-security-policy'];
        const allowed = `'self' ${clerk} https://challenges.cloudflare.com`;
        for (const directive of ['script-src', 'connect-src'])
            assert.ok(policy.split('; ').includes(`${directive} ${allowed}`), policy);
        await page.route('https://elsewhere.example/**', (route) =>
            route.fulfill({ contentType: 'text/javascript', body: 'window.elsewhere = true' }),
        );
        const blocked = await page.evaluate(
            () =>
                new Promise((resolve) => {
                    document.addEventListener('securitypolicyviolation', (event) => resolve(event.blockedURI));
                    const script = document.createElement('script');
                    script.src = 'https://elsewhere.example/script.js';
                    script.onload = () => resolve('nothing');
                    document.head.append(script);
                }),
        );
        assert.equal(blocked, 'https://elsewhere.example/script.js');
        await visitor.close();
    });
});

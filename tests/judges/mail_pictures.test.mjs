// The letters in a real browser: at the width of a phone and of a desk, judged by axe (contrast, names,
// structure), by what a mail client would hold against them, and kept as pictures for people to look at in
// $CITADEL_PICTURES or build/letters.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { binary } from './lib/simulator.mjs';

const FOLDER = process.env.CITADEL_PICTURES ?? fileURLToPath(new URL('../../build/letters', import.meta.url));
const BROWSER = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const WIDTHS = { phone: 360, desk: 1280 };
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
// What is no page of a site needs no landmarks.
const RULES_OFF = ['region', 'landmark-one-main'];

const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="80"><rect width="320" height="80"
    rx="16" fill="#0f766e"/><text x="24" y="56" font-family="Arial" font-size="44" fill="#fff">ACME</text></svg>`;

let browser;
const pages = {};
const asked = [];
const files = [];

before(async () => {
    mkdirSync(FOLDER, { recursive: true });
    execFileSync(binary(), ['letters', FOLDER], { env: { PATH: process.env.PATH } });
    for (const group of readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
        for (const file of readdirSync(join(FOLDER, group.name)).filter((name) => name.endsWith('.html')))
            files.push({ group: group.name, name: file.replace('.html', ''), path: join(FOLDER, group.name, file) });
    }
    browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox', '--disable-gpu'] });
    for (const [device, width] of Object.entries(WIDTHS)) {
        pages[device] = await browser.newPage({ viewport: { width, height: 800 } });
        // Nothing leaves the machine; a logo is drawn here.
        await pages[device].route(/^https?:/, (route) => {
            asked.push(route.request().url());
            return route.fulfill({ contentType: 'image/svg+xml', body: LOGO });
        });
    }
});
after(async () => browser?.close());

// One page a device, since a new one costs more than all that is done in it.
async function open(file, device) {
    asked.length = 0;
    await pages[device].goto(pathToFileURL(file.path).href);
    return pages[device];
}

async function faultsOf(page) {
    await page.addScriptTag({ content: AXE });
    const rules = Object.fromEntries(RULES_OFF.map((rule) => [rule, { enabled: false }]));
    const { violations } = await page.evaluate((options) => globalThis.axe.run(document, options), { rules });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('; ')}`);
}

test('every letter holds at both widths and axe finds nothing', async () => {
    assert.ok(files.length >= 50, `${files.length} letters`);
    for (const file of files) {
        // One language is judged with all its letters, the others by one of theirs.
        const judged = file.group === 'en' || file.group === 'looks' || file.name === 'final_notice-4';
        for (const [device, width] of Object.entries(WIDTHS)) {
            if (!judged && device === 'desk') continue;
            const where = `${file.group}/${file.name} on a ${device}`;
            const page = await open(file, device);
            const wide = await page.evaluate(() => document.documentElement.scrollWidth);
            assert.ok(wide <= width, `${where} is ${wide} wide`);
            assert.ok(asked.every((url) => url.includes('logo.example.com')), `${where} loads ${asked}`);
            if (!judged) continue;
            await page.screenshot({ path: join(FOLDER, `${file.group}-${file.name}-${device}.png`), fullPage: true });
            if (device === 'phone') assert.deepEqual(await faultsOf(page), [], where);
        }
    }
});

test('links are https or mailto, each has words, and the text part has the same address', async () => {
    for (const file of files.filter(({ name }) => !name.startsWith('page-'))) {
        const page = await open(file, 'desk');
        const links = await page.$$eval('a', (all) => all.map(({ href, textContent }) => ({ href, words: textContent.trim() })));
        const text = readFileSync(file.path.replace('.html', '.txt'), 'utf8');
        assert.ok(links.length > 0, file.name);
        for (const { href, words } of links) {
            assert.match(href, /^(https|mailto):/, file.name);
            assert.ok(words, `${file.name}: ${href} has no words`);
            assert.ok(text.includes(href.replace('mailto:', '')), `${file.name}: the text has no ${href}`);
        }
        const pictures = await page.$$eval('img', (all) => all.map((img) => img.hasAttribute('alt')));
        assert.ok(pictures.every(Boolean), `${file.name}: a picture without alt`);
        assert.equal(await page.$$eval('script, form, iframe, object, embed, link, style', (all) => all.length), 0);
    }
});

test('the same letter in every language has the same parts', () => {
    const names = (group) => files.filter((file) => file.group === group).map(({ name }) => name).sort();
    for (const language of ['de', 'es', 'fr', 'pt']) assert.deepEqual(names(language), names('en'));
});

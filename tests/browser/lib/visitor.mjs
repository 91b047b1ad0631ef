// Somebody with a browser: Debian's chromium, driven by playwright. Remembers whatever a page should not have done
// (errors on the console, requests to other hosts, broken scripts) and judges pages with axe.
import { readFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(new URL('../../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const flags =
    '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking ' +
    '--disable-component-update --disable-sync';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const pictures = () => process.env.CITADEL_PICTURES ?? join(root, 'build/release/pictures');

export const openBrowser = () =>
    chromium.launch({ executablePath: '/usr/bin/chromium', args: flags.split(' ') });

// The same pages on a desk by day, by night, and in a hand.
export const looks = {
    light: { viewport: { width: 1360, height: 900 }, colorScheme: 'light' },
    dark: { viewport: { width: 1360, height: 900 }, colorScheme: 'dark' },
    phone: {
        viewport: { width: 390, height: 844 },
        colorScheme: 'light',
        deviceScaleFactor: 2,
        isMobile: true,
        hasTouch: true,
    },
};

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export class Visitor {
    // What went wrong so far; a test ends by holding it against [].
    complaints = [];

    // `hosts`: whom else pages may ask, such as the simulator's, which plays Stripe's own.
    static async open(browser, base, { look = looks.light, hosts = [] } = {}) {
        const visitor = new Visitor();
        visitor.base = base;
        visitor.context = await browser.newContext({ locale: 'en-US', timezoneId: 'Europe/Vienna', ...look });
        visitor.page = await visitor.context.newPage();
        visitor.page.setDefaultTimeout(30_000);
        const allowed = [base, ...hosts].map((each) => new URL(each).host);
        visitor.page.on('console', (message) => {
            if (message.type() === 'error' || message.type() === 'warning')
                visitor.complaints.push(`console ${message.type()}: ${message.text()}`);
        });
        visitor.page.on('pageerror', (error) => visitor.complaints.push(`script: ${error.message}`));
        visitor.page.on('request', (request) => {
            const url = new URL(request.url());
            if (url.protocol !== 'data:' && url.protocol !== 'about:' && !allowed.includes(url.host))
                visitor.complaints.push(`request to ${url.href}`);
        });
        return visitor;
    }

    async close() {
        await this.context.close();
    }

    async goto(path) {
        await this.page.goto(this.base + path);
    }

    async signIn(email) {
        await this.goto('/');
        await this.page.getByLabel('E-mail', { exact: true }).fill(email);
        await this.page.getByRole('button', { name: 'Sign in', exact: true }).click();
        await this.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    }

    // By the way a person goes: through the menu.
    async visit(name) {
        const menu = this.page.getByRole('button', { name: 'Menu' });
        if (await menu.isVisible()) await menu.click();
        await this.page.getByRole('link', { name, exact: true }).first().click();
        await this.page.getByRole('heading', { level: 1, name }).waitFor();
    }

    // Until nothing is loading any more.
    async settled() {
        await this.page.locator('h1').first().waitFor();
        await this.page.locator('.skeleton').first().waitFor({ state: 'detached' });
        await this.page.evaluate(() => document.fonts.ready.then(() => undefined));
        // Transitions that are under way would be judged half faded in.
        await this.page.evaluate(() =>
            Promise.all(
                document
                    .getAnimations()
                    .filter((a) => a.effect?.getTiming().iterations !== Infinity)
                    .map((a) => a.finished.catch(() => undefined)),
            ),
        );
    }

    // What axe finds against WCAG 2.2 AA and its own best practice, in words.
    async barriers() {
        await this.page.evaluate(axe);
        const { violations, passes } = await this.page.evaluate(
            (tags) => window.axe.run(document, { runOnly: tags, resultTypes: ['violations'] }),
            rules,
        );
        if (passes.length === 0) throw new Error('axe looked at nothing');
        return violations.flatMap(({ id, nodes }) =>
            nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
        );
    }

    // By how many pixels the page is wider than its screen.
    async beyond() {
        return this.page.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
    }

    async picture(name, { fullPage = true } = {}) {
        const file = join(pictures(), `${name}.png`);
        mkdirSync(dirname(file), { recursive: true });
        await this.page.screenshot({ path: file, fullPage, animations: 'disabled' });
    }
}

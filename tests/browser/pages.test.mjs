// Every page with the demo's figures in it, on a desk by day and by night and in a hand: judged by axe, free of errors
// and of requests to anybody else, and pictured (build/…/pictures). And what the first view may weigh.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Program } from './lib/programs.mjs';
import { looks, openBrowser, Visitor } from './lib/visitor.mjs';

const scriptBytesMax = 250_000;

let demo, browser, base, merchant;

// $CITADEL_AT: an engine that is up already, with merchants in it.
async function startDemo() {
    const size = ['--days', '16', '--merchants', '2', '--customers', '120'];
    demo = new Program(['demo', '--keep', '--port', '0', ...size], { LOG_LEVEL: 'error' });
    return (await demo.says(/Engine at (http:\/\/127\.0\.0\.1:\d+)/, 400_000))[1];
}

before(
    async () => {
        base = process.env.CITADEL_AT ?? (await startDemo());
        merchant = (await (await fetch(`${base}/dev/accounts`)).json()).data[0].email;
        browser = await openBrowser();
    },
    { timeout: 420_000 },
);

after(async () => {
    await browser?.close();
    await demo?.stop();
});

const pages = {
    overview: '/',
    recoveries: '/recoveries',
    tasks: '/tasks',
    activity: '/activity',
    templates: '/templates',
    settings: '/settings',
    'not-found': '/no/such/page',
};

// Side by side: each waits more than it works.
describe('pages', { concurrency: 3 }, () => {
    for (const [look, options] of Object.entries(looks)) {
        describe(look, { concurrency: 1 }, () => {
            let visitor;
            before(async () => {
                visitor = await Visitor.open(browser, base, { look: options });
                await visitor.goto('/');
                await visitor.page.getByRole('heading', { name: 'Sign in' }).waitFor();
            });
            after(() => visitor.close());

            async function judge(name) {
                await visitor.settled();
                await visitor.picture(`${name}-${look}`);
                assert.ok((await visitor.beyond()) <= 0, 'the page is wider than its screen');
                assert.deepEqual(await visitor.barriers(), []);
                assert.deepEqual(visitor.complaints, []);
            }

            test('sign-in', { timeout: 120_000 }, async () => {
                await judge('sign-in');
                await visitor.signIn(merchant);
            });
            for (const [name, path] of Object.entries(pages)) {
                test(name, { timeout: 120_000 }, async () => {
                    await visitor.goto(path);
                    if (name === 'overview') await visitor.page.locator('.chart-drawing').waitFor();
                    if (name === 'templates') await visitor.page.locator('iframe').waitFor();
                    await judge(name);
                });
            }
            for (const status of ['recovered', 'open']) {
                test(`one recovery, ${status}`, { timeout: 120_000 }, async () => {
                    await visitor.goto(`/recoveries?status=${status}`);
                    await visitor.page.locator('.row-link').first().click();
                    await visitor.page.locator('.timeline').waitFor();
                    await judge(`recovery-${status}`);
                });
            }
        });
    }

    test('the chart is walked along with the arrow keys', { timeout: 120_000 }, async () => {
        const visitor = await Visitor.open(browser, base);
        await visitor.signIn(merchant);
        const chart = visitor.page.locator('.chart-drawing');
        await chart.focus();
        await visitor.page.keyboard.press('End');
        await visitor.page.keyboard.press('ArrowLeft');
        await visitor.page.locator('.tip').waitFor();
        assert.match(await visitor.page.locator('.chart-area [aria-live]').textContent(), /failed, .* recovered/);
        assert.deepEqual(visitor.complaints, []);
        await visitor.close();
    });

    test(
        'the first view weighs less than 250 kB of compressed script, and nothing is fetched twice',
        { timeout: 120_000 },
        async () => {
            const visitor = await Visitor.open(browser, base);
            await visitor.signIn(merchant);
            const cold = await (async () => {
                const scripts = new Map();
                visitor.page.on('response', async (answer) => {
                    if (answer.request().resourceType() === 'script')
                        scripts.set(answer.url(), Number((await answer.allHeaders())['content-length']));
                });
                // Another browser's empty cache, with this one's session.
                const session = await visitor.page.context().newCDPSession(visitor.page);
                await session.send('Network.clearBrowserCache');
                await visitor.page.reload();
                await visitor.page.locator('.chart-drawing').waitFor();
                await visitor.settled();
                return scripts;
            })();
            const sum = [...cold.values()].reduce((all, bytes) => all + bytes, 0);
            assert.ok(cold.size > 0 && sum > 50_000, 'no script was seen');
            assert.ok(sum < scriptBytesMax, `${sum} bytes of script`);
            const again = await visitor.page.evaluate(async () => {
                const link = document.querySelector('script[src]').src;
                return (await fetch(link, { cache: 'only-if-cached', mode: 'same-origin' })).status;
            });
            assert.equal(again, 200);
            await visitor.close();
        },
    );

    test('a hidden page asks for nothing', { timeout: 120_000 }, async () => {
        const visitor = await Visitor.open(browser, base);
        await visitor.signIn(merchant);
        await visitor.page.locator('.chart-drawing').waitFor();
        const asked = (milliseconds) =>
            new Promise((resolve) => {
                let times = 0;
                const count = (request) => (times += request.url().includes('/api/') ? 1 : 0);
                visitor.page.on('request', count);
                setTimeout(() => resolve((visitor.page.off('request', count), times)), milliseconds);
            });
        assert.ok((await asked(11_000)) >= 2, 'a page in view asks every few seconds');
        await visitor.page.evaluate(() => {
            Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
            document.dispatchEvent(new Event('visibilitychange'));
        });
        await asked(1_000); // what was on its way
        assert.equal(await asked(11_000), 0);
        await visitor.close();
    });
});

// The pictures of docs/pictures, taken anew from a demo of their own: npm --prefix web run pictures
import { fileURLToPath } from 'node:url';
import { Program } from './lib/programs.mjs';
import { looks, openBrowser, Visitor } from './lib/visitor.mjs';

process.env.CITADEL_PICTURES = fileURLToPath(new URL('../../docs/pictures', import.meta.url));
const night = { ...looks.light, colorScheme: 'dark' };
const hand = { ...looks.phone, colorScheme: 'dark', deviceScaleFactor: 1.5 };

const size = ['--days', '20', '--merchants', '2', '--customers', '300', '--seed', '8'];
const demo = new Program(['demo', '--keep', '--port', '0', ...size], { LOG_LEVEL: 'error' });
const browser = await openBrowser();
try {
    const base = (await demo.says(/Engine at (http:\/\/127\.0\.0\.1:\d+)/, 600_000))[1];
    const merchant = (await (await fetch(`${base}/dev/accounts`)).json()).data[0].email;
    const take = async (name, look, walk) => {
        const visitor = await Visitor.open(browser, base, { look });
        await visitor.signIn(merchant);
        await walk(visitor);
        await visitor.settled();
        await visitor.picture(name, { fullPage: false });
        await visitor.close();
    };
    const overview = ({ page }) => page.locator('.chart-drawing').waitFor();
    await take('overview', looks.light, overview);
    await take('phone', hand, overview);
    await take('recovery', night, async (visitor) => {
        await visitor.goto('/recoveries?status=recovered');
        const ours = visitor.page.getByRole('row', { name: /Our retries/ });
        await ours.first().locator('.row-link').click();
        await visitor.page.locator('.timeline').waitFor();
    });
    await take('templates', looks.light, async (visitor) => {
        await visitor.goto('/templates');
        await visitor.page.locator('iframe').waitFor();
    });
} finally {
    await browser.close();
    await demo.stop();
}

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { linkIn } from '../testing/mail.ts';
import type { Page } from '../testing/pages.ts';
import { codeIn, CUSTOMER_COOKIE } from '../testing/portal.ts';
import { openPortalPages, type PortalPages, where } from '../testing/portal_pages.ts';

let shop: PortalPages;
beforeAll(async () => {
  shop = await openPortalPages();
});
afterAll(() => shop.server.stop());
beforeEach(() => shop.server.deps.throttles.portalCodeAddress.clear('127.0.0.1'));

const MINUTE = 60_000;

describe('the way in', () => {
  it('is a code, without a password', async () => {
    const email = await shop.newBuyer();
    const browser = shop.stranger();
    expect((await browser.get('/my')).text).toContain('You need no password');
    expect(where(await shop.askIn(browser, `  ${email.toUpperCase()} `))).toEqual([303, '/my/code']);
    expect((await browser.get('/my/code')).text).toContain(email);
    const code = codeIn(await shop.mailTo(email));
    const entered = await shop.enterIn(browser, ` ${code.slice(0, 3)} ${code.slice(3)} `);
    expect(where(entered)).toEqual([303, '/my']);
    expect([...browser.cookies.keys()]).toEqual([CUSTOMER_COOKIE]);
    const [cookie = ''] = entered.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/^continuity_my_session=[\w-]{43}; path=\/; expires=[^;]+; samesite=lax; httponly$/i);
    expect((await browser.get('/my')).text).toContain(shop.pair.own.orgId);
    expect(where(await browser.get('/my/code'))).toEqual([303, '/my']);
  });

  it('is the same as far as anybody can see for an address that nothing was bought under', async () => {
    const seen = async (email: string) => {
      const browser = shop.stranger();
      const asked = await shop.askIn(browser, email);
      const page = await browser.get('/my/code');
      const wrong = await shop.enterIn(browser, '000000');
      const tell = ({ status, headers, html }: Page) => {
        const { 'request-id': _id, date: _date, 'set-cookie': cookies = [], ...rest } = headers;
        const names = cookies.map((line) => line.replace(/=[\w-]{43};|expires=[^;]*;/g, ''));
        return [status, rest, names, html.replaceAll(email, '').replaceAll(/value="[\w-]{43}"/g, '')];
      };
      return [asked, page, wrong].map(tell);
    };
    const known = await shop.newBuyer();
    // As long, since pages tell how long they are.
    const unknown = known.replace(/^[a-z]+/, (name) => 'x'.repeat(name.length));
    expect(await seen(known)).toEqual(await seen(unknown));
  });

  it('is open to the browser that asked, and to no other', async () => {
    const email = await shop.newBuyer();
    const [own, other, asking] = [shop.stranger(), shop.stranger(), shop.stranger()];
    await shop.askIn(own, email);
    const code = codeIn(await shop.mailTo(email));
    await shop.askIn(asking, await shop.newBuyer());
    expect((await shop.enterIn(other, code, '/my')).status).toBe(410);
    expect((await shop.enterIn(asking, code)).status).toBe(401);
    expect(where(await other.get('/my/code'))).toEqual([303, '/my']);
    expect((await shop.enterIn(own, code)).status).toBe(303);
  });

  it('says what is wrong, in words', async () => {
    const email = await shop.newBuyer();
    const browser = shop.stranger();
    const refused = async (typed: string) =>
      [await shop.askIn(browser, typed)].map(({ status, text }) => [status, text])[0];
    expect(await refused('')).toEqual([422, expect.stringContaining('Please fill this in.')]);
    expect(await refused('nonsense')).toEqual([422, expect.stringContaining('does not look like')]);
    await shop.askIn(browser, email);
    const code = codeIn(await shop.mailTo(email));
    const wrong = code === '000000' ? '000001' : '000000';
    expect((await shop.enterIn(browser, 'abc')).text).toContain('Please type the six digits.');
    for (let tries = 0; tries < 5; tries++) {
      const page = await shop.enterIn(browser, wrong);
      expect([page.status, page.text]).toEqual([401, expect.stringContaining('That is not the code.')]);
    }
    const late = await shop.enterIn(browser, code);
    expect([late.status, late.text]).toEqual([410, expect.stringContaining('We can mail you another one.')]);
    for (let times = 0; times < 4; times++) expect((await shop.askIn(browser, email)).status).toBe(303);
    const slowed = await shop.askIn(browser, email);
    expect([slowed.status, slowed.text]).toEqual([429, expect.stringContaining('Please try again in 60 minutes')]);
    expect(Number(slowed.headers['retry-after'])).toBeGreaterThan(3500);
  });

  it('ends after ten minutes', async () => {
    const email = await shop.newBuyer();
    const browser = shop.stranger();
    await shop.askIn(browser, email);
    const mail = await shop.mailTo(email);
    shop.clock.now += 10 * MINUTE;
    expect((await shop.enterIn(browser, codeIn(mail))).status).toBe(410);
    const page = await shop.stranger().get(linkIn(mail));
    expect([page.status, page.text]).toEqual([410, expect.stringContaining('Get another one')]);
  });

  it('ends the session that the browser had before', async () => {
    const [first, second] = [await shop.newBuyer(), await shop.newBuyer()];
    const browser = await shop.asCustomer(first);
    const before = new Map(browser.cookies);
    await shop.askIn(shop.stranger(), second);
    const link = linkIn(await shop.mailTo(second));
    const token = new URL(link, shop.server.url).searchParams.get('token') ?? '';
    expect(where(await browser.submit('/my/link', { token }, { from: link }))).toEqual([303, '/my']);
    expect(await shop.isSignedIn(browser, second)).toBe(true);
    const old = shop.stranger();
    for (const [name, value] of before) old.cookies.set(name, value);
    expect(await shop.isSignedIn(old, first)).toBe(false);
  });
});

describe('a mailed link', () => {
  async function mailedLink() {
    const email = await shop.newBuyer();
    await shop.askIn(shop.stranger(), email);
    const link = linkIn(await shop.mailTo(email));
    return { email, link, token: new URL(link, shop.server.url).searchParams.get('token') ?? '' };
  }

  it('signs in any browser by a button, however often it was looked at', async () => {
    const { email, link, token } = await mailedLink();
    for (let looks = 0; looks < 3; looks++) expect((await shop.stranger().get(link)).text).toContain(email);
    const browser = shop.stranger();
    expect(where(await browser.submit('/my/link', { token }, { from: link }))).toEqual([303, '/my']);
    expect(await shop.isSignedIn(browser, email)).toBe(true);
    const again = await shop.stranger().submit('/my/link', { token }, { from: '/my' });
    expect([again.status, again.text]).toEqual([410, expect.stringContaining('It was used before')]);
  });

  it('is good for one browser of many at once, and uses the code up', async () => {
    const email = await shop.newBuyer();
    const asking = shop.stranger();
    await shop.askIn(asking, email);
    const mail = await shop.mailTo(email);
    const token = new URL(linkIn(mail), shop.server.url).searchParams.get('token') ?? '';
    const pages = await Promise.all(
      Array.from({ length: 10 }, () => shop.stranger().submit('/my/link', { token }, { from: '/my' })),
    );
    expect(pages.map(({ status }) => status).sort()).toEqual([303, ...Array<number>(9).fill(410)]);
    expect((await shop.enterIn(asking, codeIn(mail))).status).toBe(410);
  });

  it('does not care how often others guessed the code', async () => {
    const email = await shop.newBuyer();
    const { requestId } = (await shop.server.client.post('/api/my/codes', { json: { email } })).json;
    const mail = await shop.mailTo(email);
    for (let tries = 0; tries < 6; tries++)
      await shop.server.client.post('/api/my/sessions', { json: { requestId, code: '000000' } });
    const token = new URL(linkIn(mail), shop.server.url).searchParams.get('token') ?? '';
    const browser = shop.stranger();
    expect((await browser.submit('/my/link', { token }, { from: linkIn(mail) })).status).toBe(303);
  });

  it('that is unknown is a page that leads on', async () => {
    for (const path of ['/my/link', '/my/link?token=x']) {
      const { status, html } = await shop.stranger().get(path);
      expect([status, html]).toEqual([404, expect.stringContaining('href="/my"')]);
    }
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { setStanding } from '../testing/accounts.ts';
import { linkIn, sentMail } from '../testing/mail.ts';
import { createPageClient, csrfIn, type Page, type PageClient } from '../testing/pages.ts';
import { codeIn, createPortalToken, CUSTOMER_COOKIE } from '../testing/portal.ts';
import { createProductPair, type ProductPair } from '../testing/product_pair.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { signedIn } from '../testing/signed_in.ts';

const MINUTE = 60_000;

let server: TestServer;
let pair: ProductPair;
let now = Date.now();
beforeAll(async () => {
  server = await startTestServer({ deps: (real) => ({ ...real, clock: () => new Date(now) }) });
  pair = await createProductPair(server);
});
afterAll(() => server.stop());
beforeEach(() => server.deps.throttles.portalCodeAddress.clear('127.0.0.1'));

let buyers = 0;
const newEmail = () => `reader${++buyers}@example.com`;

async function buy(customerEmail: string, { apiKey }: NewAccount = pair.own, productId = pair.product) {
  const json = { productId, customerEmail };
  return (await server.client.post('/api/purchases', { as: apiKey, json })).json.id as string;
}

async function newBuyer(): Promise<string> {
  const email = newEmail();
  await buy(email);
  return email;
}

async function asCustomer(email: string): Promise<PageClient> {
  const browser = createPageClient(server);
  browser.cookies.set(CUSTOMER_COOKIE, await createPortalToken(server.deps, email, 'browser'));
  return browser;
}

const stranger = () => createPageClient(server);
const askIn = (browser: PageClient, email: string) => browser.submit('/my', { email });
const enterIn = (browser: PageClient, code: string, from = '/my/code') =>
  browser.submit('/my/code', { code }, { from });
async function mailTo(email: string) {
  const mail = (await sentMail(server)).filter(({ to }) => to === email).at(-1);
  if (!mail) throw new Error('no mail');
  return mail;
}
const where = ({ status, headers }: Page) => [status, headers.location];
const isSignedIn = async (browser: PageClient, email: string) => (await browser.get('/my')).text.includes(email);

describe('the way in', () => {
  it('is a code, without a password', async () => {
    const email = await newBuyer();
    const browser = stranger();
    expect((await browser.get('/my')).text).toContain('You need no password');
    expect(where(await askIn(browser, `  ${email.toUpperCase()} `))).toEqual([303, '/my/code']);
    expect((await browser.get('/my/code')).text).toContain(email);
    const code = codeIn(await mailTo(email));
    const entered = await enterIn(browser, ` ${code.slice(0, 3)} ${code.slice(3)} `);
    expect(where(entered)).toEqual([303, '/my']);
    expect([...browser.cookies.keys()]).toEqual([CUSTOMER_COOKIE]);
    const [cookie = ''] = entered.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/^continuity_my_session=[\w-]{43}; path=\/; expires=[^;]+; samesite=lax; httponly$/i);
    expect((await browser.get('/my')).text).toContain(pair.own.orgId);
    expect(where(await browser.get('/my/code'))).toEqual([303, '/my']);
  });

  it('is the same as far as anybody can see for an address that nothing was bought under', async () => {
    const seen = async (email: string) => {
      const browser = stranger();
      const asked = await askIn(browser, email);
      const page = await browser.get('/my/code');
      const wrong = await enterIn(browser, '000000');
      const tell = ({ status, headers, html }: Page) => {
        const { 'request-id': _id, date: _date, 'set-cookie': cookies = [], ...rest } = headers;
        const names = cookies.map((line) => line.replace(/=[\w-]{43};|expires=[^;]*;/g, ''));
        return [status, rest, names, html.replaceAll(email, '').replaceAll(/value="[\w-]{43}"/g, '')];
      };
      return [asked, page, wrong].map(tell);
    };
    const known = await newBuyer();
    expect(await seen(known)).toEqual(await seen(known.replace('reader', 'nobody')));
  });

  it('is open to the browser that asked, and to no other', async () => {
    const email = await newBuyer();
    const [own, other, asking] = [stranger(), stranger(), stranger()];
    await askIn(own, email);
    const code = codeIn(await mailTo(email));
    await askIn(asking, await newBuyer());
    expect((await enterIn(other, code, '/my')).status).toBe(410);
    expect((await enterIn(asking, code)).status).toBe(401);
    expect(where(await other.get('/my/code'))).toEqual([303, '/my']);
    expect((await enterIn(own, code)).status).toBe(303);
  });

  it('says what is wrong, in words', async () => {
    const email = await newBuyer();
    const browser = stranger();
    const refused = async (typed: string) => [await askIn(browser, typed)].map(({ status, text }) => [status, text])[0];
    expect(await refused('')).toEqual([422, expect.stringContaining('Please fill this in.')]);
    expect(await refused('nonsense')).toEqual([422, expect.stringContaining('does not look like')]);
    await askIn(browser, email);
    const code = codeIn(await mailTo(email));
    const wrong = code === '000000' ? '000001' : '000000';
    expect((await enterIn(browser, 'abc')).text).toContain('Please type the six digits.');
    for (let tries = 0; tries < 5; tries++) {
      const page = await enterIn(browser, wrong);
      expect([page.status, page.text]).toEqual([401, expect.stringContaining('That is not the code.')]);
    }
    const late = await enterIn(browser, code);
    expect([late.status, late.text]).toEqual([410, expect.stringContaining('We can mail you another one.')]);
    for (let times = 0; times < 4; times++) expect((await askIn(browser, email)).status).toBe(303);
    const slowed = await askIn(browser, email);
    expect([slowed.status, slowed.text]).toEqual([429, expect.stringContaining('Please try again in 60 minutes')]);
    expect(Number(slowed.headers['retry-after'])).toBeGreaterThan(3500);
  });

  it('ends after ten minutes', async () => {
    const email = await newBuyer();
    const browser = stranger();
    await askIn(browser, email);
    const mail = await mailTo(email);
    now += 10 * MINUTE;
    expect((await enterIn(browser, codeIn(mail))).status).toBe(410);
    const page = await stranger().get(linkIn(mail));
    expect([page.status, page.text]).toEqual([410, expect.stringContaining('Get another one')]);
  });

  it('ends the session that the browser had before', async () => {
    const [first, second] = [await newBuyer(), await newBuyer()];
    const browser = await asCustomer(first);
    const before = new Map(browser.cookies);
    await askIn(stranger(), second);
    const link = linkIn(await mailTo(second));
    const token = new URL(link, server.url).searchParams.get('token') ?? '';
    expect(where(await browser.submit('/my/link', { token }, { from: link }))).toEqual([303, '/my']);
    expect(await isSignedIn(browser, second)).toBe(true);
    const old = stranger();
    for (const [name, value] of before) old.cookies.set(name, value);
    expect(await isSignedIn(old, first)).toBe(false);
  });
});

describe('a mailed link', () => {
  async function mailedLink() {
    const email = await newBuyer();
    await askIn(stranger(), email);
    const link = linkIn(await mailTo(email));
    return { email, link, token: new URL(link, server.url).searchParams.get('token') ?? '' };
  }

  it('signs in any browser by a button, however often it was looked at', async () => {
    const { email, link, token } = await mailedLink();
    for (let looks = 0; looks < 3; looks++) expect((await stranger().get(link)).text).toContain(email);
    const browser = stranger();
    expect(where(await browser.submit('/my/link', { token }, { from: link }))).toEqual([303, '/my']);
    expect(await isSignedIn(browser, email)).toBe(true);
    const again = await stranger().submit('/my/link', { token }, { from: '/my' });
    expect([again.status, again.text]).toEqual([410, expect.stringContaining('It was used before')]);
  });

  it('is good for one browser of many at once, and uses the code up', async () => {
    const email = await newBuyer();
    const asking = stranger();
    await askIn(asking, email);
    const mail = await mailTo(email);
    const token = new URL(linkIn(mail), server.url).searchParams.get('token') ?? '';
    const pages = await Promise.all(
      Array.from({ length: 10 }, () => stranger().submit('/my/link', { token }, { from: '/my' })),
    );
    expect(pages.map(({ status }) => status).sort()).toEqual([303, ...Array<number>(9).fill(410)]);
    expect((await enterIn(asking, codeIn(mail))).status).toBe(410);
  });

  it('does not care how often others guessed the code', async () => {
    const email = await newBuyer();
    const { requestId } = (await server.client.post('/api/my/codes', { json: { email } })).json;
    const mail = await mailTo(email);
    for (let tries = 0; tries < 6; tries++)
      await server.client.post('/api/my/sessions', { json: { requestId, code: '000000' } });
    const token = new URL(linkIn(mail), server.url).searchParams.get('token') ?? '';
    const browser = stranger();
    expect((await browser.submit('/my/link', { token }, { from: linkIn(mail) })).status).toBe(303);
  });

  it('that is unknown is a page that leads on', async () => {
    for (const path of ['/my/link', '/my/link?token=x']) {
      const { status, html } = await stranger().get(path);
      expect([status, html]).toEqual([404, expect.stringContaining('href="/my"')]);
    }
  });
});

describe('the library', () => {
  it('groups by seller, marks the current version, and makes links that download', async () => {
    const email = newEmail();
    const [id] = [await buy(email), await buy(email, pair.foreign)];
    const browser = await asCustomer(email);
    const { html, text } = await browser.get('/my');
    for (const { orgId } of [pair.own, pair.foreign])
      expect(html.split(`<h2><bdi>${orgId}</bdi></h2>`)).toHaveLength(2);
    expect(text).toMatch(/1\.0\.0 Current \d+ \w+ \d{4} 2\.01 kB 3 Download/);
    const made = await browser.submit(`/my/purchases/${id}/download`, { version: '1.0.0' }, { from: '/my' });
    expect(where(made)).toEqual([303, expect.stringMatching(/^\/download\?token=[0-9a-f]{64}$/)]);
    expect((await browser.get(String(made.headers.location))).status).toBe(200);
  });

  it('folds other versions away, and turns pages', async () => {
    const seller = await server.createAccount('admin');
    const { product } = await server.publishSmall(seller);
    await server.publishSmall(seller, { product, version: '2.0.0', files: { 'a.txt': 'two' } });
    const email = newEmail();
    for (let orders = 0; orders < 51; orders++) await buy(email, seller, product);
    const browser = await asCustomer(email);
    const first = await browser.get('/my');
    expect(first.html.split('<article>')).toHaveLength(51);
    expect(first.html.split('<details>')).toHaveLength(51);
    const [, next = ''] = /href="(\/my\?from=[^"]+)"/.exec(first.html) ?? [];
    const second = await browser.get(next);
    expect([second.html.split('<article>').length, second.html.includes('?from=')]).toEqual([2, false]);
    expect((await browser.get('/my?from=nonsense')).status).toBe(400);
  });

  it('of nobody else opens', async () => {
    const id = await buy(newEmail());
    const browser = await asCustomer(await newBuyer());
    const page = await browser.submit(`/my/purchases/${id}/download`, {}, { from: '/my' });
    expect([page.status, page.text]).toEqual([404, expect.stringContaining('There is no such page')]);
    expect(where(await stranger().submit(`/my/purchases/${id}/download`, {}, { from: '/my' }))).toEqual([303, '/my']);
    const user = await signedIn(server, pair.own);
    expect((await user.get('/my')).text).toContain('Mail me a code');
  });

  it('says so where a seller is out of service', async () => {
    const seller = await server.createAccount('admin');
    const { product } = await server.publishSmall(seller);
    const email = newEmail();
    const id = await buy(email, seller, product);
    await setStanding(server.deps, seller.orgId, { suspended: true });
    const browser = await asCustomer(email);
    const { html, text } = await browser.get('/my');
    expect([html.includes('/download"'), text.includes('out of service')]).toEqual([false, true]);
    const page = await browser.submit(`/my/purchases/${id}/download`, {}, { from: '/my' });
    expect([page.status, page.text]).toEqual([403, expect.stringContaining('This download is paused')]);
  });

  it('is left here, or everywhere', async () => {
    const email = await newBuyer();
    const [here, there, third] = [await asCustomer(email), await asCustomer(email), await asCustomer(email)];
    expect(where(await here.submit('/my/sign-out', {}, { from: '/my' }))).toEqual([303, '/my?done=signed_out']);
    expect((await here.get('/my?done=signed_out')).text).toContain('You are signed out.');
    expect([here.cookies.has(CUSTOMER_COOKIE), await isSignedIn(there, email)]).toEqual([false, true]);
    await there.submit('/my/sign-out-everywhere', {}, { from: '/my' });
    expect(await isSignedIn(third, email)).toBe(false);
  });

  it('shows nobody’s words as anything but words', async () => {
    const seller = await server.createAccount('admin');
    const { product } = await server.publishSmall(seller);
    await server.client.put(`/api/products/${product}`, { as: seller.apiKey, json: { name: '<script>x</script>' } });
    const email = newEmail();
    await buy(email, seller, product);
    expect((await (await asCustomer(email)).get('/my')).html).not.toContain('<script');
  });
});

describe('every page', () => {
  it('is kept by nobody, runs nothing, and tells no other site its address', async () => {
    for (const path of ['/my', '/my/link?token=x', '/my/none']) {
      const { headers } = await stranger().get(path);
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-robots-tag': 'noindex',
        'x-frame-options': 'DENY',
      });
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'; style-src 'sha256-");
      expect(policy).toContain("form-action 'self'");
      expect(policy).not.toContain('script-src');
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('takes forms of its own only', async () => {
    const browser = await asCustomer(await newBuyer());
    const other = csrfIn((await (await asCustomer(await newBuyer())).get('/my')).html) ?? '';
    const csrf = csrfIn((await browser.get('/my')).html) ?? '';
    const post = (fields: Record<string, string>, headers = {}) => browser.submit('/my/sign-out', fields, { headers });
    for (const wrong of ['', 'x', other]) expect((await post({ csrf: wrong })).status).toBe(403);
    expect((await post({ csrf }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await post({ csrf }, { origin: 'https://elsewhere.example' })).status).toBe(403);
    // What Chromium says under `no-referrer`.
    expect((await post({ csrf }, { origin: 'null' })).status).toBe(303);
    expect((await stranger().submit('/my', { email: 'a@b.example', csrf })).status).toBe(403);
  });

  it('has an answer to every method', async () => {
    const wrong = await stranger().get('/my/sign-out');
    expect([wrong.status, wrong.headers.allow]).toEqual([405, 'POST, OPTIONS']);
    expect((await stranger().get('/my/none')).status).toBe(404);
    expect((await stranger().get('/mystery')).status).toBe(400);
    const head = await fetch(`${server.url}/my`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mint } from '../testing/mint.ts';
import { createPageClient } from '../testing/pages.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { signedIn } from '../testing/signed_in.ts';
import { hashSecret } from '../users/principal.ts';
import { dayWords } from './days.ts';

const DAY = 24 * 60 * 60 * 1000;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

let count = 0;

/** A download under the token that began then. */
async function download(token: string, started_at: Date, values: { status?: string; bytes_sent: number }) {
  const { db } = server.deps;
  const columns = ['id as token_id', 'organisation_id', 'product_id', 'version_id'] as const;
  const query = db.selectFrom('download_tokens').select(columns).where('token_hash', '=', hashSecret(token));
  const row = await query.executeTakeFirstOrThrow();
  count += 1;
  const rest = { kind: 'packs', address: String(count), user_agent: '', total_bytes: 2_000_000 };
  await db
    .insertInto('download_sessions')
    .values({ ...row, ...rest, ...values, id: server.deps.ids.next(), started_at })
    .execute();
}

it('says what to do where there is no product', async () => {
  const browser = await signedIn(server, await server.createAccount('member'));
  const page = await browser.get('/dashboard');
  expect(page.text).toContain('No products yet');
  expect(page.text).toContain('continuity publish');
});

it('shows each product with what was downloaded of it, of the own organisation and the last 30 days only', async () => {
  const [own, foreign] = [await server.createAccount('admin'), await server.createAccount('admin')];
  const { product } = await server.publishSmall(own);
  const { product: other } = await server.publishSmall(foreign);
  const browser = await signedIn(server, own);
  expect((await browser.get('/dashboard')).text).toContain('Nothing was downloaded in the last 30 days.');

  const token = await mint(server, own, product);
  const others = await mint(server, foreign, other);
  await download(token, new Date(), { status: 'completed', bytes_sent: 1500 });
  await download(token, new Date(Date.now() - 29 * DAY), { status: 'completed', bytes_sent: 500 });
  await download(token, new Date(), { bytes_sent: 1 });
  await download(token, new Date(Date.now() - 31 * DAY), { bytes_sent: 1_000_000 });
  await download(others, new Date(), { bytes_sent: 1_000_000 });
  const { text, html } = await browser.get('/dashboard');
  expect(text).toContain('Started 3 Completed 2 Completion rate 66 % Delivered 2.00 kB');
  expect(html.match(new RegExp(`<code[^>]*>${product}</code>`, 'g'))).toHaveLength(1);
  expect(text).not.toContain('Nothing was downloaded');
});

it('leads everybody to the API key, and those who may to a new application', async () => {
  for (const role of ['member', 'admin', 'owner'] as const) {
    const { html } = await (await signedIn(server, await server.createAccount(role))).get('/dashboard');
    expect(html).toContain('href="/dashboard/settings/api-key"');
    expect(html.includes('href="/dashboard/applications/new"')).toBe(role !== 'member');
  }
});

it('shows no archived product', async () => {
  const account = await server.createAccount('admin');
  const { product } = await server.publishSmall(account);
  await server.deps.db.updateTable('products').set({ status: 'archived' }).where('id', '=', product).execute();
  expect((await (await signedIn(server, account)).get('/dashboard')).text).toContain('No products yet');
});

describe('the days and the product', () => {
  const day = (ago: number) => new Date(Date.now() - ago * DAY).toISOString().slice(0, 10);

  async function setUp() {
    const admin = await server.createAccount('admin');
    const account = await server.createAccount('member', { org: admin.orgId });
    const [one, two] = [await server.publishSmall(admin), await server.publishSmall(admin)];
    await download(await mint(server, admin, one.product), new Date(), { status: 'completed', bytes_sent: 1000 });
    const token = await mint(server, admin, two.product);
    await download(token, new Date(Date.now() - 5 * DAY), { status: 'completed', bytes_sent: 1000 });
    await download(token, new Date(Date.now() - 200 * DAY), { bytes_sent: 1000 });
    return { browser: await signedIn(server, account), one: one.product, two: two.product };
  }

  it('are chosen by the address of the page', async () => {
    const { browser, one, two } = await setUp();
    const recent = await browser.get(`/dashboard?from=${day(4)}&to=&product=`);
    expect(recent.text).toContain(`Downloads from ${dayWords(day(4))} to ${dayWords(day(0))}`);
    expect(recent.text).toContain('Started 1 Completed 1 Completion rate 100 %');
    const year = await browser.get(`/dashboard?from=${day(364)}&to=${day(0)}`);
    expect(year.text).toContain('Started 3 Completed 2 Completion rate 66 %');
    expect(year.text).toContain('Downloads by week');
    const product = await browser.get(`/dashboard?from=${day(364)}&product=${two}`);
    expect(product.text).toContain('Started 2 Completed 1');
    expect(product.text).not.toContain('Top products');
    expect(product.html).toContain(`<option value="${two}" selected`);
    expect(product.html).not.toContain(`>${one}</code>`);
  });

  it.each([
    ['no day', 'from=yesterday', 'from', 'This must be a day.'],
    ['no day of a calendar', 'to=2026-02-31', 'to', 'This must be a day.'],
    ['a range that runs backwards', 'from=2026-02-03&to=2026-02-01', 'from', 'This day is after the last one.'],
    ['in the future', 'from=2999-01-01', 'from', 'This day is still to come.'],
    ['too many days', 'from=1990-01-01&to=2026-01-01', 'from', 'Ten years at most can be shown.'],
  ])('that are %s are said to be wrong, and the last 30 are shown', async (_what, query, field, sentence) => {
    const { browser } = await setUp();
    const page = await browser.get(`/dashboard?${query}`);
    expect(page.status).toBe(422);
    expect(page.html).toContain(`id="${field}-error">${sentence}`);
    expect(page.text).toContain('Started 2 Completed 2');
  });

  it('of nothing have no charts', async () => {
    const { browser } = await setUp();
    const page = await browser.get(`/dashboard?from=2020-01-01&to=2020-01-02`);
    expect(page.text).toContain('Nothing was downloaded from 1 Jan 2020 to 2 Jan 2020.');
    expect(page.html).not.toContain('<img');
  });

  it('show charts that the policy of the page allows, each drawn for its screen', async () => {
    const { browser } = await setUp();
    const page = await browser.get('/dashboard');
    expect(page.headers['content-security-policy']).toContain("img-src 'self'");
    const sources = [...page.html.matchAll(/ src(?:set)?="([^"]+)"/g)].map(([, url = '']) =>
      url.replaceAll('&amp;', '&'),
    );
    expect(sources).toHaveLength(16);
    const pictures = await Promise.all(sources.map((source) => browser.get(source)));
    for (const { status, headers, html } of pictures) {
      expect([status, headers['content-type']]).toEqual([200, 'image/svg+xml']);
      expect(html).toMatch(/^<svg [\s\S]+<\/svg>\s*$/);
      expect(html).not.toMatch(/<style|<script| style=| on[a-z]+=|href/i);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
    }
    expect(new Set(pictures.map(({ html }) => html)).size).toBe(16);
  });

  it('of a chart that does not exist, and of who is not signed in, are nothing', async () => {
    const { browser } = await setUp();
    for (const path of ['none?size=wide&scheme=light', 'downloads?size=huge&scheme=light', 'downloads'])
      expect((await browser.get(`/dashboard/charts/${path}`)).status).toBe(404);
    const stranger = createPageClient(server);
    expect((await stranger.get('/dashboard/charts/downloads?size=wide&scheme=light')).status).toBe(303);
  });

  it('draw names of any letters as text', async () => {
    const account = await server.createAccount('admin');
    const { product } = await server.publishSmall(account);
    const name = '</text><script>alert(1)</script>" style="x"';
    await server.deps.db.updateTable('products').set({ name }).where('id', '=', product).execute();
    await download(await mint(server, account, product), new Date(), { bytes_sent: 1 });
    const browser = await signedIn(server, account);
    const { html } = await browser.get('/dashboard/charts/products?size=wide&scheme=light');
    expect(html).toContain('&lt;/text&gt;&lt;script');
    expect(html).not.toContain('<script');
  });
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { firstIdOf } from '../ids/snowflake.ts';
import { mint } from '../testing/mint.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { signedIn } from '../testing/signed_in.ts';
import { hashSecret } from '../users/principal.ts';

const DAY = 24 * 60 * 60 * 1000;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

let count = 0n;

/** A download under the token that began then. */
async function download(token: string, started_at: Date, values: { status?: string; bytes_sent: number }) {
  const { db } = server.deps;
  const columns = ['id as token_id', 'organisation_id', 'product_id', 'version_id'] as const;
  const query = db.selectFrom('download_tokens').select(columns).where('token_hash', '=', hashSecret(token));
  const row = await query.executeTakeFirstOrThrow();
  count += 1n;
  const id = BigInt(firstIdOf(started_at)) + count;
  const rest = { kind: 'packs', address: String(count), user_agent: '', total_bytes: 2_000_000 };
  await db
    .insertInto('download_sessions')
    .values({ ...row, ...rest, ...values, id, started_at })
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

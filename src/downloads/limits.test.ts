import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { mint } from '../testing/mint.ts';
import type { PublishedSmall } from '../testing/publish_small.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { untilSomebodyWaits } from '../testing/waiting.ts';
import { lockToken } from './queries.ts';

let shift = 0;
let server: TestServer;
let admin: NewAccount;
let published: PublishedSmall;
beforeAll(async () => {
  server = await startTestServer({ deps: (real) => ({ ...real, clock: () => new Date(Date.now() + shift) }) });
  admin = await server.createAccount('admin');
  published = await server.publishSmall(admin);
});
afterAll(() => server.stop());

const get = (token: string, agent: string, headers: Record<string, string> = {}) =>
  server.client.get('/download/archive', { query: { token }, headers: { 'user-agent': agent, ...headers } });
const gone = (code: string) => ({ error: { token: [code] } });

describe('maxDownloads', () => {
  it('1 with several clients at once: exactly one gets it', async () => {
    const { db } = server.deps;
    const token = await mint(server, admin, published.product, { maxDownloads: 1 });
    const [{ id }] = (await server.client.get('/api/downloads/tokens?limit=1', { as: admin.apiKey })).json;
    // All have read the link and wait for its row before any of them may go on.
    const asked = await db.transaction().execute(async (tx) => {
      await lockToken(tx, id);
      const all = Promise.all(Array.from({ length: 6 }, (_, i) => get(token, `client ${i}`)));
      await untilSomebodyWaits(db, 6);
      return { all };
    });
    const answers = await asked.all;
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410, 410, 410, 410, 410]);
    expect(answers.find(({ status }) => status === 410)?.json).toEqual(gone('used_up'));
  });

  it('2 lets two in, one after the other', async () => {
    const token = await mint(server, admin, published.product, { maxDownloads: 2 });
    const statuses = [];
    for (const agent of ['a', 'b', 'c']) statuses.push((await get(token, agent)).status);
    expect(statuses).toEqual([200, 200, 410]);
  });

  it('lets a download that is open go on, also in parallel parts', async () => {
    const token = await mint(server, admin, published.product, { maxDownloads: 1 });
    const first = await get(token, 'a', { range: 'bytes=0-99' });
    const rest = await Promise.all([
      get(token, 'a', { range: 'bytes=100-199' }),
      get(token, 'a', { range: 'bytes=200-299' }),
    ]);
    expect([first, ...rest].map(({ status }) => status)).toEqual([206, 206, 206]);
    expect((await get(token, 'b', { range: 'bytes=0-9' })).status).toBe(410);
    expect((await get(token, 'a', { range: 'bytes=300-' })).status).toBe(206);
    // Complete only once the last bytes are written down, after the client has them.
    await expect.poll(async () => (await get(token, 'a')).status).toBe(410);
  });

  it('is not taken by HEAD, 304, 416 or the manifest, which are refused only once it is used up', async () => {
    const token = await mint(server, admin, published.product, { maxDownloads: 1 });
    const query = { token };
    const head = () => server.client.request('HEAD', '/download/archive', { query });
    const tag = String((await head()).headers['etag']);
    expect((await get(token, 'a', { 'if-none-match': tag })).status).toBe(304);
    expect((await get(token, 'a', { range: 'bytes=9999999-' })).status).toBe(416);
    expect((await server.client.get('/download/manifest', { query })).status).toBe(200);
    expect((await server.client.get('/api/downloads/tokens?limit=1', { as: admin.apiKey })).json[0].downloadCount).toBe(
      0,
    );
    expect((await get(token, 'a')).status).toBe(200);
    await expect.poll(async () => (await head()).status).toBe(410);
    expect((await server.client.get('/download/manifest', { query })).json).toEqual(gone('used_up'));
    expect((await server.client.post('/download/sessions', { query })).json).toEqual(gone('used_up'));
    expect((await server.client.get(`/download/packs/${published.pack.sha256}`, { query })).json).toEqual(
      gone('used_up'),
    );
  });
});

describe('a link ends', () => {
  const everywhere = (token: string) =>
    Promise.all([
      server.client.get('/download', { query: { token } }),
      server.client.get('/download/archive', { query: { token } }),
      server.client.get('/download/manifest', { query: { token } }),
      server.client.get(`/download/packs/${published.pack.sha256}`, { query: { token } }),
      server.client.post('/download/sessions', { query: { token } }),
    ]);

  it('when it expires, even for a download that is open', async () => {
    const token = await mint(server, admin, published.product, {
      expiresAt: new Date(Date.now() + 60_000).toISOString(),
    });
    expect((await get(token, 'a', { range: 'bytes=0-9' })).status).toBe(206);
    shift = 60_001;
    for (const { status, json } of await everywhere(token)) expect([status, json]).toEqual([410, gone('expired')]);
    shift = 0;
    expect((await get(token, 'a')).status).toBe(200);
  });

  it('when its version is yanked', async () => {
    const { product, versionId } = await server.publishSmall(admin);
    const token = await mint(server, admin, product);
    await server.client.post(`/api/products/${product}/versions/${versionId}/yank`, { as: admin.apiKey });
    for (const { status, json } of await everywhere(token)) expect([status, json]).toEqual([410, gone('revoked')]);
  });

  it('for the time that its organisation is suspended, and no other’s', async () => {
    const other = await server.createAccount('admin');
    const theirs = await server.publishSmall(other);
    const [token, kept] = [await mint(server, other, theirs.product), await mint(server, admin, published.product)];
    const set = (suspended_at: Date | null) =>
      server.deps.db.updateTable('organisations').set({ suspended_at }).where('id', '=', other.orgId).execute();
    await set(new Date());
    for (const { status, headers, json } of await everywhere(token)) {
      expect([status, json]).toEqual([403, gone('resource_temporary_unavailable')]);
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    }
    expect((await get(kept, 'a')).status).toBe(200);
    await set(null);
    expect((await get(token, 'a')).status).toBe(200);
  });

  it('never because its organisation owes money', async () => {
    const token = await mint(server, admin, published.product);
    await server.deps.db
      .updateTable('organisations')
      .set({ billing: 'overdue' })
      .where('id', '=', admin.orgId)
      .execute();
    const { status } = await get(token, 'a');
    await server.deps.db
      .updateTable('organisations')
      .set({ billing: 'active' })
      .where('id', '=', admin.orgId)
      .execute();
    expect(status).toBe(200);
  });
});

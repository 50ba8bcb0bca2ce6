import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { mint } from '../testing/mint.ts';
import { createProductPair } from '../testing/product_pair.ts';
import type { PublishedSmall } from '../testing/publish_small.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { failSession, findSession, listSessionRows, recordDelivery } from './queries.ts';

let server: TestServer;
let admin: NewAccount;
let published: PublishedSmall;
let size: number;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.createAccount('admin');
  published = await server.publishSmall(admin, {
    files: { 'a.bin': Buffer.alloc(9000, 'a'), 'b.bin': Buffer.alloc(1000, 'b') },
  });
  const { json } = await server.client.get(`/api/products/${published.product}/versions`, { as: admin.apiKey });
  size = json[0].archiveSize;
});
afterAll(() => server.stop());

const get = (token: string, headers: Record<string, string> = {}, path = '/download/archive') =>
  server.client.get(path, { query: { token }, headers });
const part = (token: string, start: number, end: number, agent = 'curl') =>
  get(token, { range: `bytes=${start}-${end - 1}`, 'user-agent': agent });
const open = (token: string, agent = 'app') =>
  server.client.post('/download/sessions', { query: { token }, headers: { 'user-agent': agent } });
const end = (token: string, id: string, status: string) =>
  server.client.patch(`/download/sessions/${id}`, { query: { token }, json: { status } });

async function sessionsOf(token: string) {
  const { hashSecret } = await import('../users/principal.ts');
  const row = await server.deps.db
    .selectFrom('download_tokens')
    .select('id')
    .where('token_hash', '=', hashSecret(token))
    .executeTakeFirstOrThrow();
  return {
    tokenId: row.id,
    list: (await server.client.get(`/api/downloads/sessions?tokenId=${row.id}`, { as: admin.apiKey })).json,
  };
}

/** What is delivered is written down after the client has it. */
async function settled(token: string, wanted: object) {
  await expect
    .poll(async () => (await sessionsOf(token)).list[0], { timeout: 5000, interval: 10 })
    .toMatchObject(wanted);
}

describe('a session', () => {
  it('completes with a whole download', async () => {
    const token = await mint(server, admin, published.product);
    await get(token, { 'user-agent': 'curl/8' });
    await settled(token, {
      status: 'completed',
      totalBytes: size,
      bytesSent: size,
      userAgent: 'curl/8',
      productId: published.product,
      version: '1.0.0',
    });
    const { list, tokenId } = await sessionsOf(token);
    expect(list).toHaveLength(1);
    expect(list[0].tokenId).toBe(tokenId);
    expect(Date.parse(list[0].completedAt)).toBeGreaterThanOrEqual(Date.parse(list[0].startedAt));
  });

  it('is shared by parallel parts, and completes exactly when every byte is out', async () => {
    const token = await mint(server, admin, published.product);
    const step = Math.ceil(size / 7);
    const parts = Array.from({ length: 7 }, (_, i) => [i * step, Math.min(size, (i + 1) * step)] as const);
    const [last = [0, 0] as const, ...rest] = parts.reverse();
    await Promise.all(rest.map(([from, to]) => part(token, from, to)));
    const missing = last[1] - last[0];
    await settled(token, { status: 'started', bytesSent: size - missing });
    await part(token, last[0], last[1] - 1);
    await settled(token, { status: 'started', bytesSent: size - 1 });
    await part(token, last[1] - 1, last[1]);
    await settled(token, { status: 'completed', bytesSent: size });
    expect((await sessionsOf(token)).list).toHaveLength(1);
  });

  it('counts a byte that is fetched twice once', async () => {
    const token = await mint(server, admin, published.product);
    await Promise.all([part(token, 0, 600), part(token, 0, 600), part(token, 500, 1000)]);
    await part(token, 0, 1000);
    await settled(token, { status: 'started', bytesSent: 1000 });
  });

  it('keeps at most 4,096 pieces apart: beyond, only bytes that touch one count', async () => {
    const token = await mint(server, admin, published.product);
    await part(token, 0, 1);
    await settled(token, { bytesSent: 1 });
    const { list, tokenId } = await sessionsOf(token);
    const [{ id }] = list;
    const { db, hot } = server.deps;
    const everyOther = sql`(select range_agg(int8range(n * 2, n * 2 + 1)) from generate_series(0, 4095) n)`;
    await sql`update download_sessions set delivered = ${everyOther} where id = ${id}`.execute(db);
    const counts = async (start: number, end: number) => {
      await recordDelivery(hot, tokenId, id, start, end);
      return Number((await findSession(db, tokenId, id))?.bytes_sent);
    };
    expect(await counts(9000, 9001)).toBe(4096);
    expect(await counts(8191, 8193)).toBe(4098);
    expect(await counts(1, 2)).toBe(4099);
    expect(await counts(9000, 9001)).toBe(4100);
  });

  it('is another for each client, and after it is complete', async () => {
    const token = await mint(server, admin, published.product);
    await Promise.all([part(token, 0, 10, 'a'), part(token, 0, 10, 'b')]);
    await get(token, { 'user-agent': 'a' });
    await expect
      .poll(async () => (await sessionsOf(token)).list.map((row: { status: string }) => row.status).sort())
      .toEqual(['completed', 'started']);
    await part(token, 0, 10, 'a');
    expect((await sessionsOf(token)).list).toHaveLength(3);
  });

  it('is not opened by HEAD, 304 and errors', async () => {
    const token = await mint(server, admin, published.product);
    const head = await server.client.request('HEAD', '/download/archive', { query: { token } });
    await get(token, { 'if-none-match': String(head.headers['etag']) });
    await get(token, { range: 'bytes=9999999-' });
    await server.client.request('HEAD', `/download/packs/${published.pack.sha256}`, { query: { token } });
    expect((await sessionsOf(token)).list).toEqual([]);
  });
});

describe('a session of a program that fetches packs', () => {
  it('is opened once, and completes when all referenced bytes are out', async () => {
    const token = await mint(server, admin, published.product);
    const first = await open(token);
    expect([first.status, first.json.status, first.json.totalBytes]).toEqual([201, 'started', 10_000]);
    expect(first.headers['location']).toBe(`${server.url}/download/sessions/${first.json.id}`);
    const again = await open(token);
    expect([again.status, again.json.id]).toEqual([200, first.json.id]);
    const early = await end(token, first.json.id, 'completed');
    expect([early.status, early.json]).toEqual([409, { error: { status: ['conflict'] } }]);
    await get(token, { 'user-agent': 'app' }, `/download/packs/${published.pack.sha256}`);
    await settled(token, { status: 'completed', bytesSent: 10_000 });
    const done = await end(token, first.json.id, 'completed');
    expect([done.status, done.json.status]).toEqual([200, 'completed']);
    expect((await end(token, first.json.id, 'failed')).status).toBe(409);
  });

  it('opened several times at once is one', async () => {
    const token = await mint(server, admin, published.product, { maxDownloads: 1 });
    const answers = await Promise.all([1, 2, 3, 4].map(() => open(token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 201]);
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
  });

  it('can be given up, once, with an event', async () => {
    const token = await mint(server, admin, published.product);
    const { id } = (await open(token)).json;
    const answers = await Promise.all([end(token, id, 'failed'), end(token, id, 'failed')]);
    expect(answers.map(({ status, json }) => [status, json.status])).toEqual([
      [200, 'failed'],
      [200, 'failed'],
    ]);
    expect((await end(token, id, 'completed')).status).toBe(409);
    const rows = await server.deps.db
      .selectFrom('events')
      .select('data')
      .where('type', '=', 'download.failed')
      .execute();
    expect(rows.filter(({ data }) => (data as { session_id?: string }).session_id === id)).toHaveLength(1);
  });

  it.each([['abandoned'], ['started'], [null], [1]])('cannot be set to %j', async (status) => {
    const token = await mint(server, admin, published.product);
    const { id } = (await open(token)).json;
    const answer = await server.client.patch(`/download/sessions/${id}`, { query: { token }, json: { status } });
    expect([answer.status, answer.json]).toEqual([400, { error: { status: ['invalid_format'] } }]);
  });

  it('belongs to its token', async () => {
    const [token, other] = [await mint(server, admin, published.product), await mint(server, admin, published.product)];
    const { id } = (await open(token)).json;
    for (const [as, name] of [
      [other, id],
      [token, '1'],
      [token, 'x'],
      [token, '9223372036854775808'],
    ] as const) {
      const { status, json } = await end(as, name, 'failed');
      expect([status, json]).toEqual([404, { error: { sessionId: ['not_found'] } }]);
    }
    expect((await sessionsOf(token)).list[0].status).toBe('started');
  });

  it('of a version without a byte is complete', async () => {
    const empty = await publishEmpty();
    const token = await mint(server, admin, empty, { version: '1.0.0' });
    const { json } = await open(token);
    expect([json.totalBytes, json.status]).toEqual([0, 'completed']);
    const { status, json: done } = await end(token, json.id, 'completed');
    expect([status, done.status]).toEqual([200, 'completed']);
  });
});

async function publishEmpty(): Promise<string> {
  const { productHash } = await import('../manifests/product_hash.ts');
  const { sha256 } = await import('../testing/publish_small.ts');
  const { verifyVersion } = await import('../versions/tasks.ts');
  const slug = 'only-empty';
  await server.client.post('/api/products', { as: admin.apiKey, json: { slug, name: slug } });
  const files = [{ path: 'a.txt', size: 0, sha256: sha256(''), segments: [] }];
  const json = {
    vendorId: admin.orgId,
    productId: slug,
    version: '1.0.0',
    productHash: productHash(files),
    manifest: { v: 3, packs: [], files },
  };
  const { id } = (await server.client.post('/api/manifest', { as: admin.apiKey, json })).json;
  await verifyVersion(server.deps, { organisationId: admin.orgId, productId: slug, versionId: id });
  return slug;
}

describe('the list of sessions', () => {
  it('shows one’s own only, filtered and in pages', async () => {
    const { own, foreign, product } = await createProductPair(server);
    const tokens = [
      await mint(server, own, product),
      await mint(server, own, product),
      await mint(server, foreign, product),
    ];
    const ids: string[] = [];
    for (const token of tokens) ids.push((await open(token)).json.id);
    await end(tokens[0] ?? '', ids[0] ?? '', 'failed');
    const list = async (query: string, as = own) => {
      const { json, headers } = await server.client.get(`/api/downloads/sessions?${query}`, { as: as.apiKey });
      return { ids: json.map(({ id }: { id: string }) => id), link: headers['link'] };
    };
    expect((await list('')).ids).toEqual([ids[1], ids[0]]);
    expect((await list('', foreign)).ids).toEqual([ids[2]]);
    expect((await list('status=failed')).ids).toEqual([ids[0]]);
    expect((await list('productId=nowhere')).ids).toEqual([]);
    const first = await list(`limit=1&productId=${product}`);
    expect(first.ids).toEqual([ids[1]]);
    const next = /<(.*)>/.exec(String(first.link))?.[1]?.slice(server.url.length) ?? '';
    const { json } = await server.client.get(next, { as: own.apiKey });
    expect(json.map(({ id }: { id: string }) => id)).toEqual([ids[0]]);

    const { db, hot } = server.deps;
    const rows = await listSessionRows(db, foreign.orgId, {}, { limit: 9, before: undefined });
    expect(rows.map(({ id }) => id)).toEqual([ids[2]]);
    const [, own2, theirs] = await db
      .selectFrom('download_sessions')
      .selectAll()
      .where('id', 'in', ids)
      .orderBy('id')
      .execute();
    if (!own2 || !theirs) throw new Error('sessions are missing');
    expect(await findSession(db, theirs.token_id, own2.id)).toBeUndefined();
    expect(await db.transaction().execute((tx) => failSession(tx, theirs.token_id, own2.id))).toBe(false);
    await recordDelivery(hot, theirs.token_id, own2.id, 0, 5);
    expect(Number((await findSession(db, own2.token_id, own2.id))?.bytes_sent)).toBe(0);
    await recordDelivery(hot, own2.token_id, own2.id, 0, 5);
    expect(Number((await findSession(db, own2.token_id, own2.id))?.bytes_sent)).toBe(5);
    expect(Number((await findSession(db, theirs.token_id, theirs.id))?.bytes_sent)).toBe(0);
  });

  it.each(['99999999999999999999', '0'])('finds nothing under %j, which can be no token', async (tokenId) => {
    const { status, json } = await server.client.get('/api/downloads/sessions', {
      as: admin.apiKey,
      query: { tokenId },
    });
    expect([status, json]).toEqual([200, []]);
  });

  it('takes no id of another organisation', async () => {
    const stranger = await server.createAccount('member');
    const token = await mint(server, admin, published.product);
    await open(token);
    const { tokenId } = await sessionsOf(token);
    expect(
      (await server.client.get(`/api/downloads/sessions?tokenId=${tokenId}`, { as: stranger.apiKey })).json,
    ).toEqual([]);
  });
});

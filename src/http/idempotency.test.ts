import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import type { PublishedSmall } from '../testing/publish_small.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let admin: NewAccount;
let published: PublishedSmall;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.createAccount('admin');
  published = await server.publishSmall(admin);
});
afterAll(() => server.stop());

const mint = (key: string, json: object = { productId: published.product }, as = admin.apiKey) =>
  server.client.post('/api/generate-download-url', { as, json, headers: { 'idempotency-key': key } });
const create = (key: string, slug: string, as = admin.apiKey) =>
  server.client.post('/api/products', { as, json: { slug, name: slug }, headers: { 'idempotency-key': key } });
const tokens = async () =>
  Number(
    (
      await server.deps.db
        .selectFrom('download_tokens')
        .select(sql<string>`count(*)`.as('n'))
        .executeTakeFirstOrThrow()
    ).n,
  );
const error = (code: string) => ({ error: { 'Idempotency-Key': [code] } });

describe('the same Idempotency-Key', () => {
  it('with the same body replays status, headers and body, byte for byte', async () => {
    const first = await mint('replay');
    const count = await tokens();
    const again = await mint('replay');
    expect(again.body.equals(first.body)).toBe(true);
    expect([again.status, again.headers['cache-control']]).toEqual([200, 'no-store']);
    expect(again.headers['request-id']).not.toBe(first.headers['request-id']);
    expect(await tokens()).toBe(count);
    const product = await create('replay', 'once');
    const repeated = await create('replay', 'once');
    expect([repeated.status, repeated.headers['location'], repeated.body.toString()]).toEqual([
      201,
      product.headers['location'],
      product.body.toString(),
    ]);
  });

  it('with another body is 409', async () => {
    await mint('reused');
    const { status, json } = await mint('reused', { productId: published.product, maxDownloads: 1 });
    expect([status, json]).toEqual([409, error('idempotency_key_reused')]);
  });

  it.each([
    ['without a customer', {}],
    ['with one', { customerEmail: 'race@example.com' }],
  ])('twice at once mints one token, %s', async (name, more) => {
    const before = await tokens();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => mint(`race ${name}`, { productId: published.product, ...more })),
    );
    const good = answers.filter(({ status }) => status === 200);
    const busy = answers.filter(({ status }) => status === 409);
    expect(good.length).toBeGreaterThan(0);
    expect(good.length + busy.length).toBe(8);
    expect(new Set(good.map(({ body }) => body.toString())).size).toBe(1);
    for (const { json } of busy) expect(json).toEqual(error('request_in_progress'));
    expect(await tokens()).toBe(before + 1);
  });

  it('may be used again after a failure, which is not stored', async () => {
    const failed = await mint('second chance', { productId: 'not-there-yet' });
    expect(failed.status).toBe(404);
    await server.client.post('/api/products', { as: admin.apiKey, json: { slug: 'not-there-yet', name: 'a' } });
    await server.publishSmall(admin, { product: 'not-there-yet' });
    expect((await mint('second chance', { productId: 'not-there-yet' })).status).toBe(200);
  });

  it('is forgotten after 24 hours', async () => {
    const first = await mint('old');
    const age = (interval: string) =>
      server.deps.db
        .updateTable('idempotency_keys')
        .set({ created_at: sql`now() - ${interval}::interval` })
        .where('key', '=', 'old')
        .execute();
    await age('23 hours 59 minutes');
    expect((await mint('old')).json).toEqual(first.json);
    await age('24 hours 1 minute');
    const second = await mint('old');
    expect(second.status).toBe(200);
    expect(second.json.downloadToken).not.toBe(first.json.downloadToken);
    expect((await mint('old')).json).toEqual(second.json);
  });

  it('belongs to its user and its operation', async () => {
    const first = await mint('scoped');
    const colleague = await server.createAccount('admin', { org: admin.orgId });
    const theirs = await mint('scoped', undefined, colleague.apiKey);
    expect(theirs.status).toBe(200);
    expect(theirs.json.downloadToken).not.toBe(first.json.downloadToken);
    expect((await create('scoped', 'scoped')).status).toBe(201);
  });

  it('is judged after the role: a member gets no replay of an admin', async () => {
    const demoted = await server.createAccount('admin', { org: admin.orgId });
    expect((await mint('role', undefined, demoted.apiKey)).status).toBe(200);
    await server.deps.db.updateTable('users').set({ role: 'member' }).where('id', '=', demoted.userId).execute();
    expect((await mint('role', undefined, demoted.apiKey)).status).toBe(403);
  });

  it('two creations of the same product with different keys: one is there', async () => {
    const answers = await Promise.all(['a', 'b', 'c'].map((key) => create(key, 'contested')));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });
});

describe('an Idempotency-Key', () => {
  it('that is empty counts as none', async () => {
    const [one, two] = [await mint(''), await mint('')];
    expect(one.json.downloadToken).not.toBe(two.json.downloadToken);
  });

  it('of more than 255 characters is refused', async () => {
    expect((await mint('x'.repeat(255))).status).toBe(200);
    const { status, json } = await mint('x'.repeat(256));
    expect([status, json]).toEqual([400, error('invalid_format')]);
  });

  it('is ignored where nothing is created', async () => {
    const send = () => server.client.post('/api_key', { as: admin.apiKey, headers: { 'idempotency-key': 'k' } });
    const before = admin.apiKey;
    const first = await send();
    expect((await send()).status).toBe(401);
    admin = { ...admin, apiKey: first.json.response.api_key };
    expect(admin.apiKey).not.toBe(before);
  });
});

it('keeps no token in clear: what is stored opens with the master key only', async () => {
  const { json } = await mint('sealed');
  const row = await server.deps.db
    .selectFrom('idempotency_keys')
    .selectAll()
    .where('key', '=', 'sealed')
    .executeTakeFirstOrThrow();
  expect(row.response.includes(json.downloadToken)).toBe(false);
  expect(row.response.includes('downloadToken')).toBe(false);
  expect(server.deps.vault.open(row.response, 'idempotency').toString()).toContain(json.downloadToken);
  expect(row.request_hash.includes(published.product)).toBe(false);
});

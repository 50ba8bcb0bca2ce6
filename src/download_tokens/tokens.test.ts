import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mint } from '../testing/mint.ts';
import { createProductPair, type ProductPair } from '../testing/product_pair.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { hashSecret } from '../users/principal.ts';
import { findToken, listTokenRows, markRevoked } from './queries.ts';

let server: TestServer;
let pair: ProductPair;
const ids: Record<string, string> = {};
const secrets: Record<string, string> = {};
beforeAll(async () => {
  server = await startTestServer();
  pair = await createProductPair(server);
  const { own, foreign, product } = pair;
  const other = await server.publishSmall(own);
  const all = [
    ['plain', own, product, {}],
    ['customer', own, product, { customerEmail: 'Buyer@Example.com', orderId: 'o-1', maxDownloads: 5 }],
    ['other', own, other.product, {}],
    ['expired', own, product, {}],
    ['used_up', own, product, { maxDownloads: 1 }],
    ['revoked', own, product, {}],
    ['foreign', foreign, product, { customerEmail: 'buyer@example.com' }],
  ] as const;
  for (const [name, account, productId, more] of all) {
    const token = await mint(server, account, productId, more);
    secrets[name] = token;
    const row = await server.deps.db
      .selectFrom('download_tokens')
      .select('id')
      .where('token_hash', '=', hashSecret(token))
      .executeTakeFirstOrThrow();
    ids[name] = row.id;
  }
  const past = new Date(Date.now() - 1000);
  await server.deps.db
    .updateTable('download_tokens')
    .set({ expires_at: past })
    .where('id', '=', ids['expired'] ?? '')
    .execute();
  await server.client.get('/download', { query: { token: secrets['used_up'] ?? '' } });
  await server.client.delete(`/api/downloads/tokens/${ids['revoked']}`, { as: own.apiKey });
});
afterAll(() => server.stop());

const list = (query: string, as = pair.own) => server.client.get(`/api/downloads/tokens?${query}`, { as: as.apiKey });
const named = (json: { id: string }[]) => json.map(({ id }) => Object.keys(ids).find((name) => ids[name] === id));

describe('the list of tokens', () => {
  it('is newest first, and holds one’s own only', async () => {
    expect(named((await list('')).json)).toEqual(['revoked', 'used_up', 'expired', 'other', 'customer', 'plain']);
    expect(named((await list('', pair.foreign)).json)).toEqual(['foreign']);
  });

  it.each([
    ['status=active', ['other', 'customer', 'plain']],
    ['status=expired', ['expired']],
    ['status=used_up', ['used_up']],
    ['status=revoked', ['revoked']],
    ['customerEmail=buyer@EXAMPLE.com', ['customer']],
    ['customerEmail=nobody@example.com', []],
    ['productId=same-slug&status=active', ['customer', 'plain']],
    ['productId=nowhere', []],
    ['productId=same-slug&limit=2', ['revoked', 'used_up']],
  ])('%s', async (query, names) => {
    expect(named((await list(query)).json)).toEqual(names);
  });

  it('in pages keeps its filter', async () => {
    const first = await list('status=active&limit=2');
    expect(named(first.json)).toEqual(['other', 'customer']);
    const next = /<(.*)>/.exec(String(first.headers['link']))?.[1] ?? '';
    const second = await server.client.get(next.slice(server.url.length), { as: pair.own.apiKey });
    expect([named(second.json), second.headers['link']]).toEqual([['plain'], undefined]);
  });

  it('never shows a secret', async () => {
    const text = (await list('')).body.toString();
    for (const secret of Object.values(secrets)) expect(text).not.toContain(secret);
  });
});

describe('one token', () => {
  it('says all about itself', async () => {
    const { json } = await server.client.get(`/api/downloads/tokens/${ids['customer']}`, { as: pair.own.apiKey });
    expect(json).toMatchObject({
      id: ids['customer'],
      productId: 'same-slug',
      versionId: pair.ownVersion.versionId,
      version: '1.0.0',
      status: 'active',
      customerEmail: 'buyer@example.com',
      orderId: 'o-1',
      maxDownloads: 5,
      downloadCount: 0,
    });
    expect(json.purchaseId).toMatch(/^\d+$/);
    expect('revokedAt' in json || 'lastUsedAt' in json).toBe(false);
    const used = (await server.client.get(`/api/downloads/tokens/${ids['used_up']}`, { as: pair.own.apiKey })).json;
    expect([used.status, used.downloadCount, typeof used.lastUsedAt]).toEqual(['used_up', 1, 'string']);
  });

  it('of another organisation is not there', async () => {
    for (const method of ['get', 'delete'] as const) {
      const { status, json } = await server.client[method](`/api/downloads/tokens/${ids['foreign']}`, {
        as: pair.own.apiKey,
      });
      expect([status, json]).toEqual([404, { error: { tokenId: ['not_found'] } }]);
    }
    expect((await server.client.get('/download', { query: { token: secrets['foreign'] ?? '' } })).status).toBe(200);
  });
});

describe('revoking', () => {
  it('ends the link at once, and no other', async () => {
    const [token, other] = [await mint(server, pair.own, pair.product), await mint(server, pair.own, pair.product)];
    const [{ id: otherId }, { id }] = (await list('limit=2')).json;
    const { status, json } = await server.client.delete(`/api/downloads/tokens/${id}`, { as: pair.own.apiKey });
    expect([status, json.status]).toEqual([200, 'revoked']);
    const refused = await server.client.get('/download', { query: { token } });
    expect([refused.status, refused.json]).toEqual([410, { error: { token: ['revoked'] } }]);
    expect((await server.client.get('/download', { query: { token: other } })).status).toBe(200);
    expect((await server.client.get(`/api/downloads/tokens/${otherId}`, { as: pair.own.apiKey })).json.status).toBe(
      'active',
    );
  });

  it('twice, also at once, changes nothing more', async () => {
    await mint(server, pair.own, pair.product);
    const [{ id }] = (await list('limit=1')).json;
    const send = () => server.client.delete(`/api/downloads/tokens/${id}`, { as: pair.own.apiKey });
    const answers = await Promise.all([send(), send(), send()]);
    const last = await send();
    for (const { status, json } of answers) expect([status, json]).toEqual([200, last.json]);
    const rows = await server.deps.db
      .selectFrom('events')
      .select('data')
      .where('type', '=', 'download_token.revoked')
      .execute();
    expect(rows.filter(({ data }) => (data as { token_id?: string }).token_id === id)).toHaveLength(1);
  });
});

describe('every query', () => {
  it('finds and changes what its owner has', async () => {
    const { db } = server.deps;
    const { own, foreign } = pair;
    const id = ids['plain'] ?? '';
    expect((await findToken(db, own.orgId, id))?.id).toBe(id);
    expect(await findToken(db, foreign.orgId, id)).toBeUndefined();
    const rows = await listTokenRows(db, foreign.orgId, {}, { limit: 50, before: undefined }, new Date());
    expect(named(rows)).toEqual(['foreign']);
    const revoke = (org: string) => db.transaction().execute((tx) => markRevoked(tx, org, id, new Date()));
    expect([await revoke(foreign.orgId), await revoke(own.orgId), await revoke(own.orgId)]).toEqual([
      false,
      true,
      false,
    ]);
    expect((await findToken(db, own.orgId, ids['other'] ?? ''))?.revoked_at).toBeNull();
  });
});

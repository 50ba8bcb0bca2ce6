import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProductPair, type ProductPair } from '../testing/product_pair.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { changeProduct, findProduct, lockProduct } from './queries.ts';

let server: TestServer;
let pair: ProductPair;
beforeAll(async () => {
  server = await startTestServer();
  pair = await createProductPair(server);
});
afterAll(() => server.stop());

const shown = async (as: string) => (await server.client.get(`/api/products/${pair.product}`, { as })).json.product;

describe('two organisations with the same slug', () => {
  it('each see and change their own', async () => {
    const { own, foreign, product } = pair;
    const before = await shown(foreign.apiKey);
    expect(before.orgId).toBe(foreign.orgId);
    const { json } = await server.client.put(`/api/products/${product}`, { as: own.apiKey, json: { name: 'Mine' } });
    expect([json.orgId, json.name]).toEqual([own.orgId, 'Mine']);
    await server.client.post(`/api/products/${product}/archive`, { as: own.apiKey });
    expect(await shown(foreign.apiKey)).toEqual(before);
    expect((await shown(own.apiKey)).status).toBe('archived');
    for (const { apiKey, orgId } of [own, foreign]) {
      const list = (await server.client.get('/api/products', { as: apiKey })).json;
      expect(list.map((row: { product: { orgId: string } }) => row.product.orgId)).toEqual([orgId]);
    }
    await server.client.put(`/api/products/${product}`, { as: own.apiKey, json: { status: 'published' } });
  });

  it('show the active version of their own', async () => {
    for (const [account, version] of [
      [pair.own, pair.ownVersion],
      [pair.foreign, pair.foreignVersion],
    ] as const) {
      const { json } = await server.client.get(`/api/products/${pair.product}`, { as: account.apiKey });
      expect(json.activeVersion.id).toBe(version.versionId);
    }
  });

  it('what only one has is not there for the other, and cannot be changed', async () => {
    const { apiKey } = pair.own;
    await server.client.post('/api/products', { as: pair.foreign.apiKey, json: { slug: 'theirs', name: 'Theirs' } });
    const answers = await Promise.all([
      server.client.get('/api/products/theirs', { as: apiKey }),
      server.client.put('/api/products/theirs', { as: apiKey, json: { name: 'Mine' } }),
      server.client.post('/api/products/theirs/archive', { as: apiKey }),
      server.client.get('/api/products/theirs/versions', { as: apiKey }),
      server.client.post('/api/generate-download-url', { as: apiKey, json: { productId: 'theirs' } }),
    ]);
    for (const { status, json } of answers)
      expect([status, json]).toEqual([404, { error: { productId: ['not_found'] } }]);
    const { json } = await server.client.get('/api/products/theirs', { as: pair.foreign.apiKey });
    expect(json.product).toMatchObject({ name: 'Theirs', status: 'draft' });
  });

  it('have rows of their own in every query', async () => {
    const { own, foreign, product } = pair;
    const { db } = server.deps;
    expect((await findProduct(db, own.orgId, product))?.organisation_id).toBe(own.orgId);
    await db.transaction().execute(async (tx) => {
      expect((await lockProduct(tx, foreign.orgId, product))?.organisation_id).toBe(foreign.orgId);
      await changeProduct(tx, foreign.orgId, product, { description: 'changed' });
    });
    expect([(await shown(own.apiKey)).description, (await shown(foreign.apiKey)).description]).toEqual(['', 'changed']);
  });
});

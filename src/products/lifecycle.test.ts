import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let admin: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.createAccount('admin');
});
afterAll(() => server.stop());

const update = (slug: string, json: object) => server.client.put(`/api/products/${slug}`, { as: admin.apiKey, json });
const archive = (slug: string) => server.client.post(`/api/products/${slug}/archive`, { as: admin.apiKey });
const mint = (productId: string) =>
  server.client.post('/api/generate-download-url', { as: admin.apiKey, json: { productId } });

async function draft(slug: string) {
  const { json } = await server.client.post('/api/products', {
    as: admin.apiKey,
    json: { slug, name: 'Name', description: 'Text' },
  });
  await server.deps.db
    .updateTable('products')
    .set({ updated_at: sql`now() - interval '1 hour'` })
    .where('id', '=', slug)
    .execute();
  return json;
}

describe('changing a product', () => {
  it('merges: what is not sent stays', async () => {
    const before = await draft('merged');
    const named = await update('merged', { name: 'New' });
    expect(named.json).toEqual({ ...before, name: 'New', updatedAt: named.json.updatedAt });
    expect(Date.parse(named.json.updatedAt)).toBeGreaterThan(Date.now() - 60_000);
    const described = await update('merged', { description: '' });
    expect([described.json.name, described.json.description]).toEqual(['New', '']);
  });

  it.each([
    ['the slug', { slug: 'other' }, { slug: ['unknown_field'] }],
    ['the active version', { activeVersionId: '1' }, { activeVersionId: ['unknown_field'] }],
    ['an unknown state', { status: 'sold' }, { status: ['invalid_format'] }],
    ['the archive: that is an operation of its own', { status: 'archived' }, { status: ['invalid_format'] }],
    ['an empty name', { name: '' }, { name: ['is_blank'] }],
    ['a name of nothing', { name: null }, { name: ['invalid_format'] }],
  ])('refuses %s', async (name, json, error) => {
    const slug = `refused-${name.length}`;
    const before = await draft(slug);
    const { status, json: body } = await update(slug, json);
    expect([status, body]).toEqual([400, { error }]);
    const { json: after } = await server.client.get(`/api/products/${slug}`, { as: admin.apiKey });
    expect({ ...after.product, updatedAt: before.updatedAt }).toEqual(before);
  });

  it('publishes only what has something to publish', async () => {
    await draft('empty');
    const { status, json } = await update('empty', { name: 'Changed', status: 'published' });
    expect([status, json]).toEqual([409, { error: { status: ['conflict'] } }]);
    expect((await server.client.get('/api/products/empty', { as: admin.apiKey })).json.product.name).toBe('Name');
  });

  it('names a product that is not there', async () => {
    const { status, json } = await update('nowhere', { name: 'a' });
    expect([status, json]).toEqual([404, { error: { productId: ['not_found'] } }]);
  });

  it('at once by several people ends with one of them whole', async () => {
    await draft('shared');
    await Promise.all([1, 2, 3, 4].map((n) => update('shared', { name: `n${n}`, description: `n${n}` })));
    const { product } = (await server.client.get('/api/products/shared', { as: admin.apiKey })).json;
    expect(product.name).toBe(product.description);
  });
});

describe('the archive', () => {
  it('takes a product off sale; nothing is minted, what was minted still works', async () => {
    const { product } = await server.publishSmall(admin);
    const link = (await mint(product)).json;
    const { status, json } = await archive(product);
    expect([status, json.status]).toEqual([200, 'archived']);
    const refused = await mint(product);
    expect([refused.status, refused.json]).toEqual([404, { error: { productId: ['not_found'] } }]);
    expect((await server.client.get('/download', { query: { token: link.downloadToken } })).status).toBe(200);
  });

  it('gives a product back as a draft or published', async () => {
    const { product } = await server.publishSmall(admin);
    for (const status of ['draft', 'published']) {
      await archive(product);
      expect((await update(product, { status })).json.status).toBe(status);
      expect((await mint(product)).status).toBe(200);
    }
  });

  it('gives nothing back as published that was never released', async () => {
    await draft('unreleased');
    await archive('unreleased');
    expect((await update('unreleased', { status: 'published' })).status).toBe(409);
    expect((await update('unreleased', { status: 'draft' })).json.status).toBe('draft');
  });

  it('keeps its products in the list, and archives one twice without complaint', async () => {
    await draft('listed');
    expect((await archive('listed')).status).toBe(200);
    expect((await archive('listed')).status).toBe(200);
    const { json } = await server.client.get('/api/products', { as: admin.apiKey });
    expect(json.find((row: { product: { id: string } }) => row.product.id === 'listed').product.status).toBe(
      'archived',
    );
  });

  it('knows only what is there', async () => {
    expect((await archive('nowhere')).status).toBe(404);
  });
});

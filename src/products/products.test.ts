import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let member: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  member = await server.createAccount('member');
});
afterAll(() => server.stop());

const create = (json: object, as = member.apiKey) => server.client.post('/api/products', { as, json });
const get = (slug: string) => server.client.get(`/api/products/${slug}`, { as: member.apiKey });

describe('creating a product', () => {
  it('makes a draft without a version, and says where it is', async () => {
    const { status, headers, json } = await create({ slug: 'epic-drums', name: 'Epic Drums' });
    expect(status).toBe(201);
    expect(headers['location']).toBe(`${server.url}/api/products/epic-drums`);
    expect(json).toEqual({
      id: 'epic-drums',
      orgId: member.orgId,
      name: 'Epic Drums',
      slug: 'epic-drums',
      description: '',
      status: 'draft',
      createdAt: json.createdAt,
      updatedAt: json.createdAt,
    });
    expect((await get('epic-drums')).json).toEqual({ product: json });
    const types = await server.deps.db
      .selectFrom('events')
      .select(['type', 'user_id', 'data'])
      .where('type', '=', 'product.created')
      .where('organisation_id', '=', member.orgId)
      .execute();
    expect(types).toEqual([{ type: 'product.created', user_id: member.userId, data: { product_id: 'epic-drums' } }]);
  });

  it('takes a slug once, also when asked several times at once', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => create({ slug: 'twice', name: 'a' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.json).toEqual({ error: { slug: ['already_exists'] } });
  });

  it.each(['api', 'download', 'ping', 'whoami', 'webhooks', 'oauth2', 'my', 'docs', 'dashboard'])(
    'refuses the slug of our route /%s',
    async (slug) => {
      const { status, json } = await create({ slug, name: 'a' });
      expect([status, json]).toEqual([400, { error: { slug: ['is_reserved'] } }]);
    },
  );

  it.each(['Drums', '-drums', 'drums-', 'a--b', 'a_b', 'a b', 'a.b', 'é', '../x', 'a'.repeat(101)])(
    'refuses the slug %j, and corrects nothing',
    async (slug) => {
      const { status, json } = await create({ slug, name: 'a' });
      expect([status, json]).toEqual([400, { error: { slug: ['invalid_format'] } }]);
    },
  );

  it.each(['a', '0', 'a'.repeat(100), 'v1-2-3'])('takes the slug %s', async (slug) => {
    expect((await create({ slug, name: 'a' })).status).toBe(201);
  });
});

describe('listing products', () => {
  it('shows all of them, newest first, without limit', async () => {
    const fresh = await server.createAccount('member');
    for (const slug of ['one', 'two', 'three']) await create({ slug, name: slug }, fresh.apiKey);
    const { json, headers } = await server.client.get('/api/products', { as: fresh.apiKey });
    expect(json.map(({ product }: { product: { slug: string } }) => product.slug)).toEqual(['three', 'two', 'one']);
    expect(json.some((row: object) => 'activeVersion' in row)).toBe(false);
    expect(headers['link']).toBeUndefined();
  });

  it('is empty at first', async () => {
    const fresh = await server.createAccount('member');
    expect((await server.client.get('/api/products', { as: fresh.apiKey })).body.toString()).toBe('[]');
  });

  it('shows the active version beside its product', async () => {
    const { product, versionId } = await server.publishSmall(member);
    const { json } = await get(product);
    expect(json.product).toMatchObject({ status: 'published', activeVersionId: versionId });
    expect(json.activeVersion).toEqual({ id: versionId, productId: product, version: '1.0.0', status: 'ready' });
    const listed = (await server.client.get('/api/products', { as: member.apiKey })).json;
    expect(listed.find((row: { product: { id: string } }) => row.product.id === product)).toEqual(json);
  });
});

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

interface Shown {
  id_str: string;
  type: string;
  user_id_str?: string;
  data: Record<string, unknown>;
}
const list = async (query: Record<string, string | number> = {}, as = admin.apiKey) => {
  const { status, json, headers } = await server.client.get('/events', { as, query });
  return { status, shown: json.response as Shown[], link: headers['link'] };
};

describe('GET /events', () => {
  it('tells what happened, newest first, and who did it', async () => {
    const { product, versionId } = await server.publishSmall(admin);
    const { shown } = await list({ limit: 200 });
    const about = shown.filter(({ data }) => data['product_id'] === product);
    expect(about.map(({ type, user_id_str }) => [type, user_id_str])).toEqual([
      ['version.activated', admin.userId],
      ['version.ready', undefined],
      ['version.created', admin.userId],
      ['product.created', admin.userId],
    ]);
    expect(about[0]?.data).toEqual({ product_id: product, version_id: versionId, version: '1.0.0' });
    expect(shown.map(({ id_str }) => BigInt(id_str))).toEqual(
      shown.map(({ id_str }) => BigInt(id_str)).sort((a, b) => (a < b ? 1 : -1)),
    );
  });

  it('names the token of a mint and of a download', async () => {
    const { product } = await server.publishSmall(admin);
    const minted = await server.client.post('/api/generate-download-url', {
      as: admin.apiKey,
      json: { productId: product },
    });
    await server.client.post('/download/sessions', { query: { token: minted.json.downloadToken } });
    const [started, created] = (await list({ limit: 2 })).shown;
    expect([started?.type, created?.type]).toEqual(['download.started', 'download_token.created']);
    expect(Object.keys(created?.data ?? {}).sort()).toEqual(['product_id', 'token_id', 'version_id']);
    expect(started?.data).toMatchObject({ ...created?.data, session_id: expect.stringMatching(/^\d+$/) });
    expect(JSON.stringify([started?.data, created?.data])).not.toContain(minted.json.downloadToken);
  });

  it('filters by type and by user, page by page', async () => {
    const colleague = await server.createAccount('member', { org: admin.orgId });
    for (const slug of ['one', 'two', 'three'])
      await server.client.post('/api/products', { as: colleague.apiKey, json: { slug, name: slug } });
    const all = await list({ type: 'product.created', user_id: colleague.userId });
    expect(all.shown.map(({ data }) => data['product_id'])).toEqual(['three', 'two', 'one']);
    const first = await list({ type: 'product.created', user_id: colleague.userId, limit: 2 });
    const next = /<(.*)>; rel="next"/.exec(String(first.link))?.[1] ?? '';
    const second = await server.client.get(next.slice(server.url.length), { as: admin.apiKey });
    expect(second.json.response.map(({ data }: Shown) => data['product_id'])).toEqual(['one']);
    expect((await list({ type: 'user.created', user_id: colleague.userId })).shown).toHaveLength(1);
  });

  it('has nothing for a type or a user that is not there', async () => {
    for (const query of [
      { type: 'nothing.happened' },
      { type: '' },
      { user_id: '0' },
      { user_id: '9'.repeat(20) },
      { user_id: '1' },
    ])
      expect(await list(query)).toMatchObject({ status: 200, shown: [] });
  });

  it('goes on telling what a removed user did', async () => {
    const owner = await server.createAccount('owner');
    const member = await server.createAccount('member', { org: owner.orgId });
    await server.client.post('/api/products', { as: member.apiKey, json: { slug: 'kept', name: 'kept' } });
    await server.client.delete(`/users/${member.userId}`, { as: owner.apiKey });
    const { shown } = await list({ user_id: member.userId, type: 'product.created' }, owner.apiKey);
    expect(shown.map(({ data }) => data)).toEqual([{ product_id: 'kept' }]);
  });

  it('shows nothing of another organisation', async () => {
    const stranger = await server.createAccount('admin');
    const { shown } = await list({}, stranger.apiKey);
    expect(shown.map(({ type }) => type)).toEqual(['user.created', 'user.created']);
    expect((await list({ user_id: admin.userId }, stranger.apiKey)).shown).toEqual([]);
  });

  it.each([{ user_id: 'me' }, { user_id: '-1' }, { type: 'x'.repeat(101) }, { cursor: 'x' }])(
    'refuses %j',
    async (query) => {
      const { status, json } = await server.client.get('/events', { as: admin.apiKey, query });
      expect([status, Object.values(json.error)]).toEqual([403, [['invalid_format']]]);
    },
  );
});

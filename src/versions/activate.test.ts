import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { mint } from '../testing/mint.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let admin: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.createAccount('admin');
});
afterAll(() => server.stop());

const act = (product: string, id: string, action: 'activate' | 'yank') =>
  server.client.post(`/api/products/${product}/versions/${id}/${action}`, { as: admin.apiKey });
const show = async (product: string) =>
  (await server.client.get(`/api/products/${product}`, { as: admin.apiKey })).json;
const minted = async (productId: string, version?: string) => {
  const json = { productId, ...(version === undefined ? {} : { version }) };
  const answer = await server.client.post('/api/generate-download-url', { as: admin.apiKey, json });
  return answer.status === 200 ? answer.json.version : answer.json.error;
};
const events = async (versionId: string) => {
  const rows = await server.deps.db.selectFrom('events').select(['type', 'data']).orderBy('id').execute();
  return rows.filter(({ data }) => (data as { version_id?: string }).version_id === versionId).map(({ type }) => type);
};

describe('activating a version', () => {
  it('publishes the product and makes it the one that is minted', async () => {
    const { product, versionId } = await server.publishSmall(admin, { activate: false });
    expect((await show(product)).product.status).toBe('draft');
    expect(await minted(product)).toEqual({ version: ['not_found'] });
    expect(await minted(product, '1.0.0')).toBe('1.0.0');
    const { status, json } = await act(product, versionId, 'activate');
    expect([status, json.active]).toEqual([200, true]);
    expect((await show(product)).product).toMatchObject({ status: 'published', activeVersionId: versionId });
    expect(await minted(product)).toBe('1.0.0');
    expect(await events(versionId)).toEqual(
      expect.arrayContaining(['version.created', 'version.ready', 'version.activated']),
    );
  });

  it('takes the place of the one before, and can be taken back', async () => {
    const first = await server.publishSmall(admin);
    const second = await server.publishSmall(admin, {
      product: first.product,
      version: '2.0.0',
      files: { 'new.txt': 'new' },
    });
    expect(await minted(first.product)).toBe('2.0.0');
    await act(first.product, first.versionId, 'activate');
    expect(await minted(first.product)).toBe('1.0.0');
    expect(await minted(first.product, '2.0.0')).toBe('2.0.0');
    const { json } = await server.client.get(`/api/products/${first.product}/versions/${second.versionId}`, {
      as: admin.apiKey,
    });
    expect(json.active).toBe(false);
  });

  it('is noted once, with its time, and that stays', async () => {
    const first = await server.publishSmall(admin, { activate: false });
    const { product } = first;
    const look = async (id: string) =>
      (await server.client.get(`/api/products/${product}/versions/${id}`, { as: admin.apiKey })).json;
    expect(await look(first.versionId)).not.toHaveProperty('activatedAt');
    const { activatedAt } = (await act(product, first.versionId, 'activate')).json;
    expect(Date.parse(activatedAt)).toBeGreaterThanOrEqual(Date.parse((await look(first.versionId)).readyAt));
    const second = await server.publishSmall(admin, { product, version: '2.0.0' });
    expect(await look(second.versionId)).toHaveProperty('activatedAt');
    await act(product, first.versionId, 'activate');
    await act(product, first.versionId, 'yank');
    expect(await look(first.versionId)).toMatchObject({ activatedAt, active: false, status: 'yanked' });
  });

  it('of two at once leaves one active', async () => {
    const first = await server.publishSmall(admin);
    const { product } = first;
    const second = await server.publishSmall(admin, { product, version: '2.0.0' });
    await Promise.all([act(product, first.versionId, 'activate'), act(product, second.versionId, 'activate')]);
    const { json } = await server.client.get(`/api/products/${product}/versions`, { as: admin.apiKey });
    expect(json.filter(({ active }: { active: boolean }) => active)).toHaveLength(1);
  });

  it('knows only ids that are versions', async () => {
    const { product } = await server.publishSmall(admin);
    for (const id of ['1', '0', 'x', '9223372036854775808', '%00']) {
      for (const action of ['activate', 'yank'] as const) expect((await act(product, id, action)).status).toBe(404);
    }
    expect((await act('nowhere', '1', 'activate')).json).toEqual({ error: { productId: ['not_found'] } });
  });
});

describe('yanking a version', () => {
  it('ends minting and every link to it, and leaves the product without an active one', async () => {
    const { product, versionId } = await server.publishSmall(admin);
    const token = await mint(server, admin, product);
    const { status, json } = await act(product, versionId, 'yank');
    expect([status, json.status, json.active]).toEqual([200, 'yanked', false]);
    expect(Date.parse(json.yankedAt)).not.toBeNaN();
    expect(await minted(product)).toEqual({ version: ['not_found'] });
    expect(await minted(product, '1.0.0')).toEqual({ version: ['not_found'] });
    const download = await server.client.get('/download', { query: { token } });
    expect([download.status, download.json]).toEqual([410, { error: { token: ['revoked'] } }]);
    expect((await show(product)).activeVersion).toBeUndefined();
  });

  it('leaves the active one alone when it is another', async () => {
    const first = await server.publishSmall(admin);
    const second = await server.publishSmall(admin, { product: first.product, version: '2.0.0' });
    await act(first.product, first.versionId, 'yank');
    expect(await minted(first.product)).toBe('2.0.0');
    expect((await show(first.product)).activeVersion.id).toBe(second.versionId);
  });

  it('is for ever', async () => {
    const { product, versionId, manifest } = await server.publishSmall(admin);
    const once = await act(product, versionId, 'yank');
    const twice = await act(product, versionId, 'yank');
    expect([twice.status, twice.json]).toEqual([200, once.json]);
    expect((await events(versionId)).filter((type) => type === 'version.yanked')).toHaveLength(1);
    const back = await act(product, versionId, 'activate');
    expect([back.status, back.json]).toEqual([409, { error: { versionId: ['conflict'] } }]);
    const again = await server.client.post('/api/manifest', { as: admin.apiKey, json: manifest });
    expect([again.status, again.json]).toEqual([409, { error: { version: ['already_exists'] } }]);
  });

  it('and minting at once: whatever was minted is not served', async () => {
    const { product, versionId } = await server.publishSmall(admin);
    const [, ...mints] = await Promise.all([
      act(product, versionId, 'yank'),
      ...Array.from({ length: 5 }, () =>
        server.client.post('/api/generate-download-url', { as: admin.apiKey, json: { productId: product } }),
      ),
    ]);
    for (const { status, json } of mints) {
      if (status === 200)
        expect((await server.client.get('/download', { query: { token: json.downloadToken } })).status).toBe(410);
      else expect(status).toBe(404);
    }
  });
});

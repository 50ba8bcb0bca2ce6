import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { archiveKey } from '../blobs/keys.ts';
import type { BlobStore } from '../blobs/store.ts';
import { productHash } from '../manifests/product_hash.ts';
import type { NewAccount } from '../organisations/actions.ts';
import { packSmall, sha256 } from '../testing/publish_small.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { verifyVersion } from './tasks.ts';

let server: TestServer;
let admin: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.createAccount('admin');
});
afterAll(() => server.stop());

async function publish(slug: string, version: string, text: string, activate = true): Promise<string> {
  await server.client.post('/api/products', { as: admin.apiKey, json: { slug, name: slug } });
  const { pack, manifest } = packSmall({ 'a.txt': text });
  await server.client.put(`/api/blob/${admin.orgId}/packs/pack-${sha256(pack)}`, { as: admin.apiKey, body: pack });
  const hash = productHash(manifest.files);
  const json = { vendorId: admin.orgId, productId: slug, version, productHash: hash, manifest, activate };
  return (await server.client.post('/api/manifest', { as: admin.apiKey, json })).json.id;
}
const verify = (productId: string, versionId: string, blobs = server.deps.blobs, signal?: AbortSignal) =>
  verifyVersion({ ...server.deps, blobs }, { organisationId: admin.orgId, productId, versionId }, signal);
const act = (slug: string, id: string, action: string) =>
  server.client.post(`/api/products/${slug}/versions/${id}/${action}`, { as: admin.apiKey });
const shown = async (slug: string, id: string) =>
  (await server.client.get(`/api/products/${slug}/versions/${id}`, { as: admin.apiKey })).json;
const product = async (slug: string) => {
  const { status, active_version_id } = await server.deps.db
    .selectFrom('products')
    .selectAll()
    .where('organisation_id', '=', admin.orgId)
    .where('id', '=', slug)
    .executeTakeFirstOrThrow();
  return { status, active: active_version_id };
};
const activated = async (id: string) => {
  const rows = await server.deps.db.selectFrom('events').select('data').where('type', '=', 'version.ready').execute();
  return rows
    .map(({ data }) => data as { version_id: string; activated: boolean })
    .find((data) => data.version_id === id)?.activated;
};

describe('a version that is ready at last', () => {
  it('leaves an archived product in the archive', async () => {
    const id = await publish('archived', '1', 'a');
    await server.client.post('/api/products/archived/archive', { as: admin.apiKey });
    await verify('archived', id);
    expect(await product('archived')).toEqual({ status: 'archived', active: null });
    expect([(await shown('archived', id)).status, await activated(id)]).toEqual(['ready', false]);
  });

  it('does not replace one that was published later', async () => {
    const [older, newer] = [await publish('order', '1', 'a'), await publish('order', '2', 'b')];
    await verify('order', newer);
    await verify('order', older);
    expect((await product('order')).active).toBe(newer);
    expect([await activated(newer), await activated(older)]).toEqual([true, false]);
  });

  it('does not replace an older one that was activated by hand meanwhile', async () => {
    const old = await publish('by-hand', '1', 'a', false);
    await verify('by-hand', old);
    const late = await publish('by-hand', '2', 'b');
    await act('by-hand', old, 'activate');
    await verify('by-hand', late);
    expect((await product('by-hand')).active).toBe(old);
  });

  it('replaces a newer one where its own activation was asked for last', async () => {
    const first = await publish('asked', '1', 'a', false);
    const second = await publish('asked', '2', 'b');
    expect(await publish('asked', '1', 'a')).toBe(first);
    await verify('asked', second);
    await verify('asked', first);
    expect((await product('asked')).active).toBe(first);
  });

  it('is served where the one that was asked for later was yanked', async () => {
    const [older, newer] = [await publish('yanked', '1', 'a'), await publish('yanked', '2', 'b')];
    await verify('yanked', newer);
    await act('yanked', newer, 'yank');
    await verify('yanked', older);
    expect((await product('yanked')).active).toBe(older);
  });
});

it('a late verification of replaced content leaves the index of the new content alone', async () => {
  const id = await publish('late', '1', 'old content');
  let reached = () => undefined as void;
  let proceed = () => undefined as void;
  const reading = new Promise<void>((resolve) => (reached = resolve));
  const free = new Promise<void>((resolve) => (proceed = resolve));
  const slow: BlobStore = {
    ...server.deps.blobs,
    async size(key) {
      reached();
      await free;
      return server.deps.blobs.size(key);
    },
  };
  const late = verify('late', id, slow);
  await reading;
  await server.deps.db.updateTable('versions').set({ status: 'failed' }).where('id', '=', id).execute();
  expect(await publish('late', '1', 'the new content, which is longer')).toBe(id);
  await verify('late', id);
  const index = await server.deps.blobs.readBuffer(archiveKey(id));
  proceed();
  await late;
  expect((await server.deps.blobs.readBuffer(archiveKey(id))).equals(index)).toBe(true);
});

it('a verification that is told to stop concludes nothing', async () => {
  const id = await publish('stopped', '1', 'a');
  await expect(verify('stopped', id, server.deps.blobs, AbortSignal.abort())).rejects.toThrow('aborted');
  expect((await shown('stopped', id)).status).toBe('processing');
  await verify('stopped', id, server.deps.blobs, new AbortController().signal);
  expect((await shown('stopped', id)).status).toBe('ready');
});

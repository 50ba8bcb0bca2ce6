import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyToPath, packKey } from '../blobs/keys.ts';
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

async function publish(slug: string, files: Record<string, string>, activate = false) {
  await server.client.post('/api/products', { as: admin.apiKey, json: { slug, name: slug } });
  const { pack, manifest } = packSmall(files);
  const hash = sha256(pack);
  await server.client.put(`/api/blob/${admin.orgId}/packs/pack-${hash}`, { as: admin.apiKey, body: pack });
  const body = {
    vendorId: admin.orgId,
    productId: slug,
    version: '1.0.0',
    productHash: productHash(manifest.files),
    manifest,
    activate,
  };
  const answer = await server.client.post('/api/manifest', { as: admin.apiKey, json: body });
  const path = join(server.deps.config.dataDir, 'blobs', keyToPath(packKey(admin.orgId, hash)));
  return { id: answer.json.id as string, answer, pack, hash, path, body };
}

const verify = (productId: string, versionId: string) =>
  verifyVersion(server.deps, { organisationId: admin.orgId, productId, versionId });
const version = async (slug: string, id: string) =>
  (await server.client.get(`/api/products/${slug}/versions/${id}`, { as: admin.apiKey })).json;
const act = (slug: string, id: string, action: string) =>
  server.client.post(`/api/products/${slug}/versions/${id}/${action}`, { as: admin.apiKey });

describe('a version that is still being verified', () => {
  it('can be seen, but not activated, yanked or minted', async () => {
    const { id, answer } = await publish('waiting', { 'a.txt': 'waiting' });
    expect([answer.status, answer.headers['location']]).toEqual([
      201,
      `${server.url}/api/products/waiting/versions/${id}`,
    ]);
    expect(answer.json).toMatchObject({ status: 'processing', active: false, size: 7, fileCount: 1 });
    expect('archiveSize' in answer.json || 'readyAt' in answer.json).toBe(false);
    for (const action of ['activate', 'yank']) {
      const { status, headers, json } = await act('waiting', id, action);
      expect([status, json]).toEqual([409, { error: { versionId: ['resource_temporary_unavailable'] } }]);
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    }
    const minting = await server.client.post('/api/generate-download-url', {
      as: admin.apiKey,
      json: { productId: 'waiting', version: '1.0.0' },
    });
    expect([minting.status, minting.json]).toEqual([404, { error: { version: ['not_found'] } }]);
  });

  it('activates itself when it is ready, where the manifest asked for it', async () => {
    const { id } = await publish('eager', { 'a.txt': 'eager' }, true);
    expect((await version('eager', id)).active).toBe(false);
    await verify('eager', id);
    expect(await version('eager', id)).toMatchObject({ status: 'ready', active: true });
    const { json } = await server.client.get('/api/products/eager', { as: admin.apiKey });
    expect(json.product.status).toBe('published');
  });

  it('activates itself also where a repeated manifest asks for it later', async () => {
    const { id, body } = await publish('later', { 'a.txt': 'later' });
    const again = await server.client.post('/api/manifest', { as: admin.apiKey, json: { ...body, activate: true } });
    expect([again.status, again.json.id]).toEqual([200, id]);
    await verify('later', id);
    expect((await version('later', id)).active).toBe(true);
  });

  it('does not activate itself otherwise', async () => {
    const { id } = await publish('patient', { 'a.txt': 'patient' });
    await verify('patient', id);
    expect(await version('patient', id)).toMatchObject({ status: 'ready', active: false });
  });

  it('comes to one end when it is verified by two workers at once, and by a third later', async () => {
    const { id } = await publish('twice', { 'a.txt': 'twice' }, true);
    await Promise.all([verify('twice', id), verify('twice', id)]);
    const before = await version('twice', id);
    await verify('twice', id);
    expect(await version('twice', id)).toEqual(before);
    const rows = await server.deps.db.selectFrom('events').select(['type', 'data']).execute();
    const types = rows
      .filter(({ data }) => (data as { version_id?: string }).version_id === id)
      .map(({ type }) => type)
      .sort();
    expect(types).toEqual(['version.activated', 'version.created', 'version.ready']);
  });
});

describe('a version whose packs were spoilt meanwhile', () => {
  async function failing(slug: string, spoil: (path: string, pack: Buffer) => Promise<void>) {
    const made = await publish(slug, { 'a.txt': `first ${slug}`, 'b.txt': 'second' }, true);
    await spoil(made.path, made.pack);
    await verify(slug, made.id);
    return { ...made, shown: await version(slug, made.id) };
  }

  it('fails where bytes differ, naming the file, and is never served', async () => {
    const { id, shown } = await failing('changed', async (path, pack) => {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, Buffer.from(pack.toString().replace('first', 'worst')));
    });
    expect(shown).toMatchObject({
      status: 'failed',
      active: false,
      failures: [{ path: 'a.txt', code: 'hash_mismatch' }],
    });
    expect('archiveSize' in shown || 'readyAt' in shown).toBe(false);
    for (const action of ['activate', 'yank']) {
      const { status, json } = await act('changed', id, action);
      expect([status, json]).toEqual([409, { error: { versionId: ['conflict'] } }]);
    }
    const minting = await server.client.post('/api/generate-download-url', {
      as: admin.apiKey,
      json: { productId: 'changed', version: '1.0.0' },
    });
    expect([minting.status, minting.json]).toEqual([404, { error: { version: ['not_found'] } }]);
    expect((await server.client.get('/api/products/changed', { as: admin.apiKey })).json.product.status).toBe('draft');
  });

  it('fails where a pack is gone', async () => {
    const { shown, hash } = await failing('gone', (path) => rm(path));
    expect(shown.status).toBe('failed');
    expect(shown.failures).toEqual([{ code: 'pack_missing', pack: hash }]);
  });

  it('fails where a pack is cut', async () => {
    const { shown, hash } = await failing('cut', (path, pack) => writeFile(path, pack.subarray(1)));
    expect(shown.failures).toEqual([{ code: 'pack_size_mismatch', pack: hash }]);
  });

  it('takes the same content again once its pack is whole', async () => {
    const { id, hash, pack, body } = await failing('healed', (path) => rm(path));
    await server.client.put(`/api/blob/${admin.orgId}/packs/pack-${hash}`, { as: admin.apiKey, body: pack });
    const again = await server.client.post('/api/manifest', { as: admin.apiKey, json: body });
    expect([again.status, again.json.id, again.json.status, again.json.failures]).toEqual([
      201,
      id,
      'processing',
      undefined,
    ]);
    await verify('healed', id);
    expect(await version('healed', id)).toMatchObject({ status: 'ready', active: true });
  });

  it('takes other content under the same number and forgets the old packs', async () => {
    const { id, hash } = await failing('replaced', (path) => rm(path));
    const other = await publish('replaced', { 'c.txt': 'third' }, true);
    expect([other.answer.status, other.id]).toEqual([201, id]);
    await verify('replaced', id);
    expect(await version('replaced', id)).toMatchObject({ status: 'ready', fileCount: 1, size: 5 });
    const rows = await server.deps.db
      .selectFrom('version_packs')
      .select('sha256')
      .where('version_id', '=', id)
      .execute();
    expect(rows.map(({ sha256 }) => sha256.toString('hex'))).toEqual([other.hash]);
    expect(other.hash).not.toBe(hash);
  });

  it('a verification of replaced content concludes nothing', async () => {
    const made = await publish('overtaken', { 'a.txt': 'old' });
    const blobs = {
      ...server.deps.blobs,
      readBuffer: async (...parameters: Parameters<typeof server.deps.blobs.readBuffer>) => {
        const bytes = await server.deps.blobs.readBuffer(...parameters);
        await server.deps.db
          .updateTable('versions')
          .set({ manifest_sha256: Buffer.alloc(32, 1) })
          .where('id', '=', made.id)
          .execute();
        return bytes;
      },
    };
    await verifyVersion(
      { ...server.deps, blobs },
      { organisationId: admin.orgId, productId: 'overtaken', versionId: made.id },
    );
    expect((await version('overtaken', made.id)).status).toBe('processing');
  });
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { bytesOf } from '../blobs/bytes.ts';
import { manifestKey } from '../blobs/keys.ts';
import type { BlobStore } from '../blobs/store.ts';
import type { NewAccount } from '../organisations/actions.ts';
import { packSmall, sha256 } from '../testing/publish_small.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { productHash } from './product_hash.ts';
import { sweepManifests } from './sweep.ts';

let server: TestServer;
let own: NewAccount;
let onPut: (key: string) => Promise<unknown> = async () => undefined;
beforeAll(async () => {
  server = await startTestServer({
    deps: (real) => {
      const put: BlobStore['put'] = async (key, ...rest) => {
        const stored = await real.blobs.put(key, ...rest);
        await onPut(key);
        return stored;
      };
      return { ...real, blobs: { ...real.blobs, put } };
    },
  });
  own = await server.createAccount('member');
});
afterAll(() => server.stop());

const keys = async () => {
  const found: string[] = [];
  for await (const { key } of server.deps.blobs.list('manifests/')) found.push(key);
  return found;
};
const sweep = () => sweepManifests(server.deps.db, server.deps.blobs);
const put = (organisationId: string, text: string) =>
  server.deps.blobs.put(manifestKey(organisationId, sha256(text)), bytesOf(Buffer.from(text)), { maxSize: 100 });

async function body(slug: string) {
  await server.client.post('/api/products', { as: own.apiKey, json: { slug, name: slug } });
  const { pack, manifest } = packSmall({ 'a.txt': slug });
  await server.client.put(`/api/blob/${own.orgId}/packs/pack-${sha256(pack)}`, { as: own.apiKey, body: pack });
  const hash = productHash(manifest.files);
  return { vendorId: own.orgId, productId: slug, version: '1', productHash: hash, manifest, activate: false };
}
const send = (json: object) => server.client.post('/api/manifest', { as: own.apiKey, json });

it('erases manifests that no version names, and keeps those that one names', async () => {
  await server.publishSmall(own);
  const before = await keys();
  await put(own.orgId, '{}');
  expect(await sweep()).toEqual({ erased: 1, skipped: false });
  expect(await keys()).toEqual(before);
});

it('keeps what belongs to an organisation that this database does not know', async () => {
  await put('elsewhere', '{}');
  expect((await sweep()).erased).toBe(0);
  await server.deps.blobs.delete(manifestKey('elsewhere', sha256('{}')));
});

it('keeps the manifest of a call that has stored it and not yet recorded its version', async () => {
  const swept: object[] = [];
  const json = await body('running');
  onPut = async (key) => key.startsWith('manifests/') && swept.push(await sweep());
  const { status, json: version } = await send(json);
  onPut = async () => undefined;
  expect([status, swept]).toEqual([201, [{ erased: 0, skipped: true }]]);
  const path = `/api/products/running/versions/${version.id}/manifest`;
  expect((await server.client.get(path, { as: own.apiKey })).status).toBe(200);
});

it.each([
  ['another’s vendor id', { vendorId: 'somebody-else' }, 404],
  ['a product that is not there', { productId: 'nowhere' }, 404],
  ['packs that are not there', packSmall({ 'a.txt': 'never uploaded' }), 409],
])('a call with %s stores no manifest', async (_name, change, status) => {
  const before = await keys();
  const json = { ...(await body('refused')), ...('manifest' in change ? { manifest: change.manifest } : change) };
  expect((await send({ ...json, productHash: productHash(json.manifest.files) })).status).toBe(status);
  expect(await keys()).toEqual(before);
});

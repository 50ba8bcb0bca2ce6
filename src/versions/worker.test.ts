import { expect, it } from 'vitest';
import { productHash } from '../manifests/product_hash.ts';
import { packSmall, sha256 } from '../testing/publish_small.ts';
import { startTestServer } from '../testing/server.ts';

it('a worker beside the server verifies and activates what was published', async () => {
  const server = await startTestServer({ worker: true });
  const { apiKey, orgId } = await server.createAccount('member');
  await server.client.post('/api/products', { as: apiKey, json: { slug: 'drums', name: 'Drums' } });
  const { pack, manifest } = packSmall();
  await server.client.put(`/api/blob/${orgId}/packs/pack-${sha256(pack)}`, { as: apiKey, body: pack });
  const json = {
    vendorId: orgId,
    productId: 'drums',
    version: '1',
    productHash: productHash(manifest.files),
    manifest,
    activate: true,
  };
  const { id } = (await server.client.post('/api/manifest', { as: apiKey, json })).json;
  const shown = async () => (await server.client.get(`/api/products/drums/versions/${id}`, { as: apiKey })).json;
  await expect.poll(shown, { timeout: 15_000, interval: 20 }).toMatchObject({ status: 'ready', active: true });
  await server.stop();
});

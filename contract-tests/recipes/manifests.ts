import { productHash } from '../../src/manifests/product_hash.ts';
import { packSmall } from '../../src/testing/publish_small.ts';
import { freshProduct, type Tenant, type World } from '../world.ts';
import type { Recipes } from './plan.ts';

const manifestFor = async (world: World, tenant: Tenant) => ({
  ...tenant.base.manifest,
  productId: await freshProduct(world, tenant),
});

/** Content of which the server has no pack. */
function unknownContent() {
  const { manifest } = packSmall({ 'other.txt': 'Nobody uploaded this.\n' });
  return { manifest, productHash: productHash(manifest.files) };
}

export const manifests: Recipes = {
  happy: {
    createManifest: async (world, tenant) => ({ json: await manifestFor(world, tenant) }),
  },
  special: {
    'createManifest 200': ({ world }) => ({ json: { ...world.main.base.manifest } }),
    'createManifest 400 invalid_format': async ({ world }) => ({
      json: { ...(await manifestFor(world, world.main)), productHash: '0'.repeat(64) },
    }),
    'createManifest 409 already_exists': async ({ world }) => {
      const { main, server } = world;
      const { pack, manifest } = packSmall({ 'other.txt': 'Other content under the same number.\n' });
      const [{ sha256 } = { sha256: '' }] = manifest.packs;
      await server.client.put(`/api/blob/${main.orgId}/packs/pack-${sha256}`, { as: main.member.apiKey, body: pack });
      return { json: { ...main.base.manifest, manifest, productHash: productHash(manifest.files) } };
    },
    'createManifest 409 conflict': async ({ world }) => ({
      json: { ...(await manifestFor(world, world.main)), ...unknownContent() },
    }),
  },
};

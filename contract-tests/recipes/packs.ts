import { sha256 } from '../../src/testing/publish_small.ts';
import { unique } from '../world.ts';
import type { Recipes } from './plan.ts';

export const packs: Recipes = {
  happy: {
    checkPacks: (_world, { orgId, base }) => ({ json: { vendorId: orgId, packHashes: [base.pack.sha256] } }),
    uploadPack: (_world, { orgId }) => {
      const body = Buffer.from(`\u0000${unique('pack')}`);
      return { params: { vendorId: orgId, sha256: sha256(body) }, body };
    },
  },
  special: {
    'uploadPack 400 is_blank': async ({ world, happy }) => ({ ...(await happy(world.main)), body: Buffer.alloc(0) }),
    'uploadPack 400 invalid_format': async ({ world, happy }) => ({
      ...(await happy(world.main)),
      body: Buffer.from('other bytes than the hash says'),
    }),
  },
};

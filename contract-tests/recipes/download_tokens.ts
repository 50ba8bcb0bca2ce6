import { freshToken } from '../world.ts';
import type { Happy, Recipes } from './plan.ts';

const onToken: Happy = async (world, tenant) => ({ params: { tokenId: (await freshToken(world, tenant)).tokenId } });

export const downloadTokens: Recipes = {
  happy: {
    generateDownloadUrl: (_world, { base }) => ({ json: { productId: base.product, version: base.version } }),
    getDownloadToken: onToken,
    revokeDownloadToken: onToken,
  },
};

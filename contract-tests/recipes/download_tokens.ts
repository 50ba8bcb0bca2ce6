import { inTransaction } from '../../src/db/transaction.ts';
import { ensurePurchase } from '../../src/purchases/queries.ts';
import { freshToken, unique } from '../world.ts';
import type { Happy, Recipes } from './plan.ts';

const onToken: Happy = async (world, tenant) => ({ params: { tokenId: (await freshToken(world, tenant)).tokenId } });

export const downloadTokens: Recipes = {
  happy: {
    generateDownloadUrl: (_world, { base }) => ({ json: { productId: base.product, version: base.version } }),
    getDownloadToken: onToken,
    revokeDownloadToken: onToken,
  },
  special: {
    'generateDownloadUrl 409 conflict': async ({ world, happy }) => {
      const { orgId, base } = world.main;
      const order = { id: world.deps.ids.next(), productId: base.product, orderId: unique('order') };
      await inTransaction(world.deps.db, (tx) =>
        ensurePurchase(tx, orgId, { ...order, customerEmail: 'somebody.else@example.com' }),
      );
      const { json } = await happy(world.main);
      return { json: { ...json, orderId: order.orderId, customerEmail: 'customer@example.com' } };
    },
  },
};

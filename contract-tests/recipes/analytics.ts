import { freshSession, freshToken } from '../world.ts';
import type { Recipes } from './plan.ts';

export const analytics: Recipes = {
  happy: {
    async getDownloadAnalytics(world, tenant) {
      const token = await freshToken(world, tenant);
      await freshSession(world, tenant, token);
      return { query: { productId: token.productId, groupBy: 'week' } };
    },
  },
};

import { freshSession, freshToken } from '../world.ts';
import type { Recipes } from './plan.ts';

export const reports: Recipes = {
  happy: {
    async getDownloadReport(world, tenant) {
      const token = await freshToken(world, tenant);
      await freshSession(world, tenant, token);
      return { query: { productId: token.productId, status: 'started', limit: '10' } };
    },
  },
};

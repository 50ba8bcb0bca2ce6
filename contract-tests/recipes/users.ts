import { createAccount } from '../../src/testing/accounts.ts';
import type { Recipes } from './plan.ts';

export const users: Recipes = {
  happy: {
    // The key that asks is dead afterwards, so it belongs to somebody whom nothing else needs.
    refreshApiKey: async ({ deps }, { orgId }) => ({
      key: (await createAccount(deps, 'member', { org: orgId })).apiKey,
    }),
  },
};

import { createAccount } from '../../src/testing/accounts.ts';
import type { Happy, Recipe, Recipes } from './plan.ts';

/** Somebody whom nothing else needs. */
const onColleague: Happy = async ({ deps }, { orgId }) => ({
  params: { user_id: (await createAccount(deps, 'member', { org: orgId })).userId },
});

/** An owner who is alone, and asks it of themselves. */
const onLastOwner: Recipe = async ({ world, happy }) => {
  const { userId, apiKey } = await createAccount(world.deps, 'owner');
  return { ...(await happy(world.main)), params: { user_id: userId }, key: apiKey };
};

export const users: Recipes = {
  happy: {
    // The key that asks is dead afterwards.
    refreshApiKey: async ({ deps }, { orgId }) => ({
      key: (await createAccount(deps, 'member', { org: orgId })).apiKey,
    }),
    updateUser: async (world, tenant) => ({ ...(await onColleague(world, tenant)), json: { role: 'admin' } }),
    deleteUser: onColleague,
    updateNotifications: () => ({ json: { builds: 'failures' } }),
  },
  special: {
    'updateUser 409 conflict': async (current) => ({ ...(await onLastOwner(current)), json: { role: 'member' } }),
    'deleteUser 409 conflict': onLastOwner,
  },
};

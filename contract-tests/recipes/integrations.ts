import { setSecret } from '../../src/integrations/actions.ts';
import { listSecretRows } from '../../src/integrations/queries.ts';
import { type Tenant, unique, type World } from '../world.ts';
import type { Recipe, Recipes } from './plan.ts';

async function withSecret({ deps }: World, { orgId, admin }: Tenant): Promise<void> {
  const actor = { organisationId: orgId, userId: admin.userId };
  await setSecret(deps.db, deps, actor, 'stripe', unique('whsec'));
}

const noVendor: Recipe = async ({ world, happy }) => ({ ...(await happy(world.main)), params: { vendor: 'paypal' } });

export const integrations: Recipes = {
  happy: {
    listIntegrations: async (world, tenant) => {
      await withSecret(world, tenant);
      return {};
    },
    updateIntegration: () => ({ params: { vendor: 'stripe' }, json: { secret: unique('whsec') } }),
    deleteIntegration: async (world, tenant) => {
      await withSecret(world, tenant);
      return { params: { vendor: 'stripe' } };
    },
    deleteIntegrationSecret: async (world, tenant) => {
      await withSecret(world, tenant);
      const [newest] = await listSecretRows(world.deps.db, tenant.orgId);
      return { params: { vendor: 'stripe', secretId: newest?.id ?? '' } };
    },
  },
  special: {
    'updateIntegration 400 is_blank': () => ({ params: { vendor: 'stripe' }, json: {} }),
    'updateIntegration 404': noVendor,
    'deleteIntegration 404': noVendor,
  },
};

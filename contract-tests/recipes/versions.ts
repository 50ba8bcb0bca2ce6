import { freshVersion, type Tenant, type World } from '../world.ts';
import type { Plan, Recipe, Recipes } from './plan.ts';

const onVersion = async (world: World, tenant: Tenant, status = 'ready'): Promise<Plan> => {
  const { productId, versionId } = await freshVersion(world, tenant, status);
  return { params: { productId, versionId } };
};

const inState =
  (status: string): Recipe =>
  ({ world }) =>
    onVersion(world, world.main, status);

export const versions: Recipes = {
  happy: {
    listVersions: (_world, { base }) => ({ params: { productId: base.product } }),
    getVersion: onVersion,
    getVersionManifest: onVersion,
    activateVersion: onVersion,
    yankVersion: onVersion,
    announceVersion: onVersion,
  },
  special: {
    'activateVersion 409 resource_temporary_unavailable': inState('processing'),
    'activateVersion 409 conflict': inState('yanked'),
    'announceVersion 409 resource_temporary_unavailable': inState('processing'),
    'announceVersion 409 conflict': inState('yanked'),
    'yankVersion 409 resource_temporary_unavailable': inState('processing'),
    'yankVersion 409 conflict': inState('failed'),
  },
};

import { mapItem } from '../../src/external_mappings/actions.ts';
import { type Tenant, unique, type World } from '../world.ts';
import type { Happy, Recipe, Recipes } from './plan.ts';

async function freshMapping({ deps }: World, { orgId, admin, base }: Tenant) {
  const actor = { organisationId: orgId, userId: admin.userId };
  return mapItem(deps.db, deps, actor, base.product, { vendor: 'fastspring', externalId: unique('item') });
}

const onMapping: Happy = async (world, tenant) => ({
  params: { productId: tenant.base.product, mappingId: (await freshMapping(world, tenant)).id },
});

const taken: Recipe = async ({ world, happy }) => {
  const { external_id } = await freshMapping(world, world.main);
  return { ...(await happy(world.main)), json: { vendor: 'fastspring', externalId: external_id } };
};

export const externalMappings: Recipes = {
  happy: {
    listExternalMappings: async (world, tenant) => {
      await freshMapping(world, tenant);
      return { params: { productId: tenant.base.product } };
    },
    createExternalMapping: (_world, { base }) => ({
      params: { productId: base.product },
      json: { vendor: 'fastspring', externalId: unique('item') },
    }),
    getExternalMapping: onMapping,
    updateExternalMapping: async (world, tenant) => ({
      ...(await onMapping(world, tenant)),
      json: { externalId: unique('item') },
    }),
    deleteExternalMapping: onMapping,
  },
  special: {
    'createExternalMapping 409 already_exists': taken,
    'updateExternalMapping 409 already_exists': taken,
    'updateExternalMapping 400 is_blank': async ({ world, happy }) => ({
      ...(await happy(world.main)),
      json: { externalId: '' },
    }),
  },
};

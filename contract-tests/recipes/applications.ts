import { register } from '../../src/applications/actions.ts';
import { type Tenant, unique, type World } from '../world.ts';
import type { Happy, Recipes } from './plan.ts';

const OUT_OF_BAND = 'urn:ietf:wg:oauth:2.0:oob';

async function freshApplication({ deps }: World, { admin, orgId }: Tenant, confidential = true): Promise<string> {
  const actor = { organisationId: orgId, userId: admin.userId };
  const fields = { name: unique('application'), confidential, redirect_uris: [OUT_OF_BAND] };
  return (await register(deps.db, deps, actor, fields)).row.id;
}

const onApplication: Happy = async (world, tenant) => ({
  params: { application_id: await freshApplication(world, tenant) },
});

export const applications: Recipes = {
  happy: {
    createApplication: () => ({ json: { name: unique('application'), redirect_uris: [OUT_OF_BAND] } }),
    getApplication: onApplication,
    updateApplication: async (world, tenant) => ({
      ...(await onApplication(world, tenant)),
      json: { redirect_uris: ['https://app.example.com/oauth_redirect'] },
    }),
    deleteApplication: onApplication,
    rotateApplicationSecret: onApplication,
  },
  special: {
    'updateApplication 403 is_blank': async ({ world, happy }) => ({
      ...(await happy(world.main)),
      json: { name: '' },
    }),
    'rotateApplicationSecret 409 conflict': async ({ world }) => ({
      params: { application_id: await freshApplication(world, world.main, false) },
    }),
  },
};

import { cancelRequest } from '../../src/build_requests/actions.ts';
import { addCollaborator } from '../../src/testing/projects.ts';
import { type Tenant, unique, type World } from '../world.ts';
import { buildableProject, type FreshRequest, freshPublish, freshRequest } from './leases.ts';
import type { Happy, Recipe, Recipes } from './plan.ts';

const onRequest: Happy = async (world, tenant) => ({
  params: { build_request_id: (await freshRequest(world, tenant)).id },
});

/** A request that has ended, and has still something to publish. */
async function endedRequest(world: World, tenant: Tenant): Promise<FreshRequest> {
  const request = await freshRequest(world, tenant);
  const target = { organisationId: tenant.orgId, projectId: request.projectId };
  await cancelRequest(world.deps.db, world.deps, target, request.id, tenant.member.userId);
  return request;
}

/** Ended otherwise than by being cancelled. */
const processed: Recipe = async ({ world }) => {
  const { id } = await endedRequest(world, world.main);
  await world.deps.db.updateTable('build_requests').set({ result: 'failed' }).where('id', '=', id).execute();
  return { params: { build_request_id: id } };
};

const byCollaborator: Recipe = async ({ world }) => {
  const { foreign, main, deps } = world;
  const { id, projectId } = await endedRequest(world, foreign);
  const project = { id: projectId, organisation_id: foreign.orgId };
  await addCollaborator(deps, project, { email: main.member.email, user: main.member.userId });
  return { params: { build_request_id: id }, key: main.member.apiKey };
};

/** The key was used to retry another one. */
const keyReused: Recipe = async ({ world, happy }) => {
  const headers = { 'Idempotency-Key': unique('key') };
  const { id } = await endedRequest(world, world.main);
  await world.server.client.post(`/build_requests/${id}/retry`, { as: world.main.member.apiKey, headers });
  return { ...(await happy(world.main)), headers };
};

export const buildRequests: Recipes = {
  happy: {
    listBuildRequests: async (world, tenant) => ({
      params: { project_id: (await freshRequest(world, tenant)).projectId },
    }),
    createBuildRequest: async (world, tenant) => ({
      params: { project_id: await buildableProject(world, tenant) },
      json: { ref: 'main', publish: await freshPublish(world, tenant) },
    }),
    getBuildRequest: onRequest,
    cancelBuildRequest: onRequest,
    retryBuildRequest: async (world, tenant) => ({
      params: { build_request_id: (await endedRequest(world, tenant)).id },
    }),
  },
  special: {
    'createBuildRequest 403 already_exists': async ({ world, happy }) => {
      const { base } = world.main;
      return {
        ...(await happy(world.main)),
        json: { ref: 'main', publish: { product_id: base.product, version: base.version } },
      };
    },
    'cancelBuildRequest 409 conflict': processed,
    'retryBuildRequest 409 conflict': async ({ world }) => onRequest(world, world.main),
    'retryBuildRequest 409 idempotency_key_reused': keyReused,
    'retryBuildRequest 403 invalid_format': async ({ world, happy }) => ({
      ...(await happy(world.main)),
      headers: { 'Idempotency-Key': 'x'.repeat(256) },
    }),
    'retryBuildRequest 403 insufficient_role': byCollaborator,
  },
};

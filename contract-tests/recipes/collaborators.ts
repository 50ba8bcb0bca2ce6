import { createAccount } from '../../src/testing/accounts.ts';
import { addCollaborator, createTestProject } from '../../src/testing/projects.ts';
import { type Tenant, unique, type World } from '../world.ts';
import type { Happy, Plan, Recipes } from './plan.ts';
import { freshProject } from './projects.ts';

const onCollaborator: Happy = async (world, tenant) => {
  const project_id = await freshProject(world, tenant);
  const project = { id: project_id, organisation_id: tenant.orgId };
  const email = `${unique('guest')}@example.com`;
  return { params: { project_id, collaborator_id: await addCollaborator(world.deps, project, { email }) } };
};

/** A user of the tenant's whom nothing else needs, invited to a project of an organisation that nobody asks about. */
async function onCollaboration(world: World, tenant: Tenant): Promise<Plan> {
  const host = tenant === world.unpaid ? world.foreign : world.unpaid;
  const { email, apiKey } = await createAccount(world.deps, 'member', { org: tenant.orgId });
  const { row } = await createTestProject(world.deps, host.owner);
  return { params: { collaborator_id: await addCollaborator(world.deps, row, { email }) }, key: apiKey };
}

export const collaborators: Recipes = {
  happy: {
    listCollaborators: async (world, tenant) => {
      const { params } = await onCollaborator(world, tenant);
      return { params: { project_id: params?.['project_id'] ?? '' } };
    },
    inviteCollaborator: async (world, tenant) => ({
      params: { project_id: await freshProject(world, tenant) },
      json: { email: `${unique('guest')}@example.com` },
    }),
    getCollaborator: onCollaborator,
    removeCollaborator: onCollaborator,
    listCollaborations: async (world, tenant) => ({ key: (await onCollaboration(world, tenant)).key ?? null }),
    acceptCollaboration: onCollaboration,
    leaveCollaboration: onCollaboration,
  },
  special: {
    'inviteCollaborator 403 already_exists': async ({ world, happy }) => ({
      ...(await happy(world.main)),
      json: { email: world.main.member.email },
    }),
    // Of the organisation that owns the project.
    'acceptCollaboration 409 conflict': async ({ world }) => {
      const { email, apiKey } = await createAccount(world.deps, 'member', { org: world.main.orgId });
      const { row } = await createTestProject(world.deps, world.main.owner);
      return { params: { collaborator_id: await addCollaborator(world.deps, row, { email }) }, key: apiKey };
    },
  },
};

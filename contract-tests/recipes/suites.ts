import { createTestSuite } from '../../src/testing/projects.ts';
import { type Tenant, unique, type World } from '../world.ts';
import type { Happy, Recipe, Recipes } from './plan.ts';
import { freshProject } from './projects.ts';

/** In a project of its own, with a secret. */
const onSuite: Happy = async (world, tenant) => {
  const project_id = await freshProject(world, tenant);
  return { params: { project_id, suite_id: await freshSuite(world, tenant, project_id) } };
};

async function freshSuite({ deps }: World, { owner }: Tenant, projectId: string): Promise<string> {
  const { id } = await createTestSuite(deps, owner, projectId, { name: unique('suite') });
  const sealed = Buffer.from('fixture');
  await deps.db.insertInto('suite_secrets').values({ suite_id: id, name: 'NPM_TOKEN', sealed }).execute();
  return id;
}

const onSecret: Happy = async (world, tenant) => {
  const { params } = await onSuite(world, tenant);
  return { params: { ...params, name: 'NPM_TOKEN' } };
};

const TAKEN = 'Taken';

/** The name is that of another suite of the project. */
const nameTaken: Recipe = async ({ world, happy }) => {
  const plan = await happy(world.main);
  await createTestSuite(world.deps, world.main.owner, plan.params?.['project_id'] ?? '', { name: TAKEN });
  return { ...plan, json: { ...plan.json, name: TAKEN } };
};

export const suites: Recipes = {
  happy: {
    listSuites: async (world, tenant) => {
      const { params } = await onSuite(world, tenant);
      return { params: { project_id: params?.['project_id'] ?? '' } };
    },
    createSuite: async (world, tenant) => ({
      params: { project_id: await freshProject(world, tenant) },
      json: { name: unique('suite'), command: 'npm test', environment: { NODE_ENV: 'test' } },
    }),
    getSuite: onSuite,
    updateSuite: async (world, tenant) => ({ ...(await onSuite(world, tenant)), json: { command: 'npm test' } }),
    deleteSuite: onSuite,
    setSuiteSecret: async (world, tenant) => ({
      ...(await onSecret(world, tenant)),
      json: { value: unique('secret') },
    }),
    deleteSuiteSecret: onSecret,
  },
  special: {
    'createSuite 403 already_exists': nameTaken,
    'updateSuite 403 already_exists': nameTaken,
    'updateSuite 403 is_blank': async ({ world, happy }) => ({ ...(await happy(world.main)), json: { name: '' } }),
  },
};

import { createTestProject } from '../../src/testing/projects.ts';
import { type Tenant, unique, type World } from '../world.ts';
import type { Happy, Recipes } from './plan.ts';

export async function freshProject({ deps }: World, { owner }: Tenant): Promise<string> {
  return (await createTestProject(deps, owner, { name: unique('project') })).row.id;
}

const onProject: Happy = async (world, tenant) => ({ params: { project_id: await freshProject(world, tenant) } });

export const projects: Recipes = {
  happy: {
    createProject: () => {
      const name = unique('project');
      return { json: { name, repository_url: `git@git.example.com:team/${name}.git` } };
    },
    listProjects: async (world, tenant) => {
      await freshProject(world, tenant);
      return {};
    },
    getProject: onProject,
    updateProject: async (world, tenant) => ({ ...(await onProject(world, tenant)), json: { branches: ['main'] } }),
    deleteProject: onProject,
    refreshHookSecret: onProject,
  },
  special: {
    'updateProject 403 is_blank': async ({ world, happy }) => ({ ...(await happy(world.main)), json: { name: '' } }),
  },
};

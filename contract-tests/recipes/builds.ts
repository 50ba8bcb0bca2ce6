import { onTask } from './leases.ts';
import type { Tenant, World } from '../world.ts';
import type { Happy, Recipes } from './plan.ts';

/** A build that a runner has begun. */
async function freshBuild(world: World, tenant: Tenant) {
  const { params } = await onTask(world, tenant, 'build');
  const build = world.deps.db
    .selectFrom('runner_tasks as t')
    .innerJoin('builds as b', 'b.id', 't.build_id')
    .innerJoin('build_requests as r', 'r.id', 'b.build_request_id')
    .select(['b.id', 'b.build_request_id', 'b.project_id', 'r.commit_id'])
    .where('t.id', '=', params?.['task_id'] ?? '');
  return build.executeTakeFirstOrThrow();
}

const onProject: Happy = async (world, tenant) => ({
  params: { project_id: (await freshBuild(world, tenant)).project_id },
});

export const builds: Recipes = {
  happy: {
    listCommits: onProject,
    getCommit: async (world, tenant) => {
      const { project_id, commit_id } = await freshBuild(world, tenant);
      return { params: { project_id, commit_id: commit_id ?? '' } };
    },
    listBuilds: async (world, tenant) => ({
      params: { build_request_id: (await freshBuild(world, tenant)).build_request_id },
    }),
    getBuild: async (world, tenant) => ({ params: { build_id: (await freshBuild(world, tenant)).id } }),
    followBuild: async (world, tenant) => {
      const { id } = await freshBuild(world, tenant);
      const bytes = Buffer.from('12 tests passed\n');
      const { db } = world.deps;
      await db.insertInto('build_log_chunks').values({ build_id: id, start: 0, bytes }).execute();
      await db.updateTable('builds').set({ log_size: bytes.length }).where('id', '=', id).execute();
      return { params: { build_id: id }, query: { follow: 'false' } };
    },
  },
};

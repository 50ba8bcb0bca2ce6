import { sql } from 'kysely';
import { createRequest } from '../../src/build_requests/actions.ts';
import type { Publish } from '../../src/build_requests/publish_check.ts';
import { resolveTask } from '../../src/builds/actions.ts';
import { insertSuite } from '../../src/testing/builds.ts';
import { registerRunner } from '../../src/runners/actions.ts';
import { freshProduct, type Tenant, unique, type World } from '../world.ts';
import type { Plan } from './plan.ts';
import { freshProject } from './projects.ts';

/** A project with one suite, whose artifact can be published. */
export async function buildableProject(world: World, tenant: Tenant): Promise<string> {
  const project = await freshProject(world, tenant);
  await insertSuite(world.deps, tenant.orgId, project, { name: unique('suite'), artifact_path: 'dist' });
  return project;
}

/** What can be published from it, to a product of its own. */
export async function freshPublish(world: World, tenant: Tenant): Promise<Publish> {
  return { product_id: await freshProduct(world, tenant), version: '1.0.0' };
}

export interface FreshRequest {
  readonly id: string;
  readonly projectId: string;
}

/** A build request that waits for its ref to be looked up, and is to be published. */
export async function freshRequest(world: World, tenant: Tenant): Promise<FreshRequest> {
  const projectId = await buildableProject(world, tenant);
  const create = { ref: 'main', publish: await freshPublish(world, tenant) };
  const target = { organisationId: tenant.orgId, projectId };
  const id = await createRequest(world.deps.db, world.deps, target, create, 'api', tenant.member.userId);
  return { id, projectId };
}

export async function freshRunner({ deps }: World, { orgId, admin }: Tenant): Promise<{ id: string; token: string }> {
  const actor = { organisationId: orgId, userId: admin.userId };
  const { row, token } = await registerRunner(deps.db, deps, actor, unique('runner'));
  return { id: row.id, token };
}

interface Leased {
  readonly taskId: string;
  readonly runnerId: string;
  readonly leaseId: string;
}

/** Leases the waiting task of this request, whatever else waits in the organisation. */
async function leaseOf({ deps }: World, requestId: string, runnerId: string): Promise<Leased> {
  const leaseId = unique('lease');
  const { rows } = await sql<{ id: string; build_id: string | null }>`update runner_tasks
    set state = 'leased', fence = 1, lease_id = ${leaseId}, runner_id = ${runnerId}, leased_at = now(),
    leased_until = now() + interval '1 hour'
    where build_request_id = ${requestId} and state = 'waiting' returning id, build_id`.execute(deps.db);
  const [task] = rows;
  if (!task) throw new Error('nothing waits');
  if (task.build_id !== null)
    await sql`update builds set state = 'building', started_at = now() where id = ${task.build_id}`.execute(deps.db);
  return { taskId: task.id, runnerId, leaseId };
}

const COMMIT = {
  ref: '5d41402abc4b2a76b9719d911017c592a1b2c3d4',
  message: 'Fixture',
  scm_author_name: 'Ada',
  scm_author_email: 'ada@example.com',
  scm_authored_date: '2026-04-01T10:00:00+02:00',
  scm_committer_name: 'Ada',
  scm_committer_email: 'ada@example.com',
  scm_committed_date: '2026-04-01T10:00:00+02:00',
};

/** A call of a runner about a task that it has leased, without what the call says. */
export async function onTask(world: World, tenant: Tenant, kind: 'resolve' | 'build'): Promise<Plan> {
  const { deps } = world;
  const { id } = await freshRequest(world, tenant);
  const runner = await freshRunner(world, tenant);
  let leased = await leaseOf(world, id, runner.id);
  if (kind === 'build') {
    const lease = { organisationId: tenant.orgId, ...leased, fence: '1' };
    await resolveTask(deps.db, deps, lease, leased.taskId, { commit: COMMIT, knownHosts: undefined });
    leased = await leaseOf(world, id, runner.id);
  }
  return {
    key: runner.token,
    params: { task_id: leased.taskId },
    headers: { 'Lease-Id': leased.leaseId, Fence: '1' },
  };
}

import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { LEASE_SECONDS, type Lessee, type TaskKind } from './hot_queries.ts';

/** Runners of an organisation that wait for work are told by a notification of its id. */
export const TASKS_CHANNEL = 'continuity_tasks';

/** Those of every organisation, for the sweeper. */
export async function listLapsed(db: Kysely<DB>): Promise<{ id: string; organisation_id: string }[]> {
  return db
    .selectFrom('runner_tasks')
    .select(['id', 'organisation_id'])
    .where('state', '=', 'leased')
    .where('leased_until', '<', sql<Date>`now()`)
    .orderBy('leased_until')
    .limit(1_000)
    .execute();
}

/** What a call about a task names: only its runner, under its latest lease, may make it. */
export interface Lease extends Lessee {
  readonly leaseId: string;
  readonly fence: string;
}

const tasks = (db: Kysely<DB>, organisationId: string, id: string) =>
  db.selectFrom('runner_tasks').selectAll().where('organisation_id', '=', organisationId).where('id', '=', id);

export function findTask(db: Kysely<DB>, organisationId: string, id: string) {
  return tasks(db, organisationId, id).executeTakeFirst();
}

export type TaskRow = NonNullable<Awaited<ReturnType<typeof findTask>>>;

/** Locks the task until the transaction ends. Its build request comes first where that is changed as well. */
export function lockTask(tx: Transaction<DB>, organisationId: string, id: string): Promise<LockedTask | undefined> {
  return tasks(tx, organisationId, id)
    .select(sql<boolean>`coalesce(leased_until < now(), false)`.as('lapsed'))
    .forUpdate()
    .executeTakeFirst();
}

/** `lapsed`: no heartbeat came in time, by the clock of the database. */
export type LockedTask = TaskRow & { readonly lapsed: boolean };

/** Seconds that a task may take beside its command: for fetching, and for uploading what was made. */
const AROUND_SECONDS = 3_600;

/**
 * The lease holds from now on, unless it is over; then undefined. A runner that hangs may go on to say that it lives, so it
 * is over as well when the time of its task is up. `cancelled`: nobody wants the work any more.
 */
export async function renewLease(
  db: Kysely<DB>,
  { organisationId, runnerId, leaseId, fence }: Lease,
  id: string,
): Promise<{ leased_until: Date; cancelled: boolean } | undefined> {
  const { rows } = await sql<{ leased_until: Date; cancelled: boolean }>`
    update runner_tasks t set leased_until = now() + make_interval(secs => ${LEASE_SECONDS})
    from build_requests r
    where t.leased_at + make_interval(secs => ${AROUND_SECONDS}
        + coalesce((select b.timeout_seconds from builds b where b.id = t.build_id), 0)) > now()
      and t.organisation_id = ${organisationId} and t.id = ${id} and t.state = 'leased' and t.runner_id = ${runnerId}
      and t.lease_id = ${leaseId} and t.fence = ${fence} and r.id = t.build_request_id
    returning t.leased_until, r.state <> 'processing' as cancelled`.execute(db);
  return rows[0];
}

interface NewTask {
  readonly id: string;
  readonly project_id: string;
  readonly kind: TaskKind;
  readonly build_request_id: string;
  readonly build_id: string | null;
}

export async function insertTask(tx: Transaction<DB>, organisationId: string, task: NewTask): Promise<void> {
  await tx
    .insertInto('runner_tasks')
    .values({ organisation_id: organisationId, state: 'waiting', ...task })
    .execute();
  await tellRunners(tx, organisationId);
}

/**
 * Takes the tasks that look at the repository of a project away from their runners, without counting it as a loss: the
 * repository is another one now.
 */
export async function restartResolving(tx: Transaction<DB>, organisationId: string, projectId: string): Promise<void> {
  await tx
    .updateTable('runner_tasks')
    .set({ ...FREE, state: 'waiting' })
    .where('organisation_id', '=', organisationId)
    .where('project_id', '=', projectId)
    .where('kind', '=', 'resolve')
    .where('state', '=', 'leased')
    .execute();
  await tellRunners(tx, organisationId);
}

/** The task waits for another runner. */
export async function requeueTask(tx: Transaction<DB>, { organisation_id, id }: TaskRow): Promise<void> {
  await tx
    .updateTable('runner_tasks')
    .set(({ eb }) => ({ ...FREE, state: 'waiting', losses: eb('losses', '+', 1) }))
    .where('organisation_id', '=', organisation_id)
    .where('id', '=', id)
    .execute();
  await tellRunners(tx, organisation_id);
}

const FREE = { runner_id: null, lease_id: null, leased_until: null };

/** Waiting runners wake when the transaction commits. */
async function tellRunners(tx: Transaction<DB>, organisationId: string): Promise<void> {
  await sql`select pg_notify(${TASKS_CHANNEL}, ${organisationId})`.execute(tx);
}

/** No call about the task succeeds from now on. */
export async function endTask(tx: Transaction<DB>, { organisation_id, id }: TaskRow): Promise<void> {
  await tx
    .updateTable('runner_tasks')
    .set({ state: 'done', leased_until: null })
    .where('organisation_id', '=', organisation_id)
    .where('id', '=', id)
    .execute();
}

/** Those of the request that wait are over. Those that a runner has are left to it: it is told at its heartbeat. */
export async function endWaitingTasks(tx: Transaction<DB>, organisationId: string, requestId: string): Promise<void> {
  await sql`with locked as (
      select id, state from runner_tasks
      where organisation_id = ${organisationId} and build_request_id = ${requestId} order by id for update)
    update runner_tasks t set state = 'done' from locked where t.id = locked.id and locked.state = 'waiting'`.execute(
    tx,
  );
}

/** Lets the leases of a runner lapse: whoever looks next gives its tasks to others. */
export async function lapseLeases(tx: Transaction<DB>, { organisationId, runnerId }: Lessee): Promise<void> {
  await sql`with locked as (
      select id from runner_tasks where organisation_id = ${organisationId} and runner_id = ${runnerId}
        and state = 'leased' order by id for update)
    update runner_tasks t set leased_until = least(t.leased_until, now() - interval '1 second')
    from locked where t.id = locked.id`.execute(tx);
  await tellRunners(tx, organisationId);
}

/** What is needed to tell whether the artifact of a build is wanted; undefined where the task is gone or no build's. */
export function findWish(db: Kysely<DB>, organisationId: string, taskId: string) {
  return db
    .selectFrom('runner_tasks as t')
    .innerJoin('build_requests as r', 'r.id', 't.build_request_id')
    .innerJoin('builds as b', 'b.id', 't.build_id')
    .select(['r.publish_product_id', 'b.artifact_path'])
    .where('t.organisation_id', '=', organisationId)
    .where('t.id', '=', taskId)
    .executeTakeFirst();
}

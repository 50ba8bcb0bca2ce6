import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Page } from '../http/pagination.ts';
import { type Caller, visibleTo } from '../projects/access.ts';
import type { Verdict } from './rules.ts';

/** A build of a project that the caller may see. */
export function findVisibleBuild(db: Kysely<DB>, caller: Omit<Caller, 'role'>, id: string) {
  return db
    .selectFrom('builds as b')
    .innerJoin('projects as p', 'p.id', 'b.project_id')
    .selectAll('b')
    .where(visibleTo(caller))
    .where('b.id', '=', id)
    .executeTakeFirst();
}

export type BuildRow = NonNullable<Awaited<ReturnType<typeof findVisibleBuild>>>;

/** One row more than the page holds, newest first. */
export function listBuildRows(
  db: Kysely<DB>,
  organisationId: string,
  requestId: string,
  { limit, before }: Page,
): Promise<BuildRow[]> {
  const query = db
    .selectFrom('builds')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('build_request_id', '=', requestId)
    .orderBy('id', 'desc')
    .limit(limit + 1);
  return (before === undefined ? query : query.where('id', '<', before)).execute();
}

/** Of all builds of a request. */
export async function listBuildStates(db: Kysely<DB>, organisationId: string, requestId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('builds')
    .select('state')
    .where('organisation_id', '=', organisationId)
    .where('build_request_id', '=', requestId)
    .execute();
  return rows.map(({ state }) => state);
}

/** The builds of a request in order of their ids, locked until the transaction ends. */
export function lockBuilds(tx: Transaction<DB>, organisationId: string, requestId: string): Promise<BuildRow[]> {
  return tx
    .selectFrom('builds')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('build_request_id', '=', requestId)
    .orderBy('id')
    .forUpdate()
    .execute();
}

/** A build, locked until the transaction ends. Its task comes first. */
export function lockBuild(tx: Transaction<DB>, organisationId: string, id: string): Promise<BuildRow> {
  return tx
    .selectFrom('builds')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirstOrThrow();
}

export type NewBuild = Pick<BuildRow, 'id' | 'suite_id' | 'name' | 'command' | 'timeout_seconds' | 'artifact_path'> & {
  readonly environment: string;
};

export async function insertBuild(
  tx: Transaction<DB>,
  organisationId: string,
  { id: requestId, project_id }: { readonly id: string; readonly project_id: string },
  build: NewBuild,
): Promise<void> {
  await tx
    .insertInto('builds')
    .values({
      organisation_id: organisationId,
      project_id,
      build_request_id: requestId,
      state: 'enqueued_for_build',
      ...build,
    })
    .execute();
}

export async function setVerdict(
  tx: Transaction<DB>,
  organisationId: string,
  id: string,
  verdict: Verdict,
): Promise<void> {
  await tx
    .updateTable('builds')
    .set({ ...verdict, finished_at: sql`now()` })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .execute();
}

/** It waits for another runner. */
export async function setWaiting(tx: Transaction<DB>, organisationId: string, id: string): Promise<void> {
  await tx
    .updateTable('builds')
    .set({ state: 'enqueued_for_build', started_at: null })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .execute();
}

/** The caller has locked the build. */
export async function writeLog(
  tx: Transaction<DB>,
  { organisation_id, id, log_size }: Pick<BuildRow, 'organisation_id' | 'id' | 'log_size'>,
  { bytes, size, truncated }: { readonly bytes: Buffer; readonly size: number; readonly truncated: boolean },
): Promise<void> {
  if (bytes.length === 0) return;
  await tx.insertInto('build_log_chunks').values({ build_id: id, start: log_size, bytes }).execute();
  await tx
    .updateTable('builds')
    .set({ log_size: size, log_truncated: truncated })
    .where('organisation_id', '=', organisation_id)
    .where('id', '=', id)
    .execute();
}

import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Page } from '../http/pagination.ts';

const commits = (db: Kysely<DB>, organisationId: string, projectId: string) =>
  db
    .selectFrom('commits')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('project_id', '=', projectId);

export function findCommit(db: Kysely<DB>, organisationId: string, projectId: string, id: string) {
  return commits(db, organisationId, projectId).where('id', '=', id).executeTakeFirst();
}

export type CommitRow = NonNullable<Awaited<ReturnType<typeof findCommit>>>;

/** One row more than the page holds, newest first. */
export function listCommitRows(
  db: Kysely<DB>,
  organisationId: string,
  projectId: string,
  { limit, before }: Page,
): Promise<CommitRow[]> {
  const query = commits(db, organisationId, projectId)
    .orderBy('id', 'desc')
    .limit(limit + 1);
  return (before === undefined ? query : query.where('id', '<', before)).execute();
}

/** What git calls a commit of the organisation. */
export async function findSha(db: Kysely<DB>, organisationId: string, id: string): Promise<string | null> {
  const query = db.selectFrom('commits').select('ref').where('organisation_id', '=', organisationId);
  return (await query.where('id', '=', id).executeTakeFirst())?.ref ?? null;
}

/** Whether any commit of the project was ever found. */
export async function hasCommits(db: Kysely<DB>, organisationId: string, projectId: string): Promise<boolean> {
  return (await commits(db, organisationId, projectId).limit(1).executeTakeFirst()) !== undefined;
}

export type CommitState = 'waiting_for_builds' | 'succeed' | 'failed' | 'failed_no_suites';

/** What git says of a commit. */
export type ScmCommit = Omit<
  CommitRow,
  'id' | 'organisation_id' | 'project_id' | 'version' | 'build_state' | 'created_at'
>;

/** The commit of this SHA, new or seen before, in the state; answers its id. */
export async function upsertCommit(
  tx: Transaction<DB>,
  organisationId: string,
  projectId: string,
  newId: string,
  state: CommitState,
  commit: ScmCommit,
): Promise<string> {
  const { id } = await tx
    .insertInto('commits')
    .values({
      id: newId,
      organisation_id: organisationId,
      project_id: projectId,
      version: sql<string>`extract(epoch from now())::bigint`,
      build_state: state,
      ...commit,
    })
    .onConflict((conflict) => conflict.columns(['project_id', 'ref']).doUpdateSet({ build_state: state }))
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export async function setCommitState(
  tx: Transaction<DB>,
  organisationId: string,
  id: string,
  state: CommitState,
): Promise<void> {
  await tx
    .updateTable('commits')
    .set({ build_state: state })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .execute();
}

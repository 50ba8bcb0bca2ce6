import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Page } from '../http/pagination.ts';
import type { Caller } from './access.ts';

const COLUMNS = [
  'id',
  'organisation_id',
  'name',
  'description',
  'repository_url',
  'branches',
  'build_state',
  'key_type',
  'ssh_public_key',
  'known_hosts',
  'created_at',
  'updated_at',
] as const;

/** Without its secrets. */
export function findProject(db: Kysely<DB>, organisationId: string, id: string) {
  return db
    .selectFrom('projects')
    .select(COLUMNS)
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .executeTakeFirst();
}

export type ProjectRow = NonNullable<Awaited<ReturnType<typeof findProject>>>;

/**
 * Projects of the caller's organisation and those that the caller collaborates on, but for those of a suspended owner: one
 * row more than the page holds, newest first. Each side is read by its own index, no further than the page.
 */
export async function listProjectRows(
  db: Kysely<DB>,
  { organisationId, userId }: Pick<Caller, 'organisationId' | 'userId'>,
  { limit, before }: Page,
): Promise<ProjectRow[]> {
  const below = before ?? '9223372036854775807';
  const most = limit + 1;
  const ids = sql<string>`((select p.id from projects p where p.organisation_id = ${organisationId}
      and p.id < ${below}::bigint order by p.id desc limit ${most})
    union all
    (select c.project_id from collaborators c join organisations o on o.id = c.organisation_id
      where c.user_id = ${userId}::bigint and c.organisation_id <> ${organisationId} and o.suspended_at is null
      and c.project_id < ${below}::bigint order by c.project_id desc limit ${most}))`;
  return db.selectFrom('projects').select(COLUMNS).where('id', 'in', ids).orderBy('id', 'desc').limit(most).execute();
}

export interface NewProject {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly repository_url: string;
  readonly branches: string[];
  readonly key_type: string;
  readonly ssh_public_key: string;
  readonly sealed_private_key: Buffer;
  readonly known_hosts: string | null;
  readonly sealed_hook_secret: Buffer;
  readonly created_by: string;
}

export function insertProject(tx: Transaction<DB>, organisationId: string, project: NewProject): Promise<ProjectRow> {
  return tx
    .insertInto('projects')
    .values({ organisation_id: organisationId, ...project })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow();
}

/** Locks the project until the transaction ends. */
export async function lockProject(
  tx: Transaction<DB>,
  organisationId: string,
  id: string,
): Promise<{ repository_url: string } | undefined> {
  const query = tx.selectFrom('projects').select('repository_url').where('organisation_id', '=', organisationId);
  return query.where('id', '=', id).forUpdate().executeTakeFirst();
}

export interface ProjectChange {
  readonly name?: string;
  readonly description?: string;
  readonly repository_url?: string;
  readonly branches?: string[];
  readonly known_hosts?: string | null;
  readonly sealed_hook_secret?: Buffer;
}

/** Answers the project as it is now; `undefined` where there is none. */
export function changeProject(
  tx: Transaction<DB>,
  organisationId: string,
  id: string,
  change: ProjectChange,
): Promise<ProjectRow | undefined> {
  return tx
    .updateTable('projects')
    .set({ ...change, updated_at: sql`now()` })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .returning(COLUMNS)
    .executeTakeFirst();
}

/** With it go its collaborators, suites, commits and builds (foreign keys). Answers what was deleted. */
export function removeProject(
  tx: Transaction<DB>,
  organisationId: string,
  id: string,
): Promise<ProjectRow | undefined> {
  return tx
    .deleteFrom('projects')
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .returning(COLUMNS)
    .executeTakeFirst();
}

import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { RequestResult } from '../builds/rules.ts';
import type { Page } from '../http/pagination.ts';
import { type Caller, visibleTo } from '../projects/access.ts';

export interface BuildInShort {
  readonly id: string;
  readonly name: string;
  readonly state: string;
}

const BUILDS = sql<BuildInShort[]>`coalesce((
  select jsonb_agg(jsonb_build_object('id', b.id::text, 'name', b.name, 'state', b.state) order by b.id)
  from builds b where b.build_request_id = r.id), '[]')`;

const requests = (db: Kysely<DB>) => db.selectFrom('build_requests as r').selectAll('r').select(BUILDS.as('builds'));

/** A build request with its builds, of a project that the caller may see. */
export function findVisibleRequest(db: Kysely<DB>, caller: Omit<Caller, 'role'>, id: string) {
  return requests(db)
    .innerJoin('projects as p', 'p.id', 'r.project_id')
    .where(visibleTo(caller))
    .where('r.id', '=', id)
    .executeTakeFirst();
}

export type RequestWithBuilds = NonNullable<Awaited<ReturnType<typeof findVisibleRequest>>>;

/** One row more than the page holds, newest first. */
export function listRequestRows(
  db: Kysely<DB>,
  organisationId: string,
  projectId: string,
  { limit, before }: Page,
): Promise<RequestWithBuilds[]> {
  const query = requests(db)
    .where('r.organisation_id', '=', organisationId)
    .where('r.project_id', '=', projectId)
    .orderBy('r.id', 'desc')
    .limit(limit + 1);
  return (before === undefined ? query : query.where('r.id', '<', before)).execute();
}

/**
 * Locks the request until the transaction ends. All that changes a request, its tasks or its builds begins with this, after
 * the project and before tasks, builds and commit: in this order nobody waits in a circle.
 */
export function lockRequest(tx: Transaction<DB>, organisationId: string, id: string) {
  return tx
    .selectFrom('build_requests')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

export type RequestRow = NonNullable<Awaited<ReturnType<typeof lockRequest>>>;

export interface NewRequest {
  readonly id: string;
  readonly project_id: string;
  readonly source: 'api' | 'github' | 'page';
  readonly ref: string;
  /** What a push hook said that it is. */
  readonly pushed_commit: string | null;
  readonly commit_id: string | null;
  readonly publish_product_id: string | null;
  readonly publish_version: string | null;
  readonly publish_activate: boolean;
  readonly retry_of: string | null;
  readonly created_by: string | null;
}

/** It is locked, as its transaction made it. */
export function insertRequest(tx: Transaction<DB>, organisationId: string, row: NewRequest): Promise<RequestRow> {
  return tx
    .insertInto('build_requests')
    .values({ organisation_id: organisationId, state: 'processing', ...row })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function setCommit(
  tx: Transaction<DB>,
  organisationId: string,
  id: string,
  commitId: string,
): Promise<void> {
  await tx
    .updateTable('build_requests')
    .set({ commit_id: commitId })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .execute();
}

export interface Ending {
  readonly state: 'processed' | 'failed_no_suites';
  readonly result: RequestResult | null;
  readonly error?: string;
  readonly message?: string;
  readonly published_version_id?: string;
}

export async function setEnding(
  tx: Transaction<DB>,
  organisationId: string,
  id: string,
  ending: Ending,
): Promise<void> {
  await tx
    .updateTable('build_requests')
    .set({ ...ending, finished_at: sql`now()` })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .execute();
}

/** How many suites of the project have an artifact: what is published must be told apart. */
export async function countArtifactSuites(db: Kysely<DB>, organisationId: string, projectId: string): Promise<number> {
  const { count } = await db
    .selectFrom('suites')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('organisation_id', '=', organisationId)
    .where('project_id', '=', projectId)
    .where('artifact_path', 'is not', null)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Queues the publication; it runs when the transaction commits. */
export async function queuePublication(tx: Transaction<DB>, organisationId: string, id: string): Promise<void> {
  await sql`select ${ADD_JOB} from build_requests r where r.organisation_id = ${organisationId} and r.id = ${id}`.execute(
    tx,
  );
}

/** Queues those of every organisation again whose job failed too often; answers how many there were. */
export async function requeuePublications(db: Kysely<DB>): Promise<number> {
  const { rows } = await sql`select ${ADD_JOB} from build_requests r
    where r.state = 'processing' and r.commit_id is not null
      and not exists (select from runner_tasks t where t.build_request_id = r.id and t.state <> 'done')
      and not exists (select from graphile_worker.jobs j where j.key = 'publish:' || r.id
        and (j.attempts < j.max_attempts or j.locked_at is not null))`.execute(db);
  return rows.length;
}

const ADD_JOB = sql`graphile_worker.add_job('publish_build_request', json_build_object(
  'organisationId', r.organisation_id, 'buildRequestId', r.id::text),
  max_attempts := 12, job_key := 'publish:' || r.id, job_key_mode := 'replace')`;

import { type ExpressionBuilder, type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Page } from '../http/pagination.ts';

const COLUMNS = [
  's.id',
  's.organisation_id',
  's.project_id',
  's.name',
  's.description',
  's.command',
  's.environment',
  's.timeout_seconds',
  's.artifact_path',
  's.created_at',
  's.updated_at',
] as const;

const secretNames = (eb: ExpressionBuilder<DB & { s: DB['suites'] }, 's'>) =>
  sql<string[]>`array(select x.name from suite_secrets x where x.suite_id = ${eb.ref('s.id')} order by x.name)`.as(
    'secret_names',
  );

const suites = (db: Kysely<DB>, organisationId: string, projectId: string) =>
  db
    .selectFrom('suites as s')
    .select(COLUMNS)
    .select(secretNames)
    .where('s.organisation_id', '=', organisationId)
    .where('s.project_id', '=', projectId);

export function findSuite(db: Kysely<DB>, organisationId: string, projectId: string, id: string) {
  return suites(db, organisationId, projectId).where('s.id', '=', id).executeTakeFirst();
}

/** With the names of its secrets, without their values. */
export type SuiteRow = NonNullable<Awaited<ReturnType<typeof findSuite>>>;

/** Locks the suite until the transaction ends: changes of its secrets take turns. */
export async function lockSuite(
  tx: Transaction<DB>,
  organisationId: string,
  projectId: string,
  id: string,
): Promise<boolean> {
  const query = tx.selectFrom('suites').select('id').where('organisation_id', '=', organisationId);
  const row = await query.where('project_id', '=', projectId).where('id', '=', id).forUpdate().executeTakeFirst();
  return row !== undefined;
}

/** One row more than the page holds, newest first. */
export function listSuiteRows(
  db: Kysely<DB>,
  organisationId: string,
  projectId: string,
  { limit, before }: Page,
): Promise<SuiteRow[]> {
  const query = suites(db, organisationId, projectId)
    .orderBy('s.id', 'desc')
    .limit(limit + 1);
  return (before === undefined ? query : query.where('s.id', '<', before)).execute();
}

export interface NewSuite {
  readonly id: string;
  readonly project_id: string;
  readonly name: string;
  readonly description: string;
  readonly command: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeout_seconds: number;
  readonly artifact_path: string | null;
}

/** False where the project has a suite of that name. */
export async function insertSuite(tx: Transaction<DB>, organisationId: string, suite: NewSuite): Promise<boolean> {
  const { environment, ...rest } = suite;
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('suites')
    .values({ organisation_id: organisationId, ...rest, environment: JSON.stringify(environment) })
    .onConflict((conflict) => conflict.columns(['project_id', 'name']).doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** Whether another suite of the project has the name. */
export async function isNameTaken(
  tx: Transaction<DB>,
  organisationId: string,
  projectId: string,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<boolean> {
  const query = tx.selectFrom('suites').select('id').where('organisation_id', '=', organisationId);
  const taken = query.where('project_id', '=', projectId).where('name', '=', name).where('id', '<>', id);
  return (await taken.executeTakeFirst()) !== undefined;
}

export interface SuiteChange {
  readonly name?: string;
  readonly description?: string;
  readonly command?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeout_seconds?: number;
  readonly artifact_path?: string | null;
}

export async function changeSuite(
  tx: Transaction<DB>,
  organisationId: string,
  id: string,
  { environment, ...change }: SuiteChange,
): Promise<void> {
  const more = environment === undefined ? {} : { environment: JSON.stringify(environment) };
  await tx
    .updateTable('suites')
    .set({ ...change, ...more, updated_at: sql`now()` })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .execute();
}

/** Its secrets go with it (foreign key). */
export async function removeSuite(tx: Transaction<DB>, organisationId: string, id: string): Promise<void> {
  await tx.deleteFrom('suites').where('organisation_id', '=', organisationId).where('id', '=', id).execute();
}

/** @param suite which was found in its organisation and is locked */
export async function putSecret(
  tx: Transaction<DB>,
  suite: Pick<SuiteRow, 'id'>,
  name: string,
  sealed: Buffer,
): Promise<void> {
  await tx
    .insertInto('suite_secrets')
    .values({ suite_id: suite.id, name, sealed })
    .onConflict((conflict) => conflict.columns(['suite_id', 'name']).doUpdateSet({ sealed, updated_at: sql`now()` }))
    .execute();
}

/** @param suite which was found in its organisation */
export async function removeSecret(tx: Transaction<DB>, suite: Pick<SuiteRow, 'id'>, name: string): Promise<boolean> {
  const query = tx.deleteFrom('suite_secrets').where('suite_id', '=', suite.id).where('name', '=', name);
  return (await query.executeTakeFirst()).numDeletedRows === 1n;
}

import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { SealedSecret } from './sealed.ts';

const suites = (db: Kysely<DB>, organisationId: string) =>
  db
    .selectFrom('suites')
    .select(['id', 'organisation_id', 'name', 'command', 'environment', 'timeout_seconds', 'artifact_path'])
    .where('organisation_id', '=', organisationId);

type BuildSuite = Awaited<ReturnType<ReturnType<typeof suites>['execute']>>[number];

export interface SuiteWithSecrets extends BuildSuite {
  /** `openSecrets` of sealed.ts opens them. */
  readonly secrets: readonly SealedSecret[];
}

/** What a commit of the project is built with, oldest first; none is deleted until the transaction of `db` ends. */
export async function listSuitesWithSecrets(
  db: Kysely<DB>,
  organisationId: string,
  projectId: string,
): Promise<SuiteWithSecrets[]> {
  const query = suites(db, organisationId).where('project_id', '=', projectId).orderBy('id');
  return withSecrets(db, await query.forKeyShare().execute());
}

/** Undefined where the suite is gone; then nobody knows its secrets any more. */
export async function findSuiteWithSecrets(
  db: Kysely<DB>,
  organisationId: string,
  suiteId: string,
): Promise<SuiteWithSecrets | undefined> {
  const row = await suites(db, organisationId).where('id', '=', suiteId).executeTakeFirst();
  return row && (await withSecrets(db, [row]))[0];
}

/** @param rows of one organisation, which was looked up by it */
async function withSecrets(db: Kysely<DB>, rows: readonly BuildSuite[]): Promise<SuiteWithSecrets[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const secrets = await db
    .selectFrom('suite_secrets')
    .select(['suite_id', 'name', 'sealed'])
    .where('suite_id', 'in', ids)
    .orderBy('name')
    .execute();
  return rows.map((row) => ({ ...row, secrets: secrets.filter(({ suite_id }) => suite_id === row.id) }));
}

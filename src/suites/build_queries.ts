import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';

/** What a commit of the project is built with, oldest first; none is deleted until the transaction of `db` ends. */
export function listBuildSuites(db: Kysely<DB>, organisationId: string, projectId: string) {
  return db
    .selectFrom('suites')
    .select(['id', 'organisation_id', 'name', 'command', 'environment', 'timeout_seconds', 'artifact_path'])
    .where('organisation_id', '=', organisationId)
    .where('project_id', '=', projectId)
    .orderBy('id')
    .forKeyShare()
    .execute();
}

export type BuildSuite = Awaited<ReturnType<typeof listBuildSuites>>[number];

import type { Deps } from '../deps.ts';
import { type BuildSuite, listBuildSuites } from '../suites/build_queries.ts';
import type { SealedSecret } from '../suites/sealed.ts';

export interface SuiteWithSecrets extends BuildSuite {
  /** `openSecrets` of sealed.ts opens them. */
  readonly secrets: readonly SealedSecret[];
}

/** The suites of the project, oldest first, with what is stored of their secrets. */
export async function listSuitesWithSecrets(
  { db }: Pick<Deps, 'db'>,
  organisationId: string,
  projectId: string,
): Promise<SuiteWithSecrets[]> {
  const suites = await listBuildSuites(db, organisationId, projectId);
  const secrets = await db.selectFrom('suite_secrets').select(['suite_id', 'name', 'sealed']).orderBy('name').execute();
  return suites.map((suite) => ({ ...suite, secrets: secrets.filter(({ suite_id }) => suite_id === suite.id) }));
}

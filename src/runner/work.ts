import type { Deps } from '../deps.ts';
import { openPrivateKey } from '../projects/sealed.ts';
import { openSecrets } from '../suites/sealed.ts';
import { findWork, type Work } from './hot_queries.ts';
import type { NamedLease } from './lease.ts';

/** All that a runner needs for a task, its secrets in the clear: for the answer of the lease and nothing else. */
export interface OpenedWork {
  readonly lease: NamedLease;
  readonly work: Work;
  readonly privateKey: string;
  readonly secrets: Readonly<Record<string, string>>;
}

/** Undefined where the project was deleted meanwhile. */
export async function openWork(
  { hot, vault }: Pick<Deps, 'hot' | 'vault'>,
  organisationId: string,
  lease: NamedLease,
): Promise<OpenedWork | undefined> {
  const work = await findWork(hot, organisationId, lease.id);
  if (!work) return undefined;
  const { project_id: id, organisation_id, sealed_private_key } = work;
  const privateKey = openPrivateKey(vault, { id, organisation_id, sealed_private_key });
  return { lease, work, privateKey, secrets: secretsOf(vault, work) };
}

/** A suite that was deleted has none any more. */
function secretsOf(vault: Deps['vault'], { suite_id: id, organisation_id, secrets }: Work): Record<string, string> {
  if (id === null) return {};
  const sealed = secrets.map((secret) => ({ name: secret.name, sealed: Buffer.from(secret.sealed, 'hex') }));
  return openSecrets(vault, { id, organisation_id, secrets: sealed });
}

import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { isSsh } from './rules.ts';
import { UNPAID } from '../users/principal.ts';

/** What a runner needs to fetch the repository; `openPrivateKey` of sealed.ts opens the key. */
export function findProjectForRunner(db: Kysely<DB>, organisationId: string, projectId: string) {
  return db
    .selectFrom('projects')
    .select(['id', 'organisation_id', 'name', 'repository_url', 'sealed_private_key', 'known_hosts'])
    .where('organisation_id', '=', organisationId)
    .where('id', '=', projectId)
    .executeTakeFirst();
}

/**
 * Pins the host keys that were found on first use, in the form of `known_hosts`. Those that are pinned already stay, so
 * that of two runners the first decides.
 */
export async function pinKnownHosts(
  tx: Transaction<DB>,
  organisationId: string,
  projectId: string,
  knownHosts: string,
): Promise<void> {
  await tx
    .updateTable('projects')
    .set({ known_hosts: knownHosts })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', projectId)
    .where('known_hosts', 'is', null)
    .execute();
}

/** Whether the next host key that the repository shows is believed. */
export async function trustsAnybody(tx: Transaction<DB>, organisationId: string, projectId: string): Promise<boolean> {
  const row = await findProjectForRunner(tx, organisationId, projectId);
  return row !== undefined && row.known_hosts === null && isSsh(row.repository_url);
}

export type ProjectState =
  'new' | 'updating_repository' | 'updated' | 'update_repository_errored' | 'update_repository_timeout';

/** Says how the last look at the repository went; that is no change of the project. */
export async function setBuildState(
  tx: Transaction<DB>,
  organisationId: string,
  projectId: string,
  state: ProjectState,
): Promise<void> {
  await tx
    .updateTable('projects')
    .set({ build_state: state })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', projectId)
    .execute();
}

/**
 * The project that a push hook names, by id alone: its signature under the secret (`openHookSecret` of sealed.ts) is what
 * proves who sent it.
 */
export function findProjectForHook(db: Kysely<DB>, projectId: string) {
  return db
    .selectFrom('projects as p')
    .innerJoin('organisations as o', 'o.id', 'p.organisation_id')
    .select(['p.id', 'p.organisation_id', 'p.branches', 'p.sealed_hook_secret'])
    .select(sql<boolean>`o.suspended_at is not null`.as('suspended'))
    .select(sql<boolean>`${sql.raw(UNPAID)}`.as('unpaid'))
    .where('p.id', '=', projectId)
    .executeTakeFirst();
}

/** Keeps the project from being deleted until the transaction ends; false where it is gone. */
export async function holdProject(tx: Transaction<DB>, organisationId: string, projectId: string): Promise<boolean> {
  const query = tx.selectFrom('projects').select('id').where('organisation_id', '=', organisationId);
  return (await query.where('id', '=', projectId).forKeyShare().executeTakeFirst()) !== undefined;
}

import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import { restartResolving } from '../runner/queries.ts';
import type { Principal } from '../users/principal.ts';
import type { Access } from './access.ts';
import {
  changeProject,
  insertProject,
  lockProject,
  type ProjectChange,
  type ProjectRow,
  removeProject,
} from './queries.ts';
import { newHookSecret, requireValid } from './rules.ts';
import { sealHookSecret, sealPrivateKey } from './sealed.ts';
import { createSshKey, type KeyType } from './ssh_key.ts';

/** Who acts: a request's principal or the user of a page. */
type Actor = Pick<Principal, 'organisationId' | 'userId'>;
/** Where: what `requireProject` answered. */
type Where = Pick<Access, 'organisationId' | 'projectId'>;

export interface ProjectCreate {
  readonly name: string;
  readonly repository_url: string;
  readonly description?: string;
  readonly branches?: string[];
  readonly key_type?: KeyType;
  /** Lines of `known_hosts`; empty pins none. */
  readonly known_hosts?: string;
}

/** A project with the hook secret that was just made for it. */
export interface WithSecret {
  readonly row: ProjectRow;
  readonly secret: string;
}

/** Creates a project of the actor's organisation, with a key pair and a hook secret of its own. */
export async function createOwn(
  db: Kysely<DB>,
  deps: Deps,
  actor: Actor,
  { name, repository_url, description = '', branches = [], key_type = 'ed25519', known_hosts = '' }: ProjectCreate,
): Promise<WithSecret> {
  requireValid({ name, repository_url, branches });
  const { privateKey, publicKey } = await createSshKey(key_type, deps.config.publicUrl);
  const secret = newHookSecret();
  const named = { id: deps.ids.next(), organisation_id: actor.organisationId };
  const project = {
    ...{ id: named.id, name, description, repository_url, branches, key_type, created_by: actor.userId },
    ssh_public_key: publicKey,
    sealed_private_key: sealPrivateKey(deps.vault, named, privateKey),
    known_hosts: known_hosts || null,
    sealed_hook_secret: sealHookSecret(deps.vault, named, secret),
  };
  const row = await inTransaction(db, async (tx) => {
    const made = await insertProject(tx, actor.organisationId, project);
    await record(tx, deps, actor, 'project.created', made);
    return made;
  });
  return { row, secret };
}

export type ProjectUpdate = Omit<ProjectChange, 'sealed_hook_secret' | 'known_hosts'> & {
  readonly known_hosts?: string;
};

/**
 * Merges the change into the project. Pinned host keys are those of one repository: another forgets them, and what a runner
 * is finding out about the old one counts for nothing.
 */
export function update(
  db: Kysely<DB>,
  deps: Pick<Deps, 'ids'>,
  actor: Actor,
  { organisationId, projectId }: Where,
  { known_hosts, ...change }: ProjectUpdate,
): Promise<ProjectRow> {
  requireValid(change);
  return inTransaction(db, async (tx) => {
    const before = found(await lockProject(tx, organisationId, projectId));
    const moved = change.repository_url !== undefined && change.repository_url !== before.repository_url;
    const pinned = known_hosts !== undefined || moved ? { known_hosts: known_hosts || null } : {};
    const row = found(await changeProject(tx, organisationId, projectId, { ...change, ...pinned }));
    if (moved) await restartResolving(tx, organisationId, projectId);
    const changed = Object.keys({ ...change, ...pinned }).join(' ');
    await record(tx, deps, actor, 'project.updated', row, { changed });
    return row;
  });
}

/** Everything below the project is gone when this resolves; what it published stays. */
export function remove(
  db: Kysely<DB>,
  deps: Pick<Deps, 'ids'>,
  actor: Actor,
  { organisationId, projectId }: Where,
): Promise<ProjectRow> {
  return inTransaction(db, async (tx) => {
    const row = found(await removeProject(tx, organisationId, projectId));
    await record(tx, deps, actor, 'project.deleted', row);
    return row;
  });
}

/** Gives the project a new hook secret; the old one is dead when this resolves. */
export async function refreshSecret(
  db: Kysely<DB>,
  deps: Pick<Deps, 'ids' | 'vault'>,
  actor: Actor,
  { organisationId, projectId }: Where,
): Promise<WithSecret> {
  const secret = newHookSecret();
  const named = { id: projectId, organisation_id: organisationId };
  const row = await inTransaction(db, async (tx) => {
    const change = { sealed_hook_secret: sealHookSecret(deps.vault, named, secret) };
    const changed = found(await changeProject(tx, organisationId, projectId, change));
    await record(tx, deps, actor, 'project.hook_secret_refreshed', changed);
    return changed;
  });
  return { row, secret };
}

function found<T>(row: T | undefined): T {
  if (row === undefined) throw fail('not_found', { field: 'project_id' });
  return row;
}

function record(
  tx: Transaction<DB>,
  { ids }: Pick<Deps, 'ids'>,
  { userId }: Actor,
  type: string,
  { id, name, organisation_id: organisationId }: ProjectRow,
  more: Record<string, string> = {},
): Promise<void> {
  const data = { project_id: id, name, ...more };
  return recordEvent(tx, { id: ids.next(), organisationId, type, userId, data });
}

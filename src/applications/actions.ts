import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import { parseId } from '../ids/parse.ts';
import { hashSecret, type Principal } from '../users/principal.ts';
import { newClientSecret } from './client_secret.ts';
import {
  type ApplicationChange,
  type ApplicationRow,
  changeApplication,
  findApplication,
  insertApplication,
  removeApplication,
} from './queries.ts';
import { requireValid } from './rules.ts';

/** Who acts, and for which organisation: a request's principal or the user of a page. */
export type Actor = Pick<Principal, 'organisationId' | 'userId'>;

export interface ApplicationCreate {
  readonly name: string;
  readonly description?: string;
  readonly confidential?: boolean;
  readonly redirect_uris: string[];
  readonly implicit?: boolean;
}

/** An application with the secret that was just made for it; a public one has none. */
export interface WithSecret {
  readonly row: ApplicationRow;
  readonly secret: string | undefined;
}

export async function register(
  db: Kysely<DB>,
  deps: Deps,
  actor: Actor,
  { name, description = '', confidential = true, redirect_uris, implicit = false }: ApplicationCreate,
): Promise<WithSecret> {
  requireValid({ name, redirect_uris });
  const secret = confidential ? newClientSecret() : undefined;
  const row = await inTransaction(db, async (tx) => {
    const made = await insertApplication(tx, actor.organisationId, {
      id: deps.ids.next(),
      name,
      description,
      confidential,
      redirect_uris,
      implicit,
      created_by: actor.userId,
      secret_hash: secret === undefined ? null : hashSecret(secret),
      secret_created_at: secret === undefined ? null : deps.clock(),
    });
    await record(tx, deps, actor, 'application.created', made);
    return made;
  });
  return { row, secret };
}

export type ApplicationUpdate = Omit<ApplicationChange, 'secret_hash' | 'secret_created_at'>;

/** Merges the change into the application. */
export function update(
  db: Kysely<DB>,
  deps: Deps,
  actor: Actor,
  id: string,
  change: ApplicationUpdate,
): Promise<ApplicationRow> {
  requireValid(change);
  return inTransaction(db, async (tx) => {
    const row = found(await changeApplication(tx, actor.organisationId, known(id), change));
    await record(tx, deps, actor, 'application.updated', row, { changed: Object.keys(change).join(' ') });
    return row;
  });
}

/** Everything that users granted the application is dead when this resolves. */
export function remove(db: Kysely<DB>, deps: Deps, actor: Actor, id: string): Promise<ApplicationRow> {
  return inTransaction(db, async (tx) => {
    const row = found(await removeApplication(tx, actor.organisationId, known(id)));
    await record(tx, deps, actor, 'application.deleted', row);
    return row;
  });
}

/** Gives the application a new secret; the old one is dead when this resolves. A public one has none to give. */
export async function rotateSecret(db: Kysely<DB>, deps: Deps, actor: Actor, id: string): Promise<WithSecret> {
  const secret = newClientSecret();
  const row = await inTransaction(db, async (tx) => {
    // Unlocked: an application stays what it was created as.
    const { confidential } = found(await findApplication(tx, actor.organisationId, known(id)));
    if (!confidential) throw fail('conflict');
    const change = { secret_hash: hashSecret(secret), secret_created_at: deps.clock() };
    const rotated = found(await changeApplication(tx, actor.organisationId, known(id), change));
    await record(tx, deps, actor, 'application.secret_rotated', rotated);
    return rotated;
  });
  return { row, secret };
}

/** An id as a string of digits that a row may have. */
function known(id: string): string {
  const parsed = parseId(id);
  if (parsed === undefined) throw fail('not_found', { field: 'application_id' });
  return parsed;
}

function found(row: ApplicationRow | undefined): ApplicationRow {
  if (!row) throw fail('not_found', { field: 'application_id' });
  return row;
}

function record(
  tx: Transaction<DB>,
  { ids }: Deps,
  { organisationId, userId }: Actor,
  type: string,
  { id, name }: ApplicationRow,
  more: Record<string, string> = {},
): Promise<void> {
  const data = { application_id: id, name, ...more };
  return recordEvent(tx, { id: ids.next(), organisationId, type, userId, data });
}

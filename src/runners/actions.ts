import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import { parseId } from '../ids/parse.ts';
import { lapseLeases } from '../runner/queries.ts';
import { hashSecret, type Principal } from '../users/principal.ts';
import { insertRunner, markRevoked, type RunnerRow } from './queries.ts';

type Actor = Pick<Principal, 'organisationId' | 'userId'>;

/** A runner with the token that was just made for it. */
export interface RegisteredRunner {
  readonly row: RunnerRow;
  readonly token: string;
}

export async function registerRunner(
  db: Kysely<DB>,
  { ids }: Pick<Deps, 'ids'>,
  { organisationId, userId }: Actor,
  name: string,
): Promise<RegisteredRunner> {
  if (name.trim() === '') throw fail('is_blank', { field: 'name' });
  const token = `ctr_${randomBytes(32).toString('base64url')}`;
  const row = await inTransaction(db, async (tx) => {
    const values = { id: ids.next(), name, token_hash: hashSecret(token), created_by: userId };
    const made = await insertRunner(tx, organisationId, values);
    const data = { runner_id: made.id, name };
    await recordEvent(tx, { id: ids.next(), organisationId, type: 'runner.created', userId, data });
    return made;
  });
  return { row, token };
}

/** The token is dead when this resolves, and what the runner was at waits for another one. */
export function revokeRunner(
  db: Kysely<DB>,
  { ids }: Pick<Deps, 'ids'>,
  { organisationId, userId }: Actor,
  id: string,
): Promise<RunnerRow> {
  return inTransaction(db, async (tx) => {
    const runnerId = parseId(id);
    const row = runnerId && (await markRevoked(tx, organisationId, runnerId));
    if (!row) throw fail('not_found', { field: 'runner_id' });
    await lapseLeases(tx, { organisationId, runnerId });
    const data = { runner_id: row.id, name: row.name };
    await recordEvent(tx, { id: ids.next(), organisationId, type: 'runner.revoked', userId, data });
    return row;
  });
}

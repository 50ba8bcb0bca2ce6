import { createHash } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import type { Principal } from '../users/principal.ts';
import type { Operation } from './operation.ts';
import type { Outcome } from './outcome.ts';

const HEADER = 'Idempotency-Key';
const PURPOSE = 'idempotency';

/** The request's Idempotency-Key; an empty one counts as none. */
export function idempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined || header === '') return undefined;
  if (typeof header !== 'string' || header.length > 255) throw fail('invalid_format', { field: HEADER });
  return header;
}

interface Request {
  readonly operation: Pick<Operation, 'id'>;
  readonly principal: Pick<Principal, 'userId'>;
  readonly key: string;
  /** What must be equal for two requests to count as the same: path and body as sent. */
  readonly content: string;
}

/**
 * Runs a creating operation at most once for a key within 24 hours. The work and the stored answer commit in one
 * transaction, so a process that dies leaves either both or neither; a second request meanwhile is refused (409).
 */
export function once(deps: Deps, request: Request, run: (tx: Transaction<DB>) => Promise<Outcome>): Promise<Outcome> {
  const { operation, principal, key } = request;
  const hash = createHash('sha256').update(request.content).digest();
  return inTransaction(deps.db, async (tx) => {
    if (!(await claim(tx, `${principal.userId} ${operation.id} ${key}`)))
      throw fail('request_in_progress', { field: HEADER });
    const stored = await findStored(tx, request);
    if (stored) {
      if (!stored.request_hash.equals(hash)) throw fail('idempotency_key_reused', { field: HEADER });
      return JSON.parse(deps.vault.open(stored.response, PURPOSE).toString()) as Outcome;
    }
    const outcome = await run(tx);
    const response = deps.vault.seal(Buffer.from(JSON.stringify(outcome)), PURPOSE);
    const values = { request_hash: hash, status: outcome.status, response, created_at: sql<Date>`now()` };
    await tx
      .insertInto('idempotency_keys')
      .values({ user_id: principal.userId, operation_id: operation.id, key, ...values })
      .onConflict((conflict) => conflict.columns(['user_id', 'operation_id', 'key']).doUpdateSet(values))
      .execute();
    return outcome;
  });
}

async function claim(tx: Transaction<DB>, name: string): Promise<boolean> {
  const { rows } = await sql<{
    got: boolean;
  }>`select pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) as got`.execute(tx);
  return rows[0]?.got ?? false;
}

function findStored(tx: Transaction<DB>, { operation, principal, key }: Request) {
  return tx
    .selectFrom('idempotency_keys')
    .select(['request_hash', 'response'])
    .where('user_id', '=', principal.userId)
    .where('operation_id', '=', operation.id)
    .where('key', '=', key)
    .where('created_at', '>', sql<Date>`now() - interval '24 hours'`)
    .executeTakeFirst();
}

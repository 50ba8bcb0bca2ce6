import { createHash } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import type { Customer } from '../portal/customer.ts';
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

/** Whose the key is: another one's may read the same. */
type Caller = Pick<Principal, 'userId'> | Pick<Customer, 'email'>;

const isUser = (caller: Caller): caller is Pick<Principal, 'userId'> => 'userId' in caller;

interface Request {
  readonly operation: Pick<Operation, 'id'>;
  readonly principal: Caller;
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
    // An id is all digits, and no address is.
    const caller = isUser(principal) ? principal.userId : principal.email;
    if (!(await claim(tx, `${caller} ${operation.id} ${key}`))) throw fail('request_in_progress', { field: HEADER });
    const stored = await findStored(tx, request);
    if (stored) {
      if (!stored.request_hash.equals(hash)) throw fail('idempotency_key_reused', { field: HEADER });
      return JSON.parse(deps.vault.open(stored.response, PURPOSE).toString()) as Outcome;
    }
    const outcome = await run(tx);
    const response = deps.vault.seal(Buffer.from(JSON.stringify(outcome)), PURPOSE);
    await store(tx, request, { request_hash: hash, status: outcome.status, response });
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
  const stored = tx
    .selectFrom('idempotency_keys')
    .select(['request_hash', 'response'])
    .where('operation_id', '=', operation.id)
    .where('key', '=', key)
    .where('created_at', '>', sql<Date>`now() - interval '24 hours'`);
  const own = isUser(principal)
    ? stored.where('user_id', '=', principal.userId)
    : stored.where('customer_email', '=', principal.email);
  return own.executeTakeFirst();
}

interface Stored {
  readonly request_hash: Buffer;
  readonly status: number;
  readonly response: Buffer;
}

/** In the place of what is older than a day. */
async function store(tx: Transaction<DB>, { operation, principal, key }: Request, stored: Stored): Promise<void> {
  const values = { ...stored, created_at: sql<Date>`now()` };
  const caller = isUser(principal) ? { user_id: principal.userId } : { customer_email: principal.email };
  await tx
    .insertInto('idempotency_keys')
    .values({ ...caller, operation_id: operation.id, key, ...values })
    .onConflict((conflict) =>
      isUser(principal)
        ? conflict.columns(['user_id', 'operation_id', 'key']).doUpdateSet(values)
        : conflict
            .columns(['customer_email', 'operation_id', 'key'])
            .where('customer_email', 'is not', null)
            .doUpdateSet(values),
    )
    .execute();
}

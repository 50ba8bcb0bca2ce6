import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { codeOf } from './sqlstate.ts';

const ATTEMPTS = 4;

/**
 * Runs `fn` in one transaction: the caller's when `db` is one already, else its own, which is committed when `fn`
 * resolves. A deadlock or serialisation failure (40P01, 40001) repeats its own up to three times, so `fn` must do
 * nothing outside of the database.
 */
export async function inTransaction<T>(db: Kysely<DB>, fn: (tx: Transaction<DB>) => Promise<T>): Promise<T> {
  if (isTransaction(db)) return fn(db);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction().execute(fn);
    } catch (error) {
      if (attempt === ATTEMPTS || codeOf(error) !== 'conflict') throw error;
    }
  }
}

function isTransaction(db: Kysely<DB>): db is Transaction<DB> {
  return db.isTransaction;
}

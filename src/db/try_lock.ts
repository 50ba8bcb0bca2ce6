import { setTimeout as pause } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type { DB } from '../../generated/database.ts';

const TRIES = 5;
/** Milliseconds. */
const BETWEEN = 100;

/**
 * Runs `fn` while a connection of its own, handed to it, holds the advisory lock exclusively, over as many transactions
 * as it makes. Answers undefined where others held the lock at every try: waiting for it would make everyone who wants
 * it shared queue up behind.
 */
export function withExclusive<T>(
  db: Kysely<DB>,
  key: number,
  fn: (held: Kysely<DB>) => Promise<T>,
): Promise<T | undefined> {
  return db.connection().execute(async (held) => {
    for (let attempt = 1; !(await tryLock(held, key)); attempt += 1) {
      if (attempt === TRIES) return undefined;
      await pause(BETWEEN);
    }
    const unlock = () => sql`select pg_advisory_unlock(${key}::bigint)`.execute(held);
    let result: T;
    try {
      result = await fn(held);
    } catch (error) {
      // Where the connection is what failed, its end has freed the lock.
      await unlock().catch(() => undefined);
      throw error;
    }
    await unlock();
    return result;
  });
}

async function tryLock(held: Kysely<DB>, key: number): Promise<boolean> {
  const { rows } = await sql<{ got: boolean }>`select pg_try_advisory_lock(${key}::bigint) as got`.execute(held);
  return rows[0]?.got === true;
}

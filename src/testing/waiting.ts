import { setTimeout } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Deps } from '../deps.ts';

const LONGEST_MS = 20_000;

/** Resolves as soon as so many statements in this database wait for a lock that another transaction holds. */
export async function untilSomebodyWaits(db: Deps['db'], count = 1): Promise<void> {
  const waiting = sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  for (const deadline = Date.now() + LONGEST_MS; Date.now() < deadline; await setTimeout(5)) {
    if ((await waiting.execute(db)).rows.length >= count) return;
  }
  throw new Error(`fewer than ${count} statements wait for a lock`);
}

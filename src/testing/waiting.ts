import { sql } from 'kysely';
import { expect } from 'vitest';
import type { Deps } from '../deps.ts';

/** Resolves as soon as a statement in this test's database waits for a row that another transaction holds. */
export async function untilSomebodyWaits(db: Deps['db']): Promise<void> {
  const waiting = sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  await expect.poll(async () => (await waiting.execute(db)).rows.length, { timeout: 20_000 }).toBeGreaterThan(0);
}

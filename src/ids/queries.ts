import { type Kysely, sql } from 'kysely';
import type { DB } from '../../generated/database.ts';

export interface LeaseRow {
  worker_id: number;
  /** The database's clock, milliseconds since 1970. */
  now: number;
}

const NOW = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::float8`;
const UNTIL = sql<Date>`clock_timestamp() + interval '60 s'`;

/** Takes over a lease that ended more than five seconds ago, which its holder's ids cannot have passed. */
export async function takeExpired(db: Kysely<DB>, holder: string): Promise<LeaseRow | undefined> {
  return db
    .with('expired', (cte) =>
      cte
        .selectFrom('worker_leases')
        .select('worker_id')
        .where('leased_until', '<', sql<Date>`clock_timestamp() - interval '5 s'`)
        .orderBy('worker_id')
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .updateTable('worker_leases')
    .from('expired')
    .set({ holder, leased_until: UNTIL })
    .whereRef('worker_leases.worker_id', '=', 'expired.worker_id')
    .returning(['worker_leases.worker_id', NOW.as('now')])
    .executeTakeFirst();
}

/** Takes a number that was never used; undefined when all 1,024 were, or another process took the same one just now. */
export async function takeUnused(db: Kysely<DB>, holder: string): Promise<LeaseRow | undefined> {
  return db
    .insertInto('worker_leases')
    .columns(['worker_id', 'holder', 'leased_until'])
    .expression(
      sql`select number, ${holder}::uuid, ${UNTIL} from generate_series(0, 1023) as number
        where not exists (select from worker_leases where worker_id = number) order by random() limit 1`,
    )
    .onConflict((conflict) => conflict.doNothing())
    .returning(['worker_id', NOW.as('now')])
    .executeTakeFirst();
}

/** Undefined when the lease is no longer the holder's. */
export async function renewLease(db: Kysely<DB>, workerId: number, holder: string): Promise<LeaseRow | undefined> {
  return db
    .updateTable('worker_leases')
    .set({ leased_until: UNTIL })
    .where('worker_id', '=', workerId)
    .where('holder', '=', holder)
    .returning(['worker_id', NOW.as('now')])
    .executeTakeFirst();
}

/** Ends the lease now. The row stays, since it also says from when on the number may be used again. */
export async function endLease(db: Kysely<DB>, workerId: number, holder: string): Promise<void> {
  await db
    .updateTable('worker_leases')
    .set({ leased_until: sql<Date>`clock_timestamp()` })
    .where('worker_id', '=', workerId)
    .where('holder', '=', holder)
    .execute();
}

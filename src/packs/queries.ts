import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { LOCKS } from '../db/locks.ts';

/** Which of these packs the organisation has; being asked for keeps a pack from the sweeper for another 48 hours. */
export async function findPacks(db: Kysely<DB>, organisationId: string, hashes: readonly Buffer[]): Promise<Buffer[]> {
  const rows = await db
    .updateTable('packs')
    .set({ last_seen_at: sql`now()` })
    .where('organisation_id', '=', organisationId)
    .where('sha256', '=', sql<Buffer>`any(${hashes}::bytea[])`)
    .returning('sha256')
    .execute();
  return rows.map((row) => row.sha256);
}

/** Records a pack whose bytes are stored. The caller holds the packs lock and has seen the bytes. */
export async function recordPack(
  tx: Transaction<DB>,
  organisationId: string,
  sha256: Buffer,
  size: number,
): Promise<void> {
  await tx
    .insertInto('packs')
    .values({ organisation_id: organisationId, sha256, size })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'sha256']).doUpdateSet({ last_seen_at: sql`now()` }))
    .execute();
}

/**
 * Deletes the rows of packs that no version refers to and nobody asked for since `hours`, and hands each to `erase`.
 * The exclusive lock is held until the bytes are gone: an upload of the same pack waits, then stores it anew. It is
 * only tried for, since waiting for a backup to end would make every upload queue up behind the sweeper.
 */
export async function sweepPacks(
  db: Kysely<DB>,
  hours: number,
  erase: (organisationId: string, sha256: string) => Promise<void>,
): Promise<number> {
  return db.connection().execute(async (connection) => {
    const { rows } = await sql<{
      got: boolean;
    }>`select pg_try_advisory_lock(${LOCKS.packs}::bigint) as got`.execute(connection);
    if (!rows[0]?.got) return 0;
    try {
      const gone = await connection
        .deleteFrom('packs')
        .where('last_seen_at', '<', sql<Date>`now() - make_interval(hours => ${hours})`)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('version_packs')
                .select('version_packs.sha256')
                .whereRef('version_packs.organisation_id', '=', 'packs.organisation_id')
                .whereRef('version_packs.sha256', '=', 'packs.sha256'),
            ),
          ),
        )
        .returning(['organisation_id', 'sha256'])
        .execute();
      for (const { organisation_id, sha256 } of gone) await erase(organisation_id, sha256.toString('hex'));
      return gone.length;
    } finally {
      await sql`select pg_advisory_unlock(${LOCKS.packs}::bigint)`.execute(connection);
    }
  });
}

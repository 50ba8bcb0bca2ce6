import type { Transaction } from 'kysely';
import { sql } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { LOCKS } from '../db/locks.ts';

/** Shared with other manifests, exclusive to the sweeper: no pack disappears before the transaction ends. */
export async function keepPacks(tx: Transaction<DB>): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${LOCKS.packs}::bigint)`.execute(tx);
}

/** Marks the packs as seen and answers the size (bytes) of those that are stored, by hex hash. */
export async function touchPacks(
  tx: Transaction<DB>,
  organisationId: string,
  hashes: readonly Buffer[],
): Promise<Map<string, number>> {
  const rows = await tx
    .updateTable('packs')
    .set({ last_seen_at: sql`now()` })
    .where('organisation_id', '=', organisationId)
    .where('sha256', '=', sql<Buffer>`any(${hashes}::bytea[])`)
    .returning(['sha256', 'size'])
    .execute();
  return new Map(rows.map((row) => [row.sha256.toString('hex'), Number(row.size)]));
}

/** Queues the verification; it runs when the transaction commits. */
export async function queueVerification(
  tx: Transaction<DB>,
  organisationId: string,
  productId: string,
  versionId: string,
): Promise<void> {
  const payload = JSON.stringify({ organisationId, productId, versionId });
  await sql`select graphile_worker.add_job('verify_version', ${payload}::json, max_attempts := 12)`.execute(tx);
}

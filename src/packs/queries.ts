import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import { fail } from '../errors/fail.ts';

/** Which of these packs the organisation has; being asked for keeps a pack from the sweeper for another 48 hours. */
export async function findPacks(db: Kysely<DB>, organisationId: string, hashes: readonly Buffer[]): Promise<Buffer[]> {
  const rows = await inTransaction(db, (tx) => markSeen(tx, organisationId, hashes));
  return rows.map((row) => row.sha256);
}

/**
 * Marks the packs as seen and answers those that are stored. The rows are locked in the order of their hashes, since
 * two calls that name the same packs in different orders would otherwise wait for each other.
 */
export async function markSeen(
  tx: Transaction<DB>,
  organisationId: string,
  hashes: readonly Buffer[],
): Promise<{ sha256: Buffer; size: string }[]> {
  return tx
    .with('seen', (cte) =>
      cte
        .selectFrom('packs')
        .select('sha256')
        .where('organisation_id', '=', organisationId)
        .where('sha256', '=', sql<Buffer>`any(${hashes}::bytea[])`)
        .orderBy('sha256')
        .forNoKeyUpdate(),
    )
    .updateTable('packs')
    .from('seen')
    .set({ last_seen_at: sql`now()` })
    .where('packs.organisation_id', '=', organisationId)
    .whereRef('packs.sha256', '=', 'seen.sha256')
    .returning(['packs.sha256', 'packs.size'])
    .execute();
}

/**
 * Records a pack whose bytes are stored. The caller holds the packs lock and has seen the bytes. Rejects with
 * `unavailable` while the sweeper has not finished with an earlier one of the same bytes.
 */
export async function recordPack(
  tx: Transaction<DB>,
  organisationId: string,
  sha256: Buffer,
  size: number,
): Promise<void> {
  const { rows } = await sql`insert into packs (organisation_id, sha256, size)
    select ${organisationId}, ${sha256}::bytea, ${size}::bigint where not exists (
      select from condemned_packs where organisation_id = ${organisationId} and sha256 = ${sha256}::bytea)
    on conflict (organisation_id, sha256) do update set last_seen_at = now()
    returning 1`.execute(tx);
  if (rows.length === 0) throw fail('unavailable', { headers: { 'Retry-After': '5' } });
}

export interface PackRef {
  readonly organisationId: string;
  readonly sha256: Buffer;
}

/** At most `limit` packs that no version and no artifact of a build refers to and nobody asked for since `hours`. */
export async function findUnneeded(db: Kysely<DB>, hours: number, limit: number): Promise<PackRef[]> {
  const { rows } = await sql<PackRef>`select organisation_id as "organisationId", sha256
    from packs where ${unneeded(hours)} limit ${limit}`.execute(db);
  return rows;
}

/** Moves those that are still unneeded from `packs` to `condemned_packs`. A locked row is being asked for right now. */
export async function condemn(db: Kysely<DB>, packs: readonly PackRef[], hours: number): Promise<void> {
  await sql`with going as materialized (
      select organisation_id, sha256 from packs
      where (organisation_id, sha256) in (select * from unnest(
        ${packs.map(({ organisationId }) => organisationId)}::text[], ${packs.map(({ sha256 }) => sha256)}::bytea[]))
      and ${unneeded(hours)}
      for update skip locked),
    gone as (
      delete from packs using going
      where packs.organisation_id = going.organisation_id and packs.sha256 = going.sha256
      returning packs.organisation_id, packs.sha256)
    insert into condemned_packs select organisation_id, sha256 from gone on conflict do nothing`.execute(db);
}

const unneeded = (hours: number) => sql<boolean>`packs.last_seen_at < now() - make_interval(hours => ${hours})
  and not exists (select from version_packs v
    where v.organisation_id = packs.organisation_id and v.sha256 = packs.sha256)
  and not exists (select from build_artifact_packs a
    where a.organisation_id = packs.organisation_id and a.sha256 = packs.sha256)`;

export async function findCondemned(db: Kysely<DB>, limit: number): Promise<PackRef[]> {
  const { rows } = await sql<PackRef>`
    select organisation_id as "organisationId", sha256 from condemned_packs limit ${limit}`.execute(db);
  return rows;
}

/** The bytes of these are gone. */
export async function forgetCondemned(db: Kysely<DB>, packs: readonly PackRef[]): Promise<void> {
  await sql`delete from condemned_packs where (organisation_id, sha256) in (select * from unnest(
    ${packs.map(({ organisationId }) => organisationId)}::text[], ${packs.map(({ sha256 }) => sha256)}::bytea[]))`.execute(
    db,
  );
}

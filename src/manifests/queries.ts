import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { LOCKS } from '../db/locks.ts';
import { markSeen } from '../packs/queries.ts';

/** Shared with other manifests, exclusive to the sweeper: no pack disappears before the transaction ends. */
export async function keepPacks(tx: Transaction<DB>): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${LOCKS.packs}::bigint)`.execute(tx);
}

/** Sizes (bytes) of those that are stored, by hex hash; they may go away again unless the packs lock is held. */
export async function findPackSizes(
  db: Kysely<DB>,
  organisationId: string,
  hashes: readonly Buffer[],
): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('packs')
    .select(['sha256', 'size'])
    .where('organisation_id', '=', organisationId)
    .where('sha256', '=', sql<Buffer>`any(${hashes}::bytea[])`)
    .execute();
  return sizesOf(rows);
}

/** Marks the packs as seen and answers the size (bytes) of those that are stored, by hex hash. */
export async function touchPacks(
  tx: Transaction<DB>,
  organisationId: string,
  hashes: readonly Buffer[],
): Promise<Map<string, number>> {
  return sizesOf(await markSeen(tx, organisationId, hashes));
}

function sizesOf(rows: readonly { sha256: Buffer; size: string }[]): Map<string, number> {
  return new Map(rows.map((row) => [row.sha256.toString('hex'), Number(row.size)]));
}

/**
 * Queues the verification of new content; it runs when the transaction commits. A job that is still under way for the
 * content before is left to end, and is not repeated.
 */
export async function queueVerification(tx: Transaction<DB>, organisationId: string, id: string): Promise<void> {
  await sql`select ${ADD_JOB} from versions v where v.organisation_id = ${organisationId} and v.id = ${id}`.execute(tx);
}

/** Queues it again where the version is waiting and no job is: its last one failed too often. */
export async function requeueVerification(tx: Transaction<DB>, organisationId: string, id: string): Promise<void> {
  await sql`select ${ADD_JOB} from versions v
    where v.organisation_id = ${organisationId} and v.id = ${id} and ${IS_STRANDED}`.execute(tx);
}

/** The same for every version of every organisation; answers how many there were. */
export async function requeueStranded(db: Kysely<DB>): Promise<number> {
  const { rows } = await sql`select ${ADD_JOB} from versions v where ${IS_STRANDED}`.execute(db);
  return rows.length;
}

const ADD_JOB = sql`graphile_worker.add_job('verify_version', json_build_object(
  'organisationId', v.organisation_id, 'productId', v.product_id, 'versionId', v.id::text),
  max_attempts := 12, job_key := 'verify:' || v.id, job_key_mode := 'replace')`;

/** A job on its last attempt has used them all, but is locked; one that was killed is unlocked within seconds. */
const IS_STRANDED = sql`v.status = 'processing' and not exists (select from graphile_worker.jobs j
  where j.key = 'verify:' || v.id and (j.attempts < j.max_attempts or j.locked_at is not null))`;

export interface StoredManifest {
  readonly organisationId: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** Those that no version names, of organisations that this database knows: what it knows nothing of is not its own. */
export async function findUnnamed(db: Kysely<DB>, manifests: readonly StoredManifest[]): Promise<StoredManifest[]> {
  const { rows } = await sql<StoredManifest>`
    select c.organisation_id as "organisationId", c.sha256 as "sha256"
    from unnest(${manifests.map(({ organisationId }) => organisationId)}::text[],
      ${manifests.map(({ sha256 }) => sha256)}::text[]) as c (organisation_id, sha256)
    join organisations o on o.id = c.organisation_id
    where not exists (select from versions v
      where v.organisation_id = c.organisation_id and v.manifest_sha256 = decode(c.sha256, 'hex'))`.execute(db);
  return rows;
}

import { type Kysely, sql } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { packKey } from '../blobs/keys.ts';
import { sweepPacks } from '../packs/queries.ts';
import type { WorkerDeps } from '../versions/tasks.ts';

const HOUR = 60 * 60 * 1000;
const PACK_HOURS = 48;

/** Removes what nobody needs any more: unreferenced packs, temporary files of killed processes, old stored answers. */
export async function sweep({ db, blobs, log }: WorkerDeps): Promise<void> {
  const packs = await sweepPacks(db, PACK_HOURS, (organisationId, sha256) =>
    blobs.delete(packKey(organisationId, sha256)),
  );
  const files = await blobs.sweep(HOUR);
  const keys = await deleteOldKeys(db);
  const sessions = await abandonSessions(db);
  log.info({ packs, files, keys, sessions }, 'swept');
}

async function deleteOldKeys(db: Kysely<DB>): Promise<number> {
  const result = await db
    .deleteFrom('idempotency_keys')
    .where('created_at', '<', sql<Date>`now() - interval '24 hours'`)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}

/** A download that got no byte for a day will not go on. */
async function abandonSessions(db: Kysely<DB>): Promise<number> {
  const result = await db
    .updateTable('download_sessions')
    .set({ status: 'abandoned' })
    .where('status', '=', 'started')
    .where(sql<boolean>`coalesce(last_byte_at, started_at) < now() - interval '1 day'`)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

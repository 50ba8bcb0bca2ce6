import { type Kysely, sql } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { packKey } from '../blobs/keys.ts';
import { requeuePublications } from '../build_requests/queries.ts';
import { giveUpStranded } from '../mail/delivery.ts';
import { deleteOldMails } from '../mail/queries.ts';
import { deleteOldLinks } from '../mailed_links/queries.ts';
import { requeueStranded } from '../manifests/queries.ts';
import { sweepManifests } from '../manifests/sweep.ts';
import { deleteOldCodes } from '../oauth2/queries.ts';
import { type Swept, sweepPacks } from '../packs/sweep.ts';
import { deleteOldCodes as deletePortalCodes } from '../portal/code_queries.ts';
import { deleteEndedSessions as deletePortalSessions } from '../portal/session_queries.ts';
import { deleteEndedSessions } from '../sessions/queries.ts';
import { deleteExpired } from '../throttles/queries.ts';
import type { WorkerDeps } from '../versions/tasks.ts';
import { dropOldBodies } from '../webhooks/queries.ts';
import { requeueDeliveries } from '../webhooks/requeue.ts';

const HOUR = 60 * 60 * 1000;
const PACK_HOURS = 48;

/**
 * Removes what nobody needs any more: unreferenced packs and manifests, temporary files of killed processes, old stored
 * answers, sessions, mailed links and authorization codes, counts of tries, bodies of webhooks. Queues the verifications
 * and publications again that gave up, and webhooks that are not applied. Rejects soon after `signal` aborts; the next run
 * goes on.
 */
export async function sweep({ db, ids, blobs, clock, log }: WorkerDeps, signal?: AbortSignal): Promise<void> {
  const requeued = await requeueStranded(db);
  if (requeued > 0) log.warn({ versions: requeued }, 'versions waited for a verification that had failed too often');
  const publications = await requeuePublications(db);
  if (publications > 0) log.warn({ publications }, 'build requests waited for a publication that had failed too often');
  const files = await blobs.sweep(HOUR);
  const keys = await deleteOldKeys(db);
  const downloads = await abandonSessions(db);
  const sessions = await deleteEndedSessions(db);
  const links = await deleteOldLinks(db);
  const codes = await deleteOldCodes(db);
  const stranded = await giveUpStranded({ db, ids });
  if (stranded > 0) log.warn({ mails: stranded }, 'mails were given up whose last try was cut off');
  const mails = await deleteOldMails(db);
  const portal = (await deletePortalCodes(db)) + (await deletePortalSessions(db));
  const throttles = await deleteExpired(db, clock());
  const packs = await sweepPacks(db, PACK_HOURS, async (organisationId, sha256) => {
    signal?.throwIfAborted();
    await blobs.delete(packKey(organisationId, sha256));
  });
  const manifests = await sweepManifests(db, blobs, signal);
  const reports = await requeueDeliveries(db);
  if (reports > 0) log.warn({ reports }, 'reports of shops were not applied and waited for no job');
  const bodies = await dropOldBodies(db);
  const rows = { keys, downloads, sessions, links, codes, mails, portal, throttles, bodies };
  log.info({ packs: shown(packs), manifests: shown(manifests), files, ...rows, requeued }, 'swept');
}

/** For the log: nothing found and nothing looked for are not the same. */
function shown({ erased, skipped }: Swept): string {
  return skipped ? `${erased}, then skipped` : String(erased);
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

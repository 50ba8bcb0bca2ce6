import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import { lockProduct } from '../products/queries.ts';
import type { Principal } from '../users/principal.ts';
import { loadVersion } from '../versions/actions.ts';
import {
  type AnnouncementRow,
  deleteUnsubscribe,
  findAnnouncement,
  insertAnnouncement,
  insertUnsubscribe,
} from './queries.ts';
import { type Reader, refusal } from './rules.ts';
import { ANNOUNCE, type AnnounceVersion } from './tasks.ts';

/**
 * Has every customer of the product told of the version, once: announcing it again mails nobody twice and answers how far
 * it has got. One that was broken off, as by restoring a backup, goes on from there. Fails with `not_found`, or as `refusal` says.
 */
export function announce(
  db: Kysely<DB>,
  { ids }: Pick<Deps, 'ids'>,
  { organisationId, userId }: Pick<Principal, 'organisationId' | 'userId'>,
  productId: string,
  versionId: string,
): Promise<AnnouncementRow> {
  return inTransaction(db, async (tx) => {
    if (!(await lockProduct(tx, organisationId, productId))) throw fail('not_found', { field: 'productId' });
    const version = await loadVersion(tx, organisationId, productId, versionId);
    const refused = refusal(version);
    if (refused) throw refused;
    if (await insertAnnouncement(tx, version, { id: ids.next(), createdBy: userId })) {
      const data = { product_id: version.product_id, version_id: version.id, version: version.version };
      await recordEvent(tx, { id: ids.next(), organisationId, type: 'version.announced', userId, data });
    }
    const announcement = await findAnnouncement(tx, organisationId, version.id);
    if (!announcement) throw new Error(`the announcement of ${version.id} was not stored`);
    if (announcement.finished_at === null) await queue(tx, { organisationId, versionId: version.id });
    return announcement;
  });
}

/** One job for a version is enough, however often it is asked for. */
async function queue(tx: Transaction<DB>, payload: AnnounceVersion): Promise<void> {
  await sql`select graphile_worker.add_job(${ANNOUNCE}, ${JSON.stringify(payload)}::json,
    job_key := ${`announce:${payload.versionId}`})`.execute(tx);
}

/** Sends the reader no news of the organisation's any more. Repeating it changes nothing. */
export function unsubscribe({ db, ids }: Pick<Deps, 'db' | 'ids'>, reader: Reader): Promise<void> {
  const { organisationId, email } = reader;
  return inTransaction(db, async (tx) => {
    if (!(await insertUnsubscribe(tx, reader))) return;
    const event = { type: 'customer.unsubscribed', userId: null, data: { email } };
    await recordEvent(tx, { id: ids.next(), organisationId, ...event });
  });
}

/** Sends the reader news again, who thought better of it. Repeating it changes nothing. */
export function subscribeAgain({ db, ids }: Pick<Deps, 'db' | 'ids'>, reader: Reader): Promise<void> {
  const { organisationId, email } = reader;
  return inTransaction(db, async (tx) => {
    if (!(await deleteUnsubscribe(tx, reader))) return;
    const event = { type: 'customer.subscribed_again', userId: null, data: { email } };
    await recordEvent(tx, { id: ids.next(), organisationId, ...event });
  });
}

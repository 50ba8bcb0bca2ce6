import { type Kysely, sql } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import { lockProduct } from '../products/queries.ts';
import type { Principal } from '../users/principal.ts';
import { loadVersion } from '../versions/actions.ts';
import { type AnnouncementRow, findAnnouncement, insertAnnouncement, insertUnsubscribe } from './queries.ts';
import { type Reader, refusal } from './rules.ts';
import { ANNOUNCE, type AnnounceVersion } from './tasks.ts';

/**
 * Has every customer of the product told of the version, once: announcing it again mails nobody and answers how far the
 * first time has got. Fails with `not_found`, or as `refusal` says.
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
    const refused = refusal(version.status);
    if (refused) throw refused;
    if (await insertAnnouncement(tx, version, { id: ids.next(), createdBy: userId })) {
      const payload: AnnounceVersion = { organisationId, versionId: version.id };
      await sql`select graphile_worker.add_job(${ANNOUNCE}, ${JSON.stringify(payload)}::json)`.execute(tx);
      const data = { product_id: version.product_id, version_id: version.id, version: version.version };
      await recordEvent(tx, { id: ids.next(), organisationId, type: 'version.announced', userId, data });
    }
    const announcement = await findAnnouncement(tx, organisationId, version.id);
    if (!announcement) throw new Error(`the announcement of ${version.id} was not stored`);
    return announcement;
  });
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

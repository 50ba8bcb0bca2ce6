import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Page } from '../http/pagination.ts';

export type MailState = 'waiting' | 'sent' | 'failed';
export type MailKind = 'purchase' | 'announcement';

/** In the queue: whoever bought something does not wait for thousands who are told of a new version. */
export const priorityOf = (kind: MailKind): number => (kind === 'announcement' ? 10 : 0);

/** A mail that an organisation has sent to its customers: its admins see what becomes of it. */
export interface Tracked {
  readonly organisationId: string;
  readonly kind: MailKind;
  readonly recipient: string;
  /** What it is about; they say how it went. */
  readonly purchaseIds: readonly string[];
}

export interface MailFilter {
  readonly status: MailState | undefined;
  readonly recipient: string | undefined;
}

/** One row more than the page holds, newest first. */
export function listMailRows(db: Kysely<DB>, organisationId: string, filter: MailFilter, { limit, before }: Page) {
  let query = mails(db, organisationId)
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (filter.status !== undefined) query = query.where('state', '=', filter.status);
  if (filter.recipient !== undefined) query = query.where('recipient', '=', filter.recipient);
  return (before === undefined ? query : query.where('id', '<', before)).execute();
}

export type MailRow = Awaited<ReturnType<typeof listMailRows>>[number];

const mails = (db: Kysely<DB>, organisationId: string) =>
  db.selectFrom('mails').selectAll().where('organisation_id', '=', organisationId);

export function findMail(db: Kysely<DB>, organisationId: string, id: string): Promise<MailRow | undefined> {
  return mails(db, organisationId).where('id', '=', id).executeTakeFirst();
}

export function lockMail(tx: Transaction<DB>, organisationId: string, id: string): Promise<MailRow | undefined> {
  return mails(tx, organisationId).where('id', '=', id).forUpdate().executeTakeFirst();
}

interface NewMail extends Tracked {
  readonly id: string;
  readonly task: string;
  readonly payload: object;
}

export async function insertMail(tx: Transaction<DB>, mail: NewMail): Promise<void> {
  const { id, organisationId, kind, recipient, purchaseIds, task, payload } = mail;
  await sql`insert into mails (id, organisation_id, kind, recipient, purchase_ids, task, payload)
    values (${id}::bigint, ${organisationId}, ${kind}, ${recipient}, ${purchaseIds}::bigint[], ${task},
      ${JSON.stringify(payload)}::json)`.execute(tx);
  await markPurchases(tx, organisationId, purchaseIds, 'waiting');
}

export async function markWaiting(tx: Transaction<DB>, { organisation_id, id, purchase_ids }: MailRow): Promise<void> {
  await change(tx, organisation_id, id, sql`state = 'waiting', attempts = 0`);
  await markPurchases(tx, organisation_id, purchase_ids, 'waiting');
}

/** Its content, which brings secrets, is forgotten. */
export async function markSent(tx: Transaction<DB>, { organisation_id, id, purchase_ids }: MailRow): Promise<void> {
  await change(tx, organisation_id, id, sql`state = 'sent', attempts = attempts + 1, error = null, payload = null`);
  await markPurchases(tx, organisation_id, purchase_ids, 'sent');
}

/** Once more in vain; for the last time where `final`. */
export async function markInVain(
  tx: Transaction<DB>,
  { organisation_id, id, purchase_ids }: MailRow,
  error: string,
  final: boolean,
): Promise<void> {
  const state: MailState = final ? 'failed' : 'waiting';
  await change(tx, organisation_id, id, sql`state = ${state}, attempts = attempts + 1, error = ${error}`);
  if (final) await markPurchases(tx, organisation_id, purchase_ids, 'failed');
}

/** For a mail that nobody wants any more. */
export async function deleteMail(tx: Transaction<DB>, { organisation_id, id }: MailRow): Promise<void> {
  await tx.deleteFrom('mails').where('organisation_id', '=', organisation_id).where('id', '=', id).execute();
}

async function change(tx: Transaction<DB>, organisationId: string, id: string, set: ReturnType<typeof sql>) {
  await sql`update mails set ${set}, updated_at = now()
    where organisation_id = ${organisationId} and id = ${id}::bigint`.execute(tx);
}

async function markPurchases(
  tx: Transaction<DB>,
  organisationId: string,
  ids: readonly string[],
  state: MailState,
): Promise<void> {
  if (ids.length === 0) return;
  await sql`update purchases set email_state = ${state}
    where organisation_id = ${organisationId} and id = any (array(
      select id from purchases where organisation_id = ${organisationId} and id = any (${ids}::bigint[])
      order by id for no key update))`.execute(tx);
}

const KEPT_DAYS = 30;
/** Longer than the queue tries. */
const TRIED_DAYS = 5;

/** Forgets mails long after they went out, and those that were given up long ago. */
export async function deleteOldMails(db: Kysely<DB>): Promise<number> {
  const { numAffectedRows } = await sql`delete from mails
    where state <> 'waiting' and updated_at < now() - make_interval(days => ${KEPT_DAYS}::int)`.execute(db);
  return Number(numAffectedRows);
}

/** Mails whose last try was cut off by the death of its process, so that it could not say how it went. */
export function listStranded(db: Kysely<DB>): Promise<Pick<MailRow, 'id' | 'organisation_id'>[]> {
  return db
    .selectFrom('mails')
    .select(['id', 'organisation_id'])
    .where('state', '=', 'waiting')
    .where('updated_at', '<', sql<Date>`now() - make_interval(days => ${TRIED_DAYS}::int)`)
    .orderBy('id')
    .limit(1000)
    .execute();
}

import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Page } from '../http/pagination.ts';
import type { SkipReason } from './mail.ts';

export type MailState = 'waiting' | 'sent' | 'failed' | 'skipped';
export type MailKind = 'purchase' | 'announcement';

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
}

/** All that are about to be sent are written down at once, and their purchases say so. */
export async function insertMails(
  tx: Transaction<DB>,
  mails: readonly (NewMail & { readonly payload: object })[],
): Promise<void> {
  await sql`
    insert into mails (id, organisation_id, kind, recipient, purchase_ids, task, payload)
    select id, "organisationId", kind, recipient, array(select json_array_elements_text("purchaseIds")::bigint), task,
      payload
    from json_to_recordset(${JSON.stringify(mails)}::json) as mail (id bigint, "organisationId" text, kind text,
      recipient text, "purchaseIds" json, task text, payload json)`.execute(tx);
  const organisations = [...new Set(mails.map(({ organisationId }) => organisationId))];
  const ids = mails.flatMap(({ purchaseIds }) => purchaseIds);
  await markPurchases(tx, organisations, ids, 'waiting');
}

export async function insertSkipped(tx: Transaction<DB>, mail: NewMail, reason: SkipReason): Promise<void> {
  const { id, organisationId, kind, recipient, purchaseIds, task } = mail;
  await sql`insert into mails (id, organisation_id, kind, recipient, purchase_ids, task, state, reason)
    values (${id}::bigint, ${organisationId}, ${kind}, ${recipient}, ${purchaseIds}::bigint[], ${task},
      'skipped', ${reason})`.execute(tx);
}

export async function markWaiting(tx: Transaction<DB>, { organisation_id, id, purchase_ids }: MailRow): Promise<void> {
  await change(tx, organisation_id, id, sql`state = 'waiting', attempts = 0`);
  await markPurchases(tx, [organisation_id], purchase_ids, 'waiting');
}

/** Its content, which brings secrets, is forgotten. */
export async function markSent(tx: Transaction<DB>, { organisation_id, id, purchase_ids }: MailRow): Promise<void> {
  await change(tx, organisation_id, id, sql`state = 'sent', attempts = attempts + 1, error = null, payload = null`);
  await markPurchases(tx, [organisation_id], purchase_ids, 'sent');
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
  if (final) await markPurchases(tx, [organisation_id], purchase_ids, 'failed');
}

/** It was in the queue, but there is nothing to send any more. */
export async function markSkipped(
  tx: Transaction<DB>,
  { organisation_id, id, purchase_ids }: MailRow,
  reason: SkipReason,
): Promise<void> {
  await change(tx, organisation_id, id, sql`state = 'skipped', reason = ${reason}, error = null, payload = null`);
  await markPurchases(tx, [organisation_id], purchase_ids, null);
}

async function change(tx: Transaction<DB>, organisationId: string, id: string, set: ReturnType<typeof sql>) {
  await sql`update mails set ${set}, updated_at = now()
    where organisation_id = ${organisationId} and id = ${id}::bigint`.execute(tx);
}

async function markPurchases(
  tx: Transaction<DB>,
  organisationIds: readonly string[],
  ids: readonly string[],
  state: Exclude<MailState, 'skipped'> | null,
): Promise<void> {
  if (ids.length === 0) return;
  await sql`update purchases set email_state = ${state}
    where organisation_id = any (${organisationIds}::text[]) and id = any (array(
      select id from purchases where organisation_id = any (${organisationIds}::text[]) and id = any (${ids}::bigint[])
      order by id for no key update))`.execute(tx);
}

const KEPT_DAYS = 30;

/** Forgets mails long after they went out, and those that were given up long ago. */
export async function deleteOldMails(db: Kysely<DB>): Promise<number> {
  const { numAffectedRows } = await sql`delete from mails
    where state <> 'waiting' and updated_at < now() - make_interval(days => ${KEPT_DAYS}::int)`.execute(db);
  return Number(numAffectedRows);
}

/** Mails that nobody will try: the last try was cut off by the death of its process, which could not say how it went. */
export function listStranded(db: Kysely<DB>): Promise<Pick<MailRow, 'id' | 'organisation_id'>[]> {
  return db
    .selectFrom('mails as m')
    .select(['m.id', 'm.organisation_id'])
    .where('m.state', '=', 'waiting')
    .where(
      sql<boolean>`not exists (select from graphile_worker._private_jobs j where j.key = 'mail:' || m.id
      and (j.is_available or j.locked_at is not null))`,
    )
    .orderBy('m.id')
    .limit(1000)
    .execute();
}

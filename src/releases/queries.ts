import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { VersionRow } from '../versions/queries.ts';
import type { Reader } from './rules.ts';

interface NewAnnouncement {
  readonly id: string;
  readonly createdBy: string;
}

/** False when the version was announced before. */
export async function insertAnnouncement(
  tx: Transaction<DB>,
  { organisation_id, product_id, id: version_id }: VersionRow,
  { id, createdBy }: NewAnnouncement,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('announcements')
    .values({ id, organisation_id, product_id, version_id, created_by: createdBy })
    .onConflict((conflict) => conflict.column('version_id').doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

export function findAnnouncement(db: Kysely<DB>, organisationId: string, versionId: string) {
  return db
    .selectFrom('announcements')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('version_id', '=', versionId)
    .executeTakeFirst();
}

export type AnnouncementRow = NonNullable<Awaited<ReturnType<typeof findAnnouncement>>>;

/** Undefined when every customer's mail is queued. */
export function lockUnfinished(
  tx: Transaction<DB>,
  organisationId: string,
  versionId: string,
): Promise<AnnouncementRow | undefined> {
  return tx
    .selectFrom('announcements')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('version_id', '=', versionId)
    .where('finished_at', 'is', null)
    .forUpdate()
    .executeTakeFirst();
}

/** The next customers by address who have the product and have not unsubscribed. */
export async function listReaders(
  tx: Transaction<DB>,
  { organisation_id, product_id, last_email }: AnnouncementRow,
  limit: number,
): Promise<string[]> {
  const { rows } = await sql<{ email: string }>`
    select distinct p.customer_email as email from purchases p
    where p.organisation_id = ${organisation_id} and p.product_id = ${product_id} and p.status = 'paid'
      and p.customer_email > ${last_email}
      and not exists (select from unsubscribes u
        where u.organisation_id = p.organisation_id and u.email = p.customer_email)
    order by 1 limit ${limit}::int`.execute(tx);
  return rows.map(({ email }) => email);
}

export async function advance(
  tx: Transaction<DB>,
  { organisation_id, id }: AnnouncementRow,
  emails: readonly string[],
  at: Date,
): Promise<void> {
  const last = emails.at(-1);
  await sql`update announcements set mails = mails + ${emails.length}::int,
      last_email = coalesce(${last ?? null}::text, last_email),
      finished_at = ${last === undefined ? at : null}::timestamptz
    where organisation_id = ${organisation_id} and id = ${id}::bigint`.execute(tx);
}

export interface News {
  readonly organisation_name: string;
  readonly product_name: string;
  readonly version: string;
}

/** What to tell the reader; undefined where the version was taken back, the purchase refunded, or they want no news. */
export async function findNews(
  db: Kysely<DB>,
  { organisationId, email }: Reader,
  versionId: string,
): Promise<News | undefined> {
  const { rows } = await sql<News>`
    select o.name as organisation_name, p.name as product_name, v.version
    from versions v
    join organisations o on o.id = v.organisation_id
    join products p on p.organisation_id = v.organisation_id and p.id = v.product_id
    where v.organisation_id = ${organisationId} and v.id = ${versionId}::bigint and v.status = 'ready'
      and exists (select from purchases s where s.organisation_id = v.organisation_id and s.product_id = v.product_id
        and s.customer_email = ${email} and s.status = 'paid')
      and not exists (select from unsubscribes u where u.organisation_id = v.organisation_id and u.email = ${email})`.execute(
    db,
  );
  return rows[0];
}

/** Undefined where there is no such organisation. */
export async function findOrganisationName(db: Kysely<DB>, organisationId: string): Promise<string | undefined> {
  const row = await db.selectFrom('organisations').select('name').where('id', '=', organisationId).executeTakeFirst();
  return row?.name;
}

/** False when they had done so before. */
export async function insertUnsubscribe(tx: Transaction<DB>, { organisationId, email }: Reader): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('unsubscribes')
    .values({ organisation_id: organisationId, email })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'email']).doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

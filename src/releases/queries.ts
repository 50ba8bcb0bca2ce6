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

export interface Customer {
  readonly email: string;
  readonly unsubscribed: boolean;
}

/** The next customers by address who have the product. */
export async function listCustomers(
  tx: Transaction<DB>,
  { organisation_id, product_id, last_email }: AnnouncementRow,
  limit: number,
): Promise<Customer[]> {
  const { rows } = await sql<Customer>`
    select c.email, exists (select from unsubscribes u
      where u.organisation_id = ${organisation_id} and u.email = c.email) as unsubscribed
    from (select distinct customer_email as email from purchases
      where organisation_id = ${organisation_id} and product_id = ${product_id} and status = 'paid'
        and customer_email > ${last_email}
      order by 1 limit ${limit}::int) c
    order by 1`.execute(tx);
  return rows;
}

export async function advance(
  tx: Transaction<DB>,
  { organisation_id, id }: AnnouncementRow,
  customers: readonly Customer[],
  at: Date,
): Promise<void> {
  const last = customers.at(-1)?.email;
  const skipped = customers.filter(({ unsubscribed }) => unsubscribed).length;
  await sql`update announcements set mails = mails + ${customers.length - skipped}::int,
      skipped = skipped + ${skipped}::int, last_email = coalesce(${last ?? null}::text, last_email),
      finished_at = ${last === undefined ? at : null}::timestamptz
    where organisation_id = ${organisation_id} and id = ${id}::bigint`.execute(tx);
}

export interface News {
  readonly organisation_name: string;
  readonly product_name: string;
  readonly version: string;
  /** What may have changed since the mail was queued. */
  readonly ready: boolean;
  readonly paid: boolean;
  readonly unsubscribed: boolean;
}

/** What to tell the reader. */
export async function findNews(
  db: Kysely<DB>,
  { organisationId, email }: Reader,
  versionId: string,
): Promise<News | undefined> {
  const { rows } = await sql<News>`
    select o.name as organisation_name, p.name as product_name, v.version, v.status = 'ready' as ready,
      exists (select from purchases s where s.organisation_id = v.organisation_id and s.product_id = v.product_id
        and s.customer_email = ${email} and s.status = 'paid') as paid,
      exists (select from unsubscribes u where u.organisation_id = v.organisation_id and u.email = ${email})
        as unsubscribed
    from versions v
    join organisations o on o.id = v.organisation_id
    join products p on p.organisation_id = v.organisation_id and p.id = v.product_id
    where v.organisation_id = ${organisationId} and v.id = ${versionId}::bigint`.execute(db);
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

/** False when they had not. */
export async function deleteUnsubscribe(tx: Transaction<DB>, { organisationId, email }: Reader): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('unsubscribes')
    .where('organisation_id', '=', organisationId)
    .where('email', '=', email)
    .executeTakeFirst();
  return numDeletedRows === 1n;
}

/** Whether they want no news of the organisation's. */
export async function hasUnsubscribed(db: Kysely<DB>, { organisationId, email }: Reader): Promise<boolean> {
  const row = await db
    .selectFrom('unsubscribes')
    .select('email')
    .where('organisation_id', '=', organisationId)
    .where('email', '=', email)
    .executeTakeFirst();
  return row !== undefined;
}

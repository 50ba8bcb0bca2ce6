import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Page } from '../http/pagination.ts';
import type { Period } from './rules.ts';

export function findPurchase(db: Kysely<DB>, organisationId: string, id: string) {
  return db
    .selectFrom('purchases')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .executeTakeFirst();
}

export type PurchaseRow = NonNullable<Awaited<ReturnType<typeof findPurchase>>>;

/**
 * The purchase, held as it is until the transaction ends. Whoever makes a link for a purchase holds it: a refund, which
 * ends all links, then comes before and is seen, or waits and finds the new one.
 */
export function holdPurchase(
  tx: Transaction<DB>,
  organisationId: string,
  id: string,
): Promise<PurchaseRow | undefined> {
  return tx
    .selectFrom('purchases')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .forShare()
    .executeTakeFirst();
}

interface NewPurchase {
  readonly id: string;
  readonly productId: string;
  readonly customerEmail: string;
  readonly orderId: string;
}

/**
 * The purchase of a product under an order id: the one that is there, whoever its customer is, else a new one, which has
 * the id that was given. Held as by `holdPurchase`. `undefined` when the organisation has no such product.
 */
export async function ensurePurchase(
  tx: Transaction<DB>,
  organisationId: string,
  purchase: NewPurchase,
): Promise<PurchaseRow | undefined> {
  const { id, productId, customerEmail, orderId } = purchase;
  const { rows } = await sql<PurchaseRow>`
    insert into purchases (id, organisation_id, product_id, customer_email, source, order_id)
    select ${id}::bigint, p.organisation_id, p.id, ${customerEmail}, 'api', ${orderId}
    from products p where p.organisation_id = ${organisationId} and p.id = ${productId}
    on conflict (organisation_id, source, order_id, product_id) do update set order_id = excluded.order_id
    returning *`.execute(tx);
  return rows[0];
}

export interface NewSale extends NewPurchase {
  readonly organisationId: string;
  /** Whose report it is; `api` for the organisation's own. */
  readonly source: string;
  readonly customerName: string | null;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly purchasedAt: Date;
}

/** Answers those that are new: not the ones whose order has the product already. */
export async function insertPurchases(tx: Transaction<DB>, sales: readonly NewSale[]): Promise<PurchaseRow[]> {
  const { rows } = await sql<PurchaseRow>`
    insert into purchases (id, organisation_id, product_id, customer_email, customer_name, source, order_id, amount,
      currency, purchased_at)
    select id, "organisationId", "productId", "customerEmail", "customerName", source, "orderId", amount, currency,
      "purchasedAt"
    from json_to_recordset(${JSON.stringify(sales)}::json) as sale (id bigint, "organisationId" text, "productId" text,
      "customerEmail" text, "customerName" text, source text, "orderId" text, amount bigint, currency text,
      "purchasedAt" timestamptz)
    on conflict (organisation_id, source, order_id, product_id) do nothing
    returning *`.execute(tx);
  return rows;
}

/** Who bought these, which are one customer's. */
export async function findCustomerOf(
  tx: Transaction<DB>,
  organisationId: string,
  ids: readonly string[],
): Promise<string> {
  const { customer_email } = await tx
    .selectFrom('purchases')
    .select('customer_email')
    .where('organisation_id', '=', organisationId)
    .where('id', 'in', ids)
    .orderBy('id')
    .limit(1)
    .executeTakeFirstOrThrow();
  return customer_email;
}

/** Answers undefined when the purchase is not there, or was refunded before. */
export function markRefunded(
  tx: Transaction<DB>,
  organisationId: string,
  id: string,
  at: Date,
): Promise<PurchaseRow | undefined> {
  return tx
    .updateTable('purchases')
    .set({ status: 'refunded', refunded_at: at })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .where('status', '=', 'paid')
    .returningAll()
    .executeTakeFirst();
}

export interface PurchaseFilter extends Partial<Period> {
  /** Normalised. */
  readonly customerEmail?: string | undefined;
  readonly productId?: string | undefined;
  readonly status?: string | undefined;
}

function newest(
  db: Kysely<DB>,
  organisationId: string,
  { customerEmail, productId, status, since, until }: PurchaseFilter,
  before: string | undefined,
) {
  let query = db.selectFrom('purchases').where('organisation_id', '=', organisationId).orderBy('id', 'desc');
  if (before !== undefined) query = query.where('id', '<', before);
  if (customerEmail !== undefined) query = query.where('customer_email', '=', customerEmail);
  if (productId !== undefined) query = query.where('product_id', '=', productId);
  if (status !== undefined) query = query.where('status', '=', status);
  if (since !== undefined) query = query.where('purchased_at', '>=', since);
  if (until !== undefined) query = query.where('purchased_at', '<', until);
  return query;
}

/** One row more than the page holds, last recorded first. */
export function listPurchaseRows(
  db: Kysely<DB>,
  organisationId: string,
  filter: PurchaseFilter,
  { limit, before }: Page,
): Promise<PurchaseRow[]> {
  return newest(db, organisationId, filter, before)
    .selectAll()
    .limit(limit + 1)
    .execute();
}

const text = (name: string) => sql`to_json(${sql.ref(name)})::text`;
const time = (name: string) => sql`to_char(${sql.ref(name)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** What `presentPurchase` says of a row, as JSON text; a part that joins a null vanishes. A test keeps the two equal. */
const JSON_TEXT = sql<string>`concat('{"id":"', id, '","productId":', ${text('product_id')},
  ',"customerEmail":', ${text('customer_email')}, ',"customerName":' || ${text('customer_name')},
  ',"source":"', source, '","orderId":', ${text('order_id')},
  ',"amount":' || amount, ',"currency":"' || currency || '"', ',"status":"', status,
  '"', ',"emailStatus":"' || email_state || '"', ',"purchasedAt":"', ${time('purchased_at')}, '"', ',"refundedAt":"' || ${time('refunded_at')} || '"', '}')`;

export interface JsonRows {
  /** The rows' JSON, with commas between them. */
  readonly text: string;
  /** The id to go on before; undefined where these were the last. */
  readonly last: string | undefined;
}

/** A stretch of the list as JSON that the database wrote: parsing and writing it again would hold up other requests. */
export async function readJsonRows(
  db: Kysely<DB>,
  organisationId: string,
  filter: PurchaseFilter,
  { limit, before }: Page,
): Promise<JsonRows | undefined> {
  const rows = newest(db, organisationId, filter, before)
    .select(['id', JSON_TEXT.as('json')])
    .limit(limit);
  const { joined, last, count } = await db
    .selectFrom(rows.as('r'))
    .select([
      sql<string | null>`string_agg(r.json, E',\n' order by r.id desc)`.as('joined'),
      sql<string>`min(r.id)`.as('last'),
      sql<number>`count(*)::int`.as('count'),
    ])
    .executeTakeFirstOrThrow();
  if (joined === null) return undefined;
  return { text: joined, last: count < limit ? undefined : last };
}

import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Page } from '../http/pagination.ts';
import type { Order, Shop } from './order_queries.ts';

export interface KeptLine {
  readonly id: string;
  readonly deliveryId: string;
  readonly key: string;
  readonly externalIds: readonly string[];
  readonly productId: string | null;
  readonly title: string | null;
  readonly state: 'waiting' | 'settled';
  readonly reason: 'no_mapping' | 'no_email' | null;
  readonly productIds: readonly string[];
  readonly lateFor: string | null;
  readonly email: string | null;
  readonly name: string | null;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly purchasedAt: Date;
}

interface OrderLines {
  readonly order: Order;
  readonly lines: readonly KeptLine[];
}

/** Keeps the lines of these orders, which are locked, as they are now. One that was kept before remains its first report's. */
export async function keepLines(tx: Transaction<DB>, orders: readonly OrderLines[]): Promise<void> {
  const rows = orders.flatMap(({ order: { shop, orderId }, lines }) =>
    lines.map((line) => ({ ...shop, orderId, ...line })),
  );
  if (rows.length === 0) return;
  await sql`
    insert into order_lines (id, organisation_id, vendor, order_id, line_key, delivery_id, external_ids, product_id, name,
      state, reason, product_ids, late_for, customer_email, customer_name, amount, currency, purchased_at)
    select id, "organisationId", vendor, "orderId", key, "deliveryId", "externalIds", "productId", title,
      state, reason, "productIds", "lateFor", email, name, amount, currency, "purchasedAt"
    from json_to_recordset(${JSON.stringify(rows)}::json) as line (id bigint, "organisationId" text, vendor text,
      "orderId" text, key text, "deliveryId" bigint, "externalIds" text[], "productId" text, title text, state text,
      reason text, "productIds" text[], "lateFor" text, email text, name text, amount bigint, currency text,
      "purchasedAt" timestamptz)
    on conflict (organisation_id, vendor, order_id, line_key) do update
    set state = excluded.state, reason = excluded.reason, external_ids = excluded.external_ids,
      product_id = excluded.product_id, product_ids = excluded.product_ids, late_for = excluded.late_for,
      customer_email = excluded.customer_email, customer_name = excluded.customer_name, amount = excluded.amount,
      currency = excluded.currency`.execute(tx);
}

/** One that waits. */
export function findLine(db: Kysely<DB>, organisationId: string, id: string) {
  return db
    .selectFrom('order_lines')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .executeTakeFirst();
}

export type LineRow = NonNullable<Awaited<ReturnType<typeof findLine>>>;

/** Of those that wait, one row more than the page holds, newest first. */
export function listLineRows(
  db: Kysely<DB>,
  organisationId: string,
  { vendor }: { readonly vendor?: string | undefined },
  { limit, before }: Page,
): Promise<LineRow[]> {
  let query = db
    .selectFrom('order_lines')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('state', '=', 'waiting');
  if (vendor !== undefined) query = query.where('vendor', '=', vendor);
  if (before !== undefined) query = query.where('id', '<', before);
  return query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
}

/** The order that a line is of at this moment; undefined where there is no such line. */
export async function findOrderOf(db: Kysely<DB>, organisationId: string, id: string): Promise<Order | undefined> {
  const row = await db
    .selectFrom('order_lines')
    .select(['vendor', 'order_id'])
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && { shop: { organisationId, vendor: row.vendor }, orderId: row.order_id };
}

/** Ids of the waiting lines that the external id may tell the product of, and of those that were mapped late, oldest first. */
export async function listLinesNaming(
  db: Kysely<DB>,
  { organisationId, vendor }: Shop,
  externalId: string,
  late: boolean,
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from order_lines
    where organisation_id = ${organisationId} and vendor = ${vendor} and external_ids @> array[${externalId}]::text[]
      and state = 'waiting'
    union
    select id from order_lines
    where ${late}::boolean and organisation_id = ${organisationId} and vendor = ${vendor} and late_for = ${externalId}
    order by id`.execute(db);
  return rows.map(({ id }) => id);
}

import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Page } from '../http/pagination.ts';
import type { Order, Shop } from './order_queries.ts';

export interface WaitingLine {
  readonly id: string;
  readonly deliveryId: string;
  readonly key: string;
  readonly externalIds: readonly string[];
  readonly title: string | null;
  readonly reason: 'no_mapping' | 'no_email';
  readonly productIds: readonly string[];
  readonly email: string | null;
  readonly name: string | null;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly purchasedAt: Date;
}

/** Keeps a line until it can be told what was bought, and for whom. */
export async function keepLine(
  tx: Transaction<DB>,
  { shop: { organisationId, vendor }, orderId }: Order,
  line: WaitingLine,
): Promise<void> {
  await tx
    .insertInto('order_lines')
    .values({
      id: line.id,
      organisation_id: organisationId,
      vendor,
      order_id: orderId,
      line_key: line.key,
      delivery_id: line.deliveryId,
      external_ids: [...line.externalIds],
      name: line.title,
      reason: line.reason,
      product_ids: [...line.productIds],
      customer_email: line.email,
      customer_name: line.name,
      amount: line.amount,
      currency: line.currency,
      purchased_at: line.purchasedAt,
    })
    .onConflict((conflict) =>
      conflict.columns(['organisation_id', 'vendor', 'order_id', 'line_key']).doUpdateSet((eb) => ({
        reason: line.reason,
        product_ids: [...line.productIds],
        customer_email: eb.fn.coalesce('order_lines.customer_email', 'excluded.customer_email'),
      })),
    )
    .execute();
}

/** Ends the waiting of these lines; answers the deliveries that they came with. */
export async function dropLines(
  tx: Transaction<DB>,
  { shop: { organisationId, vendor }, orderId }: Order,
  keys: readonly string[],
): Promise<string[]> {
  const rows = await tx
    .deleteFrom('order_lines')
    .where('organisation_id', '=', organisationId)
    .where('vendor', '=', vendor)
    .where('order_id', '=', orderId)
    .where('line_key', 'in', [...keys])
    .returning('delivery_id')
    .execute();
  return rows.map(({ delivery_id }) => delivery_id);
}

export function findLine(db: Kysely<DB>, organisationId: string, id: string) {
  return db
    .selectFrom('order_lines')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .executeTakeFirst();
}

export type LineRow = NonNullable<Awaited<ReturnType<typeof findLine>>>;

/** One row more than the page holds, newest first. */
export function listLineRows(
  db: Kysely<DB>,
  organisationId: string,
  { vendor }: { readonly vendor?: string | undefined },
  { limit, before }: Page,
): Promise<LineRow[]> {
  let query = db.selectFrom('order_lines').selectAll().where('organisation_id', '=', organisationId);
  if (vendor !== undefined) query = query.where('vendor', '=', vendor);
  if (before !== undefined) query = query.where('id', '<', before);
  return query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
}

/** Ids of the lines that the external id may tell the product of, oldest first. */
export async function listLinesNaming(
  db: Kysely<DB>,
  { organisationId, vendor }: Shop,
  externalId: string,
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select id from order_lines
    where organisation_id = ${organisationId} and vendor = ${vendor} and external_ids @> array[${externalId}]::text[]
    order by id`.execute(db);
  return rows.map(({ id }) => id);
}

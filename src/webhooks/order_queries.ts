import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Page } from '../http/pagination.ts';

/** Of whom: everything about orders is named within an organisation and a vendor. */
export interface Shop {
  readonly organisationId: string;
  readonly vendor: string;
}

/** Makes whoever works on one of these names of payments take turns, until the transaction ends. */
export async function lockReferences(
  tx: Transaction<DB>,
  { organisationId, vendor }: Shop,
  references: readonly string[],
): Promise<void> {
  const keys = references.map((reference) => `${organisationId} ${vendor} ${reference}`).sort();
  await sql`select pg_advisory_xact_lock(hashtextextended(key, 0)) from unnest(${keys}::text[]) key`.execute(tx);
}

/** The orders that the names belong to; those that are new get the first name as their order. */
export async function claimReferences(
  tx: Transaction<DB>,
  { organisationId, vendor }: Shop,
  references: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ order_id: string; own: boolean }>`
    with known as (
      select order_id from payment_references
      where organisation_id = ${organisationId} and vendor = ${vendor} and reference = any(${references}::text[])
      order by order_id limit 1)
    insert into payment_references as r (organisation_id, vendor, reference, order_id)
    select ${organisationId}, ${vendor}, name, coalesce((select order_id from known), ${references[0] ?? ''})
    from unnest(${references}::text[]) name
    on conflict (organisation_id, vendor, reference) do update set reference = excluded.reference
    returning order_id`.execute(tx);
  return [...new Set(rows.map(({ order_id }) => order_id))].sort();
}

/**
 * Two orders turn out to be one: what was recorded under the second belongs to the first. A product that both have stays
 * once, with the links of both.
 */
export async function mergeOrders(
  tx: Transaction<DB>,
  { organisationId, vendor }: Shop,
  kept: string,
  given: string,
): Promise<void> {
  await sql`
    update download_tokens t set purchase_id = k.id
    from purchases g join purchases k on k.organisation_id = g.organisation_id and k.source = g.source
      and k.product_id = g.product_id and k.order_id = ${kept}
    where g.organisation_id = ${organisationId} and g.source = ${vendor} and g.order_id = ${given}
      and t.organisation_id = g.organisation_id and t.purchase_id = g.id`.execute(tx);
  await sql`
    delete from purchases g using purchases k
    where g.organisation_id = ${organisationId} and g.source = ${vendor} and g.order_id = ${given}
      and k.organisation_id = g.organisation_id and k.source = g.source and k.product_id = g.product_id
      and k.order_id = ${kept}`.execute(tx);
  await sql`update purchases set order_id = ${kept}
    where organisation_id = ${organisationId} and source = ${vendor} and order_id = ${given}`.execute(tx);
  for (const table of ['order_refunds', 'order_lines'] as const) {
    await sql`delete from ${sql.table(table)} g using ${sql.table(table)} k
      where g.organisation_id = ${organisationId} and g.vendor = ${vendor} and g.order_id = ${given}
        and k.organisation_id = g.organisation_id and k.vendor = g.vendor and k.line_key = g.line_key
        and k.order_id = ${kept}`.execute(tx);
    await sql`update ${sql.table(table)} set order_id = ${kept}
      where organisation_id = ${organisationId} and vendor = ${vendor} and order_id = ${given}`.execute(tx);
  }
  await sql`update payment_references set order_id = ${kept}
    where organisation_id = ${organisationId} and vendor = ${vendor} and order_id = ${given}`.execute(tx);
}

/** What is known of an order. */
export interface OrderState {
  readonly purchases: readonly { id: string; product_id: string; status: string; customer_email: string }[];
  /** Keys of the lines that were refunded; `*` for all of them. */
  readonly refunds: readonly string[];
}

export async function readOrder(tx: Transaction<DB>, { organisationId, vendor }: Shop, orderId: string) {
  const { rows } = await sql<OrderState>`
    select
      (select coalesce(json_agg(json_build_object('id', id::text, 'product_id', product_id, 'status', status,
          'customer_email', customer_email)), '[]')
        from purchases where organisation_id = ${organisationId} and source = ${vendor} and order_id = ${orderId})
        as purchases,
      (select coalesce(json_agg(line_key), '[]')
        from order_refunds where organisation_id = ${organisationId} and vendor = ${vendor} and order_id = ${orderId})
        as refunds`.execute(tx);
  return rows[0] ?? { purchases: [], refunds: [] };
}

export async function markLinesRefunded(
  tx: Transaction<DB>,
  { organisationId, vendor }: Shop,
  orderId: string,
  keys: readonly string[],
): Promise<void> {
  const rows = keys.map((key) => ({ organisation_id: organisationId, vendor, order_id: orderId, line_key: key }));
  await tx
    .insertInto('order_refunds')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** The products that each external id stands for, and which of the slugs are products of the organisation. */
export async function findTargets(
  tx: Kysely<DB>,
  { organisationId, vendor }: Shop,
  externalIds: readonly string[],
): Promise<{ external_id: string; product_id: string; mapped: boolean }[]> {
  const { rows } = await sql<{ external_id: string; product_id: string; mapped: boolean }>`
    select external_id, product_id, true as mapped from external_mappings
    where organisation_id = ${organisationId} and vendor = ${vendor} and external_id = any(${externalIds}::text[])
    union all
    select id, id, false from products
    where organisation_id = ${organisationId} and id = any(${externalIds}::text[])
    order by 1, 2`.execute(tx);
  return rows;
}

interface WaitingLine {
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
  { organisationId, vendor }: Shop,
  orderId: string,
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
  { organisationId, vendor }: Shop,
  orderId: string,
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

/** Lines of the order that wait for an address only. */
export function listAddresslessLines(tx: Transaction<DB>, { organisationId, vendor }: Shop, orderId: string) {
  return tx
    .selectFrom('order_lines')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('vendor', '=', vendor)
    .where('order_id', '=', orderId)
    .where('reason', '=', 'no_email')
    .execute();
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

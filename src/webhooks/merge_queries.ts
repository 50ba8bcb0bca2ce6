import { sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Order } from './order_queries.ts';
import { settleDeliveries } from './queries.ts';

/** A product that both of two orders have. */
export interface Twice {
  readonly kept: string;
  readonly given: string;
  readonly product_id: string;
  /** Whether one of the two purchases was refunded. */
  readonly refunded: boolean;
}

/**
 * Two orders turn out to be one: what was recorded under the second belongs to the first. Of a product that both have one
 * purchase remains, with the links of both and whatever either knows; answers these.
 */
export async function mergeOrders(tx: Transaction<DB>, order: Order, given: string): Promise<Twice[]> {
  const twice = await mergePurchases(tx, order, given);
  await mergeLines(tx, order, given);
  await mergeRefunds(tx, order, given);
  const { shop, orderId } = order;
  await sql`update payment_references set order_id = ${orderId}
    where organisation_id = ${shop.organisationId} and vendor = ${shop.vendor} and order_id = ${given}`.execute(tx);
  return twice;
}

async function mergePurchases(tx: Transaction<DB>, { shop, orderId }: Order, given: string): Promise<Twice[]> {
  const { organisationId, vendor } = shop;
  const { rows } = await sql<Twice>`
    select k.id as kept, g.id as given, g.product_id, 'refunded' in (g.status, k.status) as refunded
    from purchases g join purchases k on k.organisation_id = g.organisation_id and k.source = g.source
      and k.product_id = g.product_id and k.order_id = ${orderId}
    where g.organisation_id = ${organisationId} and g.source = ${vendor} and g.order_id = ${given}
    for update of g, k`.execute(tx);
  const ids = sql`unnest(${rows.map(({ kept }) => kept)}::bigint[], ${rows.map((row) => row.given)}::bigint[])
    as two (kept, given)`;
  if (rows.length > 0) {
    await sql`update download_tokens set purchase_id = two.kept from ${ids}
      where organisation_id = ${organisationId} and purchase_id = two.given`.execute(tx);
    await sql`update purchases k set amount = coalesce(k.amount, g.amount),
        currency = case when k.amount is null then g.currency else k.currency end,
        customer_name = coalesce(k.customer_name, g.customer_name)
      from purchases g, ${ids}
      where k.organisation_id = ${organisationId} and k.id = two.kept
        and g.organisation_id = ${organisationId} and g.id = two.given`.execute(tx);
    await sql`delete from purchases using ${ids} where organisation_id = ${organisationId} and id = two.given`.execute(
      tx,
    );
  }
  await sql`update purchases set order_id = ${orderId}
    where organisation_id = ${organisationId} and source = ${vendor} and order_id = ${given}`.execute(tx);
  return rows;
}

/** Of a line that both have, what was sold remains, else the first. */
async function mergeLines(tx: Transaction<DB>, { shop, orderId }: Order, given: string): Promise<void> {
  const { organisationId, vendor } = shop;
  const both = sql`g.organisation_id = ${organisationId} and g.vendor = ${vendor} and g.order_id = ${given}
    and k.organisation_id = g.organisation_id and k.vendor = g.vendor and k.order_id = ${orderId}
    and k.line_key = g.line_key`;
  await sql`update order_lines k
    set state = g.state, reason = g.reason, product_ids = g.product_ids, late_for = g.late_for
    from order_lines g where ${both} and k.state = 'waiting' and g.state = 'settled'`.execute(tx);
  await sql`update order_lines k set customer_email = coalesce(k.customer_email, g.customer_email),
      customer_name = coalesce(k.customer_name, g.customer_name)
    from order_lines g where ${both}`.execute(tx);
  const { rows } = await sql<{ ids: string[] }>`delete from order_lines g using order_lines k where ${both}
    returning array[g.delivery_id, k.delivery_id]::text[] as ids`.execute(tx);
  await sql`update order_lines set order_id = ${orderId}
    where organisation_id = ${organisationId} and vendor = ${vendor} and order_id = ${given}`.execute(tx);
  const deliveries = rows.flatMap(({ ids }) => ids).map((deliveryId) => ({ deliveryId, organisationId }));
  await settleDeliveries(tx, deliveries);
}

async function mergeRefunds(tx: Transaction<DB>, { shop, orderId }: Order, given: string): Promise<void> {
  const { organisationId, vendor } = shop;
  await sql`delete from order_refunds g using order_refunds k
    where g.organisation_id = ${organisationId} and g.vendor = ${vendor} and g.order_id = ${given}
      and k.organisation_id = g.organisation_id and k.vendor = g.vendor and k.line_key = g.line_key
      and k.order_id = ${orderId}`.execute(tx);
  await sql`update order_refunds set order_id = ${orderId}
    where organisation_id = ${organisationId} and vendor = ${vendor} and order_id = ${given}`.execute(tx);
}

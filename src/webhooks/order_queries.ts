import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Target } from './targets.ts';

/** Of whom: everything about orders is named within an organisation and a vendor. */
export interface Shop {
  readonly organisationId: string;
  readonly vendor: string;
}

/** An order of a shop, locked. */
export interface Order {
  readonly shop: Shop;
  readonly orderId: string;
}

interface Bought {
  readonly id: string;
  readonly product_id: string;
  readonly status: string;
  readonly customer_email: string;
  readonly amount: number | null;
}

/** What is known of an order. */
export interface OrderState {
  readonly purchases: readonly Bought[];
  /** Keys of the lines that were refunded; `*` for all of them. */
  readonly refunds: readonly string[];
  /** That wait for a product or a customer. */
  readonly lines: readonly Waiting[];
}

interface Waiting {
  readonly line_key: string;
  readonly reason: string;
  readonly external_ids: readonly string[];
  readonly name: string | null;
  readonly amount: number | null;
  readonly product_ids: readonly string[];
}

/** The state of each of the orders. */
export async function readOrders(tx: Transaction<DB>, orders: readonly Order[]): Promise<OrderState[]> {
  const { rows } = await sql<OrderState>`
    select
      (select coalesce(json_agg(json_build_object('id', id::text, 'product_id', product_id, 'status', status,
          'customer_email', customer_email, 'amount', amount)), '[]')
        from purchases where organisation_id = o.organisation_id and source = o.vendor and order_id = o.id)
        as purchases,
      (select coalesce(json_agg(line_key), '[]')
        from order_refunds where organisation_id = o.organisation_id and vendor = o.vendor and order_id = o.id)
        as refunds,
      (select coalesce(json_agg(json_build_object('line_key', line_key, 'reason', reason, 'external_ids', external_ids,
          'name', name, 'amount', amount, 'product_ids', product_ids)), '[]')
        from order_lines where organisation_id = o.organisation_id and vendor = o.vendor and order_id = o.id)
        as lines
    from unnest(${orders.map(({ shop }) => shop.organisationId)}::text[],
      ${orders.map(({ shop }) => shop.vendor)}::text[], ${orders.map(({ orderId }) => orderId)}::text[])
      with ordinality as o (organisation_id, vendor, id, n)
    order by n`.execute(tx);
  return rows;
}

export async function readOrder(tx: Transaction<DB>, order: Order): Promise<OrderState> {
  const [state] = await readOrders(tx, [order]);
  return state ?? { purchases: [], refunds: [], lines: [] };
}

export async function markLinesRefunded(
  tx: Transaction<DB>,
  { shop: { organisationId, vendor }, orderId }: Order,
  keys: readonly string[],
): Promise<void> {
  if (keys.length === 0) return;
  const rows = keys.map((key) => ({ organisation_id: organisationId, vendor, order_id: orderId, line_key: key }));
  await tx
    .insertInto('order_refunds')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** What the shops' items are called there. */
export interface Items {
  readonly shop: Shop;
  readonly externalIds: readonly string[];
}

interface TargetRow extends Target {
  readonly organisation_id: string;
  readonly vendor: string;
}

/** For each of these: the products that each external id stands for, and which of the slugs are products there. */
export async function findTargets(db: Kysely<DB>, items: readonly Items[]): Promise<TargetRow[][]> {
  const asked = items.flatMap(({ shop, externalIds }) => externalIds.map((id) => ({ ...shop, id })));
  if (asked.length === 0) return items.map(() => []);
  const { rows } = await sql<TargetRow>`
    with asked as materialized (
      select distinct * from unnest(${asked.map(({ organisationId }) => organisationId)}::text[],
        ${asked.map(({ vendor }) => vendor)}::text[], ${asked.map(({ id }) => id)}::text[])
        as asked (organisation_id, vendor, external_id))
    select asked.*, m.product_id, true as mapped
    from asked join external_mappings m using (organisation_id, vendor, external_id)
    union all
    select asked.*, p.id, false
    from asked join products p on p.organisation_id = asked.organisation_id and p.id = asked.external_id
    order by external_id, product_id`.execute(db);
  return items.map(({ shop, externalIds }) =>
    rows.filter(
      ({ organisation_id, vendor, external_id }) =>
        organisation_id === shop.organisationId && vendor === shop.vendor && externalIds.includes(external_id),
    ),
  );
}

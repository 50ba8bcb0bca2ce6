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
  readonly customer_name: string | null;
}

/** What is known of an order. */
export interface OrderState {
  readonly purchases: readonly Bought[];
  readonly refunds: readonly Returned[];
  /** All that were ever reported. */
  readonly lines: readonly KnownLine[];
}

/** A line that was refunded, or all of them: `*`. */
export interface Returned {
  readonly line_key: string;
  /** What came back for it, in the currency's minor unit; null for all of it. */
  readonly amount: number | null;
}

export interface KnownLine {
  readonly line_key: string;
  readonly delivery_id: string;
  /** `settled`: it was sold as its products, and is never looked at again for what it stands for. */
  readonly state: 'waiting' | 'settled';
  readonly reason: 'no_mapping' | 'no_email' | null;
  readonly external_ids: readonly string[];
  readonly product_id: string | null;
  readonly product_ids: readonly string[];
  /** The external id by which it was mapped after it had waited for that. */
  readonly late_for: string | null;
  readonly name: string | null;
  readonly customer_email: string | null;
  readonly customer_name: string | null;
  readonly amount: number | null;
  readonly currency: string | null;
  /** RFC 3339. */
  readonly purchased_at: string;
}

/** The state of each of the orders. */
export async function readOrders(tx: Transaction<DB>, orders: readonly Order[]): Promise<OrderState[]> {
  const { rows } = await sql<OrderState>`
    select
      (select coalesce(json_agg(json_build_object('id', id::text, 'product_id', product_id, 'status', status,
          'customer_email', customer_email, 'customer_name', customer_name) order by id), '[]')
        from purchases where organisation_id = o.organisation_id and source = o.vendor and order_id = o.id)
        as purchases,
      (select coalesce(json_agg(json_build_object('line_key', line_key, 'amount', amount)), '[]')
        from order_refunds where organisation_id = o.organisation_id and vendor = o.vendor and order_id = o.id)
        as refunds,
      (select coalesce(json_agg(json_build_object('line_key', line_key, 'delivery_id', delivery_id::text,
          'state', state, 'reason', reason, 'external_ids', external_ids, 'product_id', product_id,
          'product_ids', product_ids, 'late_for', late_for, 'name', name, 'customer_email', customer_email,
          'customer_name', customer_name, 'amount', amount, 'currency', currency, 'purchased_at', purchased_at)
          order by id), '[]')
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

/** Of a line that was refunded before the larger amount counts: reports tell what came back in all. */
export async function keepRefunds(
  tx: Transaction<DB>,
  { shop: { organisationId, vendor }, orderId }: Order,
  returned: readonly Returned[],
): Promise<void> {
  if (returned.length === 0) return;
  await sql`
    insert into order_refunds as r (organisation_id, vendor, order_id, line_key, amount)
    select ${organisationId}, ${vendor}, ${orderId}, line_key, amount
    from json_to_recordset(${JSON.stringify(returned)}::json) as returned (line_key text, amount bigint)
    on conflict (organisation_id, vendor, order_id, line_key) do update
      set amount = case when r.amount is null or excluded.amount is null then null
        else greatest(r.amount, excluded.amount) end`.execute(tx);
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

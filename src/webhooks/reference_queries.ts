import { sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Shop } from './order_queries.ts';

/** Names of payments, of one shop. */
export interface Names {
  readonly shop: Shop;
  readonly references: readonly string[];
}

const keyOf = ({ organisationId, vendor }: Shop) => `${organisationId} ${vendor}`;

/**
 * Makes whoever works on one of these names of payments take turns, until the transaction ends. It shares the shops with
 * all who do so, see `waitForShop`.
 */
export async function lockReferences(tx: Transaction<DB>, names: readonly Names[]): Promise<void> {
  const keys = names.flatMap(({ shop, references }) => references.map((reference) => `${keyOf(shop)} ${reference}`));
  // In one order for all, so that two never wait for each other.
  const sorted = [...new Set(keys)].sort();
  const shops = [...new Set(names.map(({ shop }) => keyOf(shop)))].sort();
  await sql`
    select pg_advisory_xact_lock_shared(hashtextextended(key, 0)) from unnest(${shops}::text[]) key
    union all
    select pg_advisory_xact_lock(hashtextextended(key, 0)) from unnest(${sorted}::text[]) key`.execute(tx);
}

/** Waits for all who work on payments of the shop at this moment: what they keep is to be seen afterwards. */
export async function waitForShop(tx: Transaction<DB>, shop: Shop): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${keyOf(shop)}, 0))`.execute(tx);
}

/**
 * For each of these, which have no name in common: the orders that its names belong to; those that are new get its first
 * name as their order.
 */
export async function claimReferences(tx: Transaction<DB>, names: readonly Names[]): Promise<string[][]> {
  const rows = names.flatMap(({ shop: { organisationId, vendor }, references }, n) =>
    references.map((reference) => ({ n, organisation_id: organisationId, vendor, reference, first: references[0] })),
  );
  const { rows: claimed } = await sql<{ n: number; orders: string[] }>`
    with name as materialized (
      select * from json_to_recordset(${JSON.stringify(rows)}::json)
        as name (n integer, organisation_id text, vendor text, reference text, first text)),
    known as (
      select n, min((
        select order_id from payment_references r
        where r.organisation_id = name.organisation_id and r.vendor = name.vendor and r.reference = name.reference))
        as order_id
      from name group by n),
    claimed as (
      insert into payment_references as r (organisation_id, vendor, reference, order_id)
      select organisation_id, vendor, reference, coalesce(known.order_id, first) from name left join known using (n)
      on conflict (organisation_id, vendor, reference) do update set reference = excluded.reference
      returning organisation_id, vendor, reference, order_id)
    select n, array_agg(distinct order_id) as orders
    from name join claimed using (organisation_id, vendor, reference)
    group by n`.execute(tx);
  const orders = names.map((): string[] => []);
  for (const row of claimed) orders[row.n] = row.orders;
  return orders;
}

import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { claimReferences, lockReferences, mergeOrders, type Shop } from './order_queries.ts';
import { keepRefunded } from './refunds.ts';
import type { SaleDeps } from './sales.ts';

/**
 * The order that reports with these names are of, locked until the transaction ends. Stripe has several names for one
 * payment, and reports that show that two of them belong together may come last.
 */
export async function settleOrder(
  tx: Transaction<DB>,
  deps: SaleDeps,
  shop: Shop,
  references: readonly string[],
): Promise<string> {
  await lockReferences(tx, shop, references);
  const [first = ''] = references;
  if (shop.vendor !== 'stripe') return first;
  const orders = await claimReferences(tx, shop, references);
  if (orders.length > 1 || orders[0] !== first) await lockReferences(tx, shop, orders);
  const [kept = first, ...given] = orders;
  for (const order of given) await mergeOrders(tx, shop, kept, order);
  if (given.length > 0) await keepRefunded(tx, deps, shop, kept);
  return kept;
}

import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Shop } from './order_queries.ts';
import type { SaleDeps } from './plan.ts';
import { claimReferences, lockReferences, mergeOrders, type Names } from './reference_queries.ts';
import { keepRefunded } from './refunds.ts';

/**
 * The order that reports with these names are of, for each of these, which have no name in common; locked until the
 * transaction ends. Stripe has several names for one payment, and reports that show that two of them belong together may
 * come last.
 */
export async function settleOrders(tx: Transaction<DB>, deps: SaleDeps, reports: readonly Names[]): Promise<string[]> {
  await lockReferences(tx, reports);
  const known = await claimOrders(
    tx,
    deps,
    reports.filter(({ shop }) => shop.vendor === 'stripe'),
  );
  return reports.map((names) => known.get(names) ?? names.references[0] ?? '');
}

async function claimOrders(
  tx: Transaction<DB>,
  deps: SaleDeps,
  reports: readonly Names[],
): Promise<ReadonlyMap<Names, string>> {
  if (reports.length === 0) return new Map();
  const claimed = await claimReferences(tx, reports);
  await lockOrders(tx, reports, claimed);
  const several = claimed.findIndex((orders) => orders.length > 1);
  const [names, orders] = [reports[several], claimed[several]];
  if (!names || !orders) return new Map(reports.map((each, i) => [each, claimed[i]?.[0] ?? '']));
  await join(tx, deps, names.shop, orders);
  // What was joined may have been of other reports as well.
  return claimOrders(tx, deps, reports);
}

/** Those that the reports do not name themselves. */
async function lockOrders(
  tx: Transaction<DB>,
  reports: readonly Names[],
  claimed: readonly (readonly string[])[],
): Promise<void> {
  const others = reports.map(({ shop, references }, i) => ({
    shop,
    references: (claimed[i] ?? []).filter((order) => !references.includes(order)),
  }));
  if (others.some(({ references }) => references.length > 0)) await lockReferences(tx, others);
}

async function join(
  tx: Transaction<DB>,
  deps: SaleDeps,
  shop: Shop,
  [kept = '', ...given]: readonly string[],
): Promise<void> {
  for (const order of given) await mergeOrders(tx, shop, kept, order);
  await keepRefunded(tx, deps, { shop, orderId: kept });
}

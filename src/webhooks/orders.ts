import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { type Event, recordEvents } from '../events/record.ts';
import { refund } from '../purchases/actions.ts';
import { endLinks } from '../purchases/link_queries.ts';
import { mergeOrders, type Twice } from './merge_queries.ts';
import type { Order } from './order_queries.ts';
import type { SaleDeps } from './plan.ts';
import { claimReferences, lockReferences, type Names } from './reference_queries.ts';
import { endReturned } from './refunds.ts';

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
  const [kept = '', ...given] = orders;
  for (const order of given) await join(tx, deps, { shop: names.shop, orderId: kept }, order);
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

/** What was refunded of either is refunded, with the links of both. */
async function join(tx: Transaction<DB>, deps: SaleDeps, order: Order, given: string): Promise<void> {
  const { organisationId } = order.shop;
  const twice = await mergeOrders(tx, order, given);
  await recordEvents(
    tx,
    twice.map((each) => mergedEvent(deps, order, each)),
  );
  for (const { kept } of twice.filter(({ refunded }) => refunded)) {
    await refund(tx, deps, { organisationId, userId: null }, kept);
    // Of one that was refunded before, the links that came to it.
    await endLinks(tx, organisationId, kept, deps.clock());
  }
  await endReturned(tx, deps, order);
}

function mergedEvent({ ids }: SaleDeps, { shop, orderId }: Order, { kept, given, product_id }: Twice): Event {
  const data = { purchase_id: kept, merged_purchase_id: given, product_id, order_id: orderId };
  return { id: ids.next(), organisationId: shop.organisationId, type: 'purchase.merged', userId: null, data };
}

import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { recordEvents } from '../events/record.ts';
import { createdEvent, refund } from '../purchases/actions.ts';
import { insertPurchases } from '../purchases/queries.ts';
import { queuePurchaseMails } from '../purchases/tasks.ts';
import { keepLines } from './line_queries.ts';
import { linesOf } from './lines.ts';
import { findTargets, type OrderState, readOrders } from './order_queries.ts';
import { type Plan, planSale, type ReportedSale, type SaleDeps } from './plan.ts';
import { settleDeliveries } from './queries.ts';

export interface AppliedSale {
  /** Whether lines that it was the first to report wait for a product or a customer. */
  readonly waiting: boolean;
  readonly purchaseIds: readonly string[];
}

/**
 * Records what was bought in each of the orders, which are different ones: a purchase for each product, and mails the
 * links of an order in one mail. A purchase that is there stays as it is; one whose line was refunded before is recorded
 * as refunded, and not mailed. Lines of earlier reports that wait are looked at again.
 */
export async function applySales(
  tx: Transaction<DB>,
  deps: SaleDeps,
  sales: readonly ReportedSale[],
): Promise<AppliedSale[]> {
  if (sales.length === 0) return [];
  const states = await readOrders(
    tx,
    sales.map(({ order }) => order),
  );
  const empty: OrderState = { purchases: [], refunds: [], lines: [] };
  const known = sales.map((sale, i) => ({ sale, state: states[i] ?? empty }));
  const targets = await findTargets(tx, known.map(itemsOf));
  const plans = known.map(({ sale, state }, i) => planSale(deps, sale, state, targets[i] ?? []));
  const made = await recordPurchases(tx, deps, plans);
  await keepLines(tx, plans);
  await settleDeliveries(
    tx,
    plans.flatMap(({ order: { shop }, settled }) =>
      settled.map((deliveryId) => ({ deliveryId, organisationId: shop.organisationId })),
    ),
  );
  return plans.map(({ waiting, purchases }) => ({
    waiting,
    purchaseIds: purchases.map(({ id }) => id).filter((id) => made.has(id)),
  }));
}

interface KnownSale {
  readonly sale: ReportedSale;
  readonly state: OrderState;
}

/** What the sale names, what waits, and what was mapped to one more product. */
function itemsOf({ sale: { order, sale, added }, state }: KnownSale) {
  const waiting = state.lines.filter((line) => line.state === 'waiting');
  const externalIds = [
    ...linesOf(sale).flatMap((line) => line.externalIds),
    ...waiting.flatMap((line) => line.external_ids),
    ...(added ? [added.externalId] : []),
  ];
  return { shop: order.shop, externalIds };
}

/** Answers the ids of those that are new. */
async function recordPurchases(
  tx: Transaction<DB>,
  deps: SaleDeps,
  plans: readonly Plan[],
): Promise<ReadonlySet<string>> {
  const planned = plans.flatMap(({ purchases }) => purchases);
  if (planned.length === 0) return new Set();
  const rows = await insertPurchases(tx, planned);
  const actorOf = (organisationId: string) => ({ organisationId, userId: null });
  await recordEvents(
    tx,
    rows.map((row) => createdEvent(deps, actorOf(row.organisation_id), row)),
  );
  const made = new Set(rows.map(({ id }) => id));
  for (const { id, organisationId, over } of planned)
    if (over && made.has(id)) await refund(tx, deps, actorOf(organisationId), id);
  await queuePurchaseMails(
    tx,
    deps,
    plans.map((plan) => mailOf(plan, made)).filter(({ purchaseIds }) => purchaseIds.length > 0),
  );
  return made;
}

function mailOf({ order, purchases }: Plan, made: ReadonlySet<string>) {
  return {
    organisationId: order.shop.organisationId,
    recipient: purchases[0]?.customerEmail ?? '',
    purchaseIds: purchases.filter(({ id, over }) => !over && made.has(id)).map(({ id }) => id),
  };
}

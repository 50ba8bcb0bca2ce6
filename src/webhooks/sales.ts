import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { recordEvents } from '../events/record.ts';
import { createdEvent, refund } from '../purchases/actions.ts';
import { insertPurchases } from '../purchases/queries.ts';
import { queuePurchaseMails } from '../purchases/tasks.ts';
import { dropLines, keepLine } from './line_queries.ts';
import { findTargets, readOrders } from './order_queries.ts';
import { linesOf, type Plan, planSale, type ReportedSale, type SaleDeps } from './plan.ts';
import { settleDeliveries } from './queries.ts';

export interface AppliedSale {
  /** Whether lines are left that no product, or no customer, is known for. */
  readonly waiting: boolean;
  readonly purchaseIds: readonly string[];
}

/**
 * Records what was bought in each of the orders, which are different ones: a purchase for each product, and mails the
 * links of an order in one mail. A purchase that is there stays as it is; one whose line was refunded before is recorded
 * as refunded, and not mailed.
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
  const targets = await findTargets(tx, sales.map(itemsOf));
  const plans = sales.map((sale, i) =>
    planSale(deps, sale, states[i] ?? { purchases: [], refunds: [], lines: [] }, targets[i] ?? []),
  );
  const made = await recordPurchases(tx, deps, plans);
  for (const plan of plans) await settleLines(tx, plan);
  return plans.map(({ waiting, purchases }) => ({
    waiting: waiting.length > 0,
    purchaseIds: purchases.map(({ id }) => id).filter((id) => made.has(id)),
  }));
}

const itemsOf = ({ order: { shop }, sale }: ReportedSale) => ({
  shop,
  externalIds: linesOf(sale).flatMap(({ externalIds }) => externalIds),
});

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

async function settleLines(tx: Transaction<DB>, { order, waiting, settled }: Plan): Promise<void> {
  for (const line of waiting) await keepLine(tx, order, line);
  if (settled.length === 0) return;
  await settleDeliveries(tx, order.shop.organisationId, await dropLines(tx, order, settled));
}

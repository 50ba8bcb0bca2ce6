import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { refund } from '../purchases/actions.ts';
import type { Refund, RefundedLine } from './change.ts';
import { sum } from './money.ts';
import { findTargets, markLinesRefunded, type Order, type OrderState, readOrder } from './order_queries.ts';
import type { SaleDeps } from './plan.ts';
import { productsOf } from './targets.ts';

/** All lines of an order. */
const ALL = '*';

/**
 * Refunds the purchases of the lines, or of the whole order. What was refunded is kept, so that an order that is reported
 * only later ends refunded as well.
 */
export async function applyRefund(
  tx: Transaction<DB>,
  deps: SaleDeps,
  order: Order,
  { lines }: Pick<Refund, 'lines'>,
): Promise<void> {
  const { purchases } = await readOrder(tx, order);
  const items = { shop: order.shop, externalIds: lines?.flatMap(({ externalIds }) => externalIds) ?? [] };
  const [targets = []] = await findTargets(tx, [items]);
  const returned = lines?.map((line) => ({ ...line, products: productsOf({ productId: null, ...line }, targets) }));
  const isOver = (product: string) => returned === undefined || cameBack(product, returned, purchases);
  const had = purchases.map(({ product_id }) => product_id);
  const over = returned?.filter(({ products }) => products.every((one) => !had.includes(one) || isOver(one)));
  await markLinesRefunded(tx, order, [...new Set(over?.map(({ key }) => key) ?? [ALL])]);
  const actor = { organisationId: order.shop.organisationId, userId: null };
  for (const { id, product_id, status } of purchases)
    if (status === 'paid' && isOver(product_id)) await refund(tx, deps, actor, id);
}

/** Whether what came back for the lines that the product was bought with is all that was paid with them. */
function cameBack(
  product: string,
  returned: readonly (RefundedLine & { readonly products: readonly string[] })[],
  purchases: OrderState['purchases'],
): boolean {
  const holding = returned.filter(({ products }) => products.includes(product));
  const sold = purchases.filter(({ product_id }) => holding.some(({ products }) => products.includes(product_id)));
  const given = holding.map(({ amount }) => amount);
  return (
    holding.length > 0 && (given.includes(null) || (sum(given) ?? 0) >= (sum(sold.map(({ amount }) => amount)) ?? 0))
  );
}

/** An order that was joined with one that was refunded is refunded as a whole. */
export async function keepRefunded(tx: Transaction<DB>, deps: SaleDeps, order: Order): Promise<void> {
  const { purchases, refunds } = await readOrder(tx, order);
  if (!refunds.includes(ALL)) return;
  const actor = { organisationId: order.shop.organisationId, userId: null };
  for (const { id, status } of purchases) if (status === 'paid') await refund(tx, deps, actor, id);
}

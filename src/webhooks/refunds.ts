import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { refund } from '../purchases/actions.ts';
import type { Refund } from './change.ts';
import { sum } from './money.ts';
import { keepRefunds, type Order, type OrderState, readOrder, type Returned } from './order_queries.ts';
import type { SaleDeps } from './plan.ts';
import { ALL, isReturned } from './returned.ts';

/**
 * Keeps what was refunded, the lines or all of the order, and refunds the products of which all lines that were sold as
 * them came back. What is reported only later finds it kept, and ends the same.
 */
export async function applyRefund(
  tx: Transaction<DB>,
  deps: SaleDeps,
  order: Order,
  { lines }: Pick<Refund, 'lines'>,
): Promise<void> {
  await keepRefunds(tx, order, lines ? returnedOf(lines) : [{ line_key: ALL, amount: null }]);
  await endReturned(tx, deps, order);
}

/** Refunds what the order's lines that came back were sold as. */
export async function endReturned(tx: Transaction<DB>, deps: SaleDeps, order: Order): Promise<void> {
  const state = await readOrder(tx, order);
  const actor = { organisationId: order.shop.organisationId, userId: null };
  for (const { id, product_id, status } of state.purchases)
    if (status === 'paid' && isOver(product_id, state)) await refund(tx, deps, actor, id);
}

/** A line that is named twice came back as the sum of both. */
function returnedOf(lines: NonNullable<Refund['lines']>): Returned[] {
  return [...new Set(lines.map(({ key }) => key))].map((key) => {
    const amounts = lines.filter((line) => line.key === key).map(({ amount }) => amount);
    return { line_key: key, amount: amounts.includes(null) ? null : sum(amounts) };
  });
}

function isOver(product: string, { lines, refunds }: OrderState): boolean {
  if (refunds.some(({ line_key }) => line_key === ALL)) return true;
  const holding = lines.filter(({ product_ids }) => product_ids.includes(product));
  return holding.length > 0 && holding.every(({ line_key, amount }) => isReturned({ key: line_key, amount }, refunds));
}

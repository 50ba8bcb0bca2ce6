import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { refund } from '../purchases/actions.ts';
import type { Refund } from './change.ts';
import { findTargets, markLinesRefunded, readOrder, type Shop } from './order_queries.ts';
import type { Order, SaleDeps } from './sales.ts';
import { keyOf, productsOf } from './targets.ts';

/** All lines of an order. */
const ALL = '*';

/**
 * Refunds the purchases of the lines, or of the whole order. What was refunded is kept, so that an order that is reported
 * only later ends refunded as well.
 */
export async function applyRefund(
  tx: Transaction<DB>,
  deps: SaleDeps,
  { shop, orderId }: Order,
  { lines }: Refund,
): Promise<void> {
  const keys = lines?.map((externalIds) => keyOf({ externalIds })) ?? [ALL];
  await markLinesRefunded(tx, shop, orderId, [...new Set(keys)]);
  const { purchases } = await readOrder(tx, shop, orderId);
  const targets = lines === undefined ? [] : await findTargets(tx, shop, lines.flat());
  const refunded = lines?.flatMap((externalIds) => productsOf({ productId: null, externalIds }, targets));
  const actor = { organisationId: shop.organisationId, userId: null };
  for (const { id, product_id, status } of purchases)
    if (status === 'paid' && (refunded?.includes(product_id) ?? true)) await refund(tx, deps, actor, id);
}

/** An order that was joined with one that was refunded is refunded as a whole. */
export async function keepRefunded(tx: Transaction<DB>, deps: SaleDeps, shop: Shop, orderId: string): Promise<void> {
  const { purchases, refunds } = await readOrder(tx, shop, orderId);
  if (!refunds.includes(ALL)) return;
  const actor = { organisationId: shop.organisationId, userId: null };
  for (const { id, status } of purchases) if (status === 'paid') await refund(tx, deps, actor, id);
}

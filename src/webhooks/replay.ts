import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import { fail } from '../errors/fail.ts';
import { parseId } from '../ids/parse.ts';
import { NOTHING } from './change.ts';
import { findLine, findOrderOf } from './line_queries.ts';
import type { Added } from './lines.ts';
import type { Order } from './order_queries.ts';
import type { SaleDeps } from './plan.ts';
import { lockReferences } from './reference_queries.ts';
import { applySales } from './sales.ts';

export interface Replayed {
  readonly id: string;
  readonly status: 'applied' | 'unmapped';
  readonly purchaseIds: readonly string[];
}

/** Looks again what a waiting line stands for. Fails with `not_found` where no such line waits. */
export function replayLine(db: Kysely<DB>, deps: SaleDeps, organisationId: string, lineId: string): Promise<Replayed> {
  return inTransaction(db, async (tx) => {
    const id = parseId(lineId);
    const line = id && (await findLine(tx, organisationId, id));
    if (!line) throw fail('not_found', { field: 'lineId' });
    const purchaseIds = await replayOrder(tx, deps, organisationId, line.id);
    const waits = await findLine(tx, organisationId, line.id);
    return { id: line.id, status: waits ? 'unmapped' : 'applied', purchaseIds };
  });
}

/**
 * Looks again what the waiting lines of the line's order stand for, and whether one that was mapped late grows. Answers the
 * new purchases; none where somebody else was quicker.
 */
export async function replayOrder(
  tx: Transaction<DB>,
  deps: SaleDeps,
  organisationId: string,
  lineId: string,
  added?: Added,
): Promise<readonly string[]> {
  const order = await lockOrderOf(tx, organisationId, lineId);
  if (!order) return [];
  // Nothing is new in it, so that no line is of this delivery.
  const [applied] = await applySales(tx, deps, [{ order, deliveryId: '', sale: NOTHING, added }]);
  return applied?.purchaseIds ?? [];
}

/** An order may have been joined with another one until its lock is held. */
async function lockOrderOf(tx: Transaction<DB>, organisationId: string, lineId: string): Promise<Order | undefined> {
  let order = await findOrderOf(tx, organisationId, lineId);
  for (let locked; order && order.orderId !== locked; order = await findOrderOf(tx, organisationId, lineId)) {
    locked = order.orderId;
    await lockReferences(tx, [{ shop: order.shop, references: [locked] }]);
  }
  return order;
}

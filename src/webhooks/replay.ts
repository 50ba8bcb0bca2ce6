import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import { fail } from '../errors/fail.ts';
import { parseId } from '../ids/parse.ts';
import { findLine, type LineRow } from './line_queries.ts';
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
    const found = id && (await findLine(tx, organisationId, id));
    if (!found) throw fail('not_found', { field: 'lineId' });
    const shop = { organisationId, vendor: found.vendor };
    await lockReferences(tx, [{ shop, references: [found.order_id] }]);
    // Somebody else may have been quicker.
    const line = await findLine(tx, organisationId, found.id);
    if (!line) return { id: found.id, status: 'applied', purchaseIds: [] };
    const order = { shop, orderId: line.order_id };
    const [applied] = await applySales(tx, deps, [{ order, deliveryId: line.delivery_id, sale: saleOf(line) }]);
    const { waiting = false, purchaseIds = [] } = applied ?? {};
    return { id: line.id, status: waiting ? 'unmapped' : 'applied', purchaseIds };
  });
}

function saleOf(line: LineRow) {
  const { external_ids, order_id, customer_email, customer_name, currency, purchased_at } = line;
  const amount = line.amount === null ? null : Number(line.amount);
  return {
    kind: 'sale',
    references: [order_id],
    email: customer_email,
    name: customer_name,
    currency,
    purchasedAt: purchased_at,
    lines: [
      {
        key: line.line_key,
        productId: external_ids[0] ?? null,
        externalIds: external_ids,
        title: line.name,
        quantity: 1,
        amount,
      },
    ],
  } as const;
}

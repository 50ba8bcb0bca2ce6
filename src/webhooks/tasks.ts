import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { createBatcher } from '../db/batch.ts';
import { codeOf, isUndone } from '../db/sqlstate.ts';
import { inTransaction } from '../db/transaction.ts';
import { planAnew } from '../db/plan.ts';
import { applyDeliveries } from './apply.ts';
import { listLinesNaming } from './line_queries.ts';
import type { Shop } from './order_queries.ts';
import type { SaleDeps } from './plan.ts';
import { type DeliveryKey, endDeliveries } from './queries.ts';
import { waitForShop } from './reference_queries.ts';
import { replayOrder } from './replay.ts';

export type ApplyDeps = SaleDeps & { readonly db: Kysely<DB> };

/** A batch at a time: another would wait for the same core. */
const BATCHES = { atOnce: 1, largest: 50 };

/**
 * The worker's part: does what stored reports say, once. Those of jobs that are under way together go together, in one
 * transaction; where that fails, each in one of its own, so that a faulty one fails alone. Answers a promise for each
 * report, by which the queue knows which of a job's to try again.
 */
export function createApplier(deps: ApplyDeps): (keys: readonly DeliveryKey[]) => Promise<void>[] {
  const apply = createBatcher(async (keys: readonly DeliveryKey[]) => {
    await applyBatch(deps, keys);
    return keys.map(() => undefined);
  }, BATCHES);
  return (keys) => keys.map(apply);
}

async function applyBatch(deps: ApplyDeps, keys: readonly DeliveryKey[]): Promise<void> {
  try {
    await inTransaction(deps.db, async (tx) => {
      await planAnew(tx);
      await applyDeliveries(tx, deps, keys);
    });
  } catch (error) {
    const [only, ...others] = keys;
    // An outage is nobody's fault and would not let itself be written down.
    if (only && others.length === 0 && (codeOf(error) === undefined || isUndone(error)))
      await endDeliveries(deps.db, [{ ...only, status: 'failed', error: String(error) }]);
    throw error;
  }
}

export interface ReplayLines extends Shop {
  readonly externalId: string;
  /** What it was mapped to as well; none where a mapping was only changed. */
  readonly productId?: string;
}

/**
 * Tries the lines again that an external id may tell the product of, since it was mapped; also those that somebody keeps
 * at this moment who looked for the mapping before it was there. What was mapped late gets the rest of its bundle.
 */
export async function replayLines(deps: ApplyDeps, { externalId, productId, ...shop }: ReplayLines): Promise<void> {
  const added = productId === undefined ? undefined : { externalId, productId };
  const ids = await inTransaction(deps.db, async (tx) => {
    await waitForShop(tx, shop);
    return listLinesNaming(tx, shop, externalId, added !== undefined);
  });
  for (const id of ids) await inTransaction(deps.db, (tx) => replayOrder(tx, deps, shop.organisationId, id, added));
}

import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { planAnew } from '../db/plan.ts';
import { codeOf } from '../db/sqlstate.ts';
import { inTransaction } from '../db/transaction.ts';
import { fail, Failure } from '../errors/fail.ts';
import { parseId } from '../ids/parse.ts';
import { applyDeliveries } from './apply.ts';
import type { SaleDeps } from './plan.ts';
import { type DeliveryRow, endDeliveries, findDelivery, reopenDelivery } from './queries.ts';

type ReplayDeps = SaleDeps & { readonly db: Kysely<DB> };

/**
 * Applies a report once more, whatever became of it before; answers what does now. Fails with `not_found`, and with
 * `conflict` where its body is not kept any more.
 */
export async function replayDelivery(
  deps: ReplayDeps,
  organisationId: string,
  deliveryId: string,
): Promise<DeliveryRow> {
  const key = { organisationId, deliveryId: parseId(deliveryId) ?? '0' };
  try {
    await inTransaction(deps.db, async (tx) => {
      await planAnew(tx);
      const readable = await reopenDelivery(tx, key);
      if (readable === undefined) throw fail('not_found', { field: 'deliveryId' });
      if (!readable) throw fail('conflict', { field: 'deliveryId' });
      await applyDeliveries(tx, deps, [key]);
    });
  } catch (error) {
    if (error instanceof Failure || codeOf(error) !== undefined) throw error;
    await endDeliveries(deps.db, [{ ...key, status: 'failed', error: String(error) }]);
  }
  const row = await findDelivery(deps.db, key);
  if (!row) throw fail('not_found', { field: 'deliveryId' });
  return row;
}

import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { type Event, recordEvent } from '../events/record.ts';
import { changeStanding, lockStanding } from './queries.ts';

type Needs = Pick<Deps, 'ids' | 'clock'>;

/** Whether the organisation pays: `trialing` does until `until`. */
export type Billing =
  { readonly billing: 'active' | 'overdue' } | { readonly billing: 'trialing'; readonly until: Date };

/**
 * Shuts an organisation out, or lets it in again, from the next request on; every process asks the database. Doing it
 * twice changes nothing. Fails with `not_found`.
 */
export function setSuspended(db: Kysely<DB>, needs: Needs, orgId: string, suspended: boolean): Promise<void> {
  return inTransaction(db, async (tx) => {
    const standing = await lockStanding(tx, orgId);
    if (!standing) throw fail('not_found', { field: 'org' });
    if ((standing.suspended_at !== null) === suspended) return;
    await changeStanding(tx, orgId, { suspended_at: suspended ? needs.clock() : null });
    await record(tx, needs, orgId, suspended ? 'organisation.suspended' : 'organisation.unsuspended', {});
  });
}

/** Sets what 402 is judged by, from the next request on. Fails with `not_found`. */
export function setBilling(db: Kysely<DB>, needs: Needs, orgId: string, change: Billing): Promise<void> {
  const { billing } = change;
  const until = change.billing === 'trialing' ? change.until : null;
  return inTransaction(db, async (tx) => {
    const standing = await lockStanding(tx, orgId);
    if (!standing) throw fail('not_found', { field: 'org' });
    if (standing.billing === billing && standing.trial_ends_at?.getTime() === until?.getTime()) return;
    await changeStanding(tx, orgId, { billing, trial_ends_at: until });
    const data = { from: standing.billing, to: billing, ...(until && { until: until.toISOString() }) };
    await record(tx, needs, orgId, 'organisation.billing_changed', data);
  });
}

/** By whoever runs the server, who is no user of it. */
function record(
  tx: Transaction<DB>,
  { ids }: Needs,
  organisationId: string,
  type: Event['type'],
  data: Event['data'],
): Promise<void> {
  return recordEvent(tx, { id: ids.next(), organisationId, type, userId: null, data });
}

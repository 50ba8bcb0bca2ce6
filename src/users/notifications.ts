import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { components } from '../../generated/types.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import type { Principal } from './principal.ts';
import { changeNotifications } from './queries.ts';

/** Which build requests a user gets mail about. */
export type BuildMails = components['schemas']['Notifications']['builds'];

export function setNotifications(
  db: Kysely<DB>,
  { ids }: Pick<Deps, 'ids'>,
  { organisationId, userId }: Pick<Principal, 'organisationId' | 'userId'>,
  builds: BuildMails,
): Promise<void> {
  return inTransaction(db, async (tx) => {
    if (!(await changeNotifications(tx, organisationId, userId, builds))) throw fail('unauthorized');
    const type = 'user.notifications_changed';
    await recordEvent(tx, { id: ids.next(), organisationId, type, userId, data: { builds } });
  });
}

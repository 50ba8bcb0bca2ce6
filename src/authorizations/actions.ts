import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { recordEvent } from '../events/record.ts';
import { parseId } from '../ids/parse.ts';
import type { Principal } from '../users/principal.ts';
import { removeAuthorization } from './queries.ts';

/**
 * Takes back what the user granted: each of its codes and tokens is dead when this resolves. Revoking what is not there,
 * or is gone already, changes nothing.
 */
export async function revoke(
  db: Kysely<DB>,
  { ids }: Pick<Deps, 'ids'>,
  { organisationId, userId }: Pick<Principal, 'organisationId' | 'userId'>,
  id: string,
): Promise<void> {
  const authorizationId = parseId(id);
  if (authorizationId === undefined) return;
  await inTransaction(db, async (tx) => {
    const applicationId = await removeAuthorization(tx, userId, authorizationId);
    if (applicationId === undefined) return;
    const data = { authorization_id: authorizationId, application_id: applicationId };
    await recordEvent(tx, { id: ids.next(), organisationId, type: 'authorization.revoked', userId, data });
  });
}

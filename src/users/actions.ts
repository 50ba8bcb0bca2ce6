import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { recordEvent } from '../events/record.ts';
import { newApiKey } from './api_key.ts';
import { hashSecret, type Principal } from './principal.ts';
import { replaceApiKey } from './queries.ts';

/** Gives the user a new API key; the old one is dead when this resolves. */
export async function refreshKey(
  db: Kysely<DB>,
  { ids, clock }: Deps,
  principal: Pick<Principal, 'organisationId' | 'userId'>,
): Promise<{ apiKey: string; at: Date }> {
  const { organisationId, userId } = principal;
  const apiKey = newApiKey();
  const at = clock();
  await inTransaction(db, async (tx) => {
    await replaceApiKey(tx, organisationId, userId, hashSecret(apiKey), at);
    await recordEvent(tx, { id: ids.next(), organisationId, type: 'api_key.refreshed', userId, data: {} });
  });
  return { apiKey, at };
}

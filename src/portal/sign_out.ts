import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { markAllUsed } from './code_queries.ts';
import { deleteSessions } from './session_queries.ts';

/**
 * Ends every session of the address, and the codes and links that could begin another; answers how many sessions ended.
 * Codes first: a sign-in under way with one is waited for, and its session ends with the others.
 */
export function signOutEverywhere(db: Kysely<DB>, { clock }: Pick<Deps, 'clock'>, email: string): Promise<number> {
  return inTransaction(db, async (tx) => {
    await markAllUsed(tx, email, clock());
    return deleteSessions(tx, email);
  });
}

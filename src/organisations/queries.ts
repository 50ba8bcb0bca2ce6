import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';

/** Answers false when the id is taken. */
export async function insertOrganisation(tx: Transaction<DB>, id: string, name: string): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('organisations')
    .values({ id, name })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

export async function organisationExists(db: Kysely<DB>, id: string): Promise<boolean> {
  return (await db.selectFrom('organisations').select('id').where('id', '=', id).executeTakeFirst()) !== undefined;
}

/**
 * Locks the organisation until the transaction ends: changes of who is in it, and of its standing, take turns. Rows that
 * refer to it can still be written meanwhile. False when there is none.
 */
export async function lockOrganisation(tx: Transaction<DB>, id: string): Promise<boolean> {
  const query = tx.selectFrom('organisations').select('id').where('id', '=', id).forNoKeyUpdate();
  return (await query.executeTakeFirst()) !== undefined;
}

/** What an organisation may do at all, locked until the transaction ends. */
export function lockStanding(tx: Transaction<DB>, id: string) {
  const query = tx.selectFrom('organisations').select(['suspended_at', 'billing', 'trial_ends_at']);
  return query.where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
}

export interface Standing {
  readonly suspended_at?: Date | null;
  readonly billing?: string;
  readonly trial_ends_at?: Date | null;
}

export async function changeStanding(tx: Transaction<DB>, id: string, standing: Standing): Promise<void> {
  await tx.updateTable('organisations').set(standing).where('id', '=', id).execute();
}

export async function hasOrganisations(db: Kysely<DB>): Promise<boolean> {
  return (await db.selectFrom('organisations').select('id').limit(1).executeTakeFirst()) !== undefined;
}

export async function isSuspended(db: Kysely<DB>, id: string): Promise<boolean> {
  const row = await db.selectFrom('organisations').select('suspended_at').where('id', '=', id).executeTakeFirst();
  return (row?.suspended_at ?? null) !== null;
}

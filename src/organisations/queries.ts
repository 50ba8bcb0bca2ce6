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

export async function hasOrganisations(db: Kysely<DB>): Promise<boolean> {
  return (await db.selectFrom('organisations').select('id').limit(1).executeTakeFirst()) !== undefined;
}

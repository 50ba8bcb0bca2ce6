import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';

/** Without the secrets themselves, newest first. */
export function listSecretRows(db: Kysely<DB>, organisationId: string) {
  return db
    .selectFrom('integration_secrets')
    .select(['id', 'vendor', 'created_at'])
    .where('organisation_id', '=', organisationId)
    .orderBy('id', 'desc')
    .execute();
}

export type SecretRow = Awaited<ReturnType<typeof listSecretRows>>[number];

/** Holds the organisation, so that secrets of its vendors change in turns. */
export async function holdOrganisation(tx: Transaction<DB>, organisationId: string): Promise<void> {
  await tx.selectFrom('organisations').select('id').where('id', '=', organisationId).forUpdate().executeTakeFirst();
}

/** The vendor's secrets as they are sealed, to the organisation that is held. */
export function listSealedSecrets(tx: Transaction<DB>, organisationId: string, vendor: string) {
  return tx
    .selectFrom('integration_secrets')
    .select(['id', 'sealed'])
    .where('organisation_id', '=', organisationId)
    .where('vendor', '=', vendor)
    .execute();
}

export async function insertSecret(
  tx: Transaction<DB>,
  organisationId: string,
  secret: { readonly id: string; readonly vendor: string; readonly sealed: Buffer; readonly createdAt: Date },
): Promise<void> {
  const { id, vendor, sealed, createdAt } = secret;
  await tx
    .insertInto('integration_secrets')
    .values({ id, organisation_id: organisationId, vendor, sealed, created_at: createdAt })
    .execute();
}

/** Removes the vendor's secrets, or the one; answers how many there were. */
export async function deleteSecrets(
  tx: Transaction<DB>,
  organisationId: string,
  vendor: string,
  id?: string,
): Promise<number> {
  let query = tx
    .deleteFrom('integration_secrets')
    .where('organisation_id', '=', organisationId)
    .where('vendor', '=', vendor);
  if (id !== undefined) query = query.where('id', '=', id);
  return Number((await query.executeTakeFirst()).numDeletedRows);
}

/** Removes all but the vendor's newest `count` secrets. */
export async function deleteOlderSecrets(
  tx: Transaction<DB>,
  organisationId: string,
  vendor: string,
  count: number,
): Promise<void> {
  const kept = tx
    .selectFrom('integration_secrets')
    .select('id')
    .where('organisation_id', '=', organisationId)
    .where('vendor', '=', vendor)
    .orderBy('id', 'desc')
    .limit(count);
  await tx
    .deleteFrom('integration_secrets')
    .where('organisation_id', '=', organisationId)
    .where('vendor', '=', vendor)
    .where('id', 'not in', kept)
    .execute();
}

import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Page } from '../http/pagination.ts';

export function findMapping(db: Kysely<DB>, organisationId: string, productId: string, id: string) {
  return db
    .selectFrom('external_mappings')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('product_id', '=', productId)
    .where('id', '=', id)
    .executeTakeFirst();
}

export type MappingRow = NonNullable<Awaited<ReturnType<typeof findMapping>>>;

/** One row more than the page holds, newest first; of all products where none is named. */
export function listMappingRows(
  db: Kysely<DB>,
  organisationId: string,
  productId: string | undefined,
  { limit, before }: Page,
): Promise<MappingRow[]> {
  let query = db.selectFrom('external_mappings').selectAll().where('organisation_id', '=', organisationId);
  if (productId !== undefined) query = query.where('product_id', '=', productId);
  if (before !== undefined) query = query.where('id', '<', before);
  return query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
}

interface NewMapping {
  readonly id: string;
  readonly productId: string;
  readonly vendor: string;
  readonly externalId: string;
}

/** Answers undefined when the item is mapped to the product already. */
export function insertMapping(
  tx: Transaction<DB>,
  organisationId: string,
  { id, productId, vendor, externalId }: NewMapping,
): Promise<MappingRow | undefined> {
  return tx
    .insertInto('external_mappings')
    .values({ id, organisation_id: organisationId, product_id: productId, vendor, external_id: externalId })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'vendor', 'external_id', 'product_id']).doNothing())
    .returningAll()
    .executeTakeFirst();
}

/** Answers undefined when another mapping of the product says the same already, or this one is gone. */
export async function changeMapping(
  tx: Transaction<DB>,
  organisationId: string,
  { id, productId, vendor, externalId }: NewMapping,
): Promise<MappingRow | undefined> {
  const { rows } = await sql<MappingRow>`
    update external_mappings m set vendor = ${vendor}, external_id = ${externalId}
    where organisation_id = ${organisationId} and product_id = ${productId} and id = ${id}::bigint
      and not exists (select from external_mappings o where o.organisation_id = m.organisation_id
        and o.product_id = m.product_id and o.vendor = ${vendor} and o.external_id = ${externalId} and o.id <> m.id)
    returning *`.execute(tx);
  return rows[0];
}

export async function deleteMapping(tx: Transaction<DB>, organisationId: string, id: string): Promise<void> {
  await tx.deleteFrom('external_mappings').where('organisation_id', '=', organisationId).where('id', '=', id).execute();
}

/**
 * Has the worker look again at the lines that wait for the item, once the transaction commits; and, where the item was
 * mapped to one more product, at those that were mapped after their sale.
 */
export async function queueReplay(
  tx: Transaction<DB>,
  organisationId: string,
  { vendor, external_id }: Pick<MappingRow, 'vendor' | 'external_id'>,
  added?: string,
): Promise<void> {
  const payload = JSON.stringify({ organisationId, vendor, externalId: external_id, productId: added });
  await sql`select graphile_worker.add_job('replay_lines', ${payload}::json, max_attempts := 20)`.execute(tx);
}

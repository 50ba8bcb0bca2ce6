import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';

const listing = (db: Kysely<DB>, organisationId: string) =>
  db
    .selectFrom('products as p')
    .leftJoin('versions as v', (join) =>
      join
        .onRef('v.organisation_id', '=', 'p.organisation_id')
        .onRef('v.product_id', '=', 'p.id')
        .onRef('v.id', '=', 'p.active_version_id'),
    )
    .selectAll('p')
    .select(['v.version as active_version', 'v.status as active_version_status'])
    .where('p.organisation_id', '=', organisationId);

export function listProductRows(db: Kysely<DB>, organisationId: string) {
  return listing(db, organisationId).orderBy('p.created_at', 'desc').orderBy('p.id').execute();
}

export type ProductRow = Awaited<ReturnType<typeof listProductRows>>[number];

export function findProduct(
  db: Kysely<DB>,
  organisationId: string,
  productId: string,
): Promise<ProductRow | undefined> {
  return listing(db, organisationId).where('p.id', '=', productId).executeTakeFirst();
}

/** Locks the product until the transaction ends: activation, yanking and archiving take turns. */
export function lockProduct(tx: Transaction<DB>, organisationId: string, productId: string) {
  return tx
    .selectFrom('products')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('id', '=', productId)
    .forUpdate()
    .executeTakeFirst();
}

export interface NewProduct {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

/** Answers false when the slug is taken in the organisation. */
export async function insertProduct(
  tx: Transaction<DB>,
  organisationId: string,
  product: NewProduct,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('products')
    .values({ organisation_id: organisationId, ...product })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'id']).doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

export interface ProductChange {
  readonly name?: string;
  readonly description?: string;
  readonly status?: string;
  readonly active_version_id?: string | null;
}

export async function changeProduct(
  tx: Transaction<DB>,
  organisationId: string,
  productId: string,
  change: ProductChange,
): Promise<void> {
  await tx
    .updateTable('products')
    .set({ ...change, updated_at: sql`now()` })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', productId)
    .execute();
}

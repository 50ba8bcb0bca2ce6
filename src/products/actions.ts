import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import type { Principal } from '../users/principal.ts';
import {
  changeProduct,
  findProduct,
  insertProduct,
  lockProduct,
  type ProductChange,
  type ProductRow,
} from './queries.ts';
import { isReservedSlug } from './rules.ts';

interface Create {
  readonly slug: string;
  readonly name: string;
  readonly description?: string;
}

export function createDraft(
  db: Kysely<DB>,
  deps: Deps,
  principal: Principal,
  { slug, name, description = '' }: Create,
): Promise<ProductRow> {
  if (isReservedSlug(slug)) throw fail('is_reserved', { field: 'slug' });
  const { organisationId } = principal;
  return inTransaction(db, async (tx) => {
    if (!(await insertProduct(tx, organisationId, { id: slug, name, description })))
      throw fail('already_exists', { field: 'slug' });
    await record(tx, deps, principal, 'product.created', slug);
    return loaded(tx, organisationId, slug);
  });
}

/** Merges the change into the product. Publishing needs an active version to publish. */
export function updateFields(
  db: Kysely<DB>,
  deps: Deps,
  principal: Principal,
  productId: string,
  change: Omit<ProductChange, 'active_version_id'>,
): Promise<ProductRow> {
  const { organisationId } = principal;
  return inTransaction(db, async (tx) => {
    const product = await lockProduct(tx, organisationId, productId);
    if (!product) throw fail('not_found', { field: 'productId' });
    if (change.status === 'published' && product.active_version_id === null)
      throw fail('conflict', { field: 'status' });
    await changeProduct(tx, organisationId, productId, change);
    await record(tx, deps, principal, 'product.updated', productId);
    return loaded(tx, organisationId, productId);
  });
}

/** Takes the product off sale: nothing of it is minted any more. Links that were minted go on until they expire. */
export function archive(db: Kysely<DB>, deps: Deps, principal: Principal, productId: string): Promise<ProductRow> {
  const { organisationId } = principal;
  return inTransaction(db, async (tx) => {
    if (!(await lockProduct(tx, organisationId, productId))) throw fail('not_found', { field: 'productId' });
    await changeProduct(tx, organisationId, productId, { status: 'archived' });
    await record(tx, deps, principal, 'product.archived', productId);
    return loaded(tx, organisationId, productId);
  });
}

async function loaded(tx: Transaction<DB>, organisationId: string, productId: string): Promise<ProductRow> {
  const row = await findProduct(tx, organisationId, productId);
  if (!row) throw fail('not_found', { field: 'productId' });
  return row;
}

function record(
  tx: Transaction<DB>,
  { ids }: Deps,
  { organisationId, userId }: Principal,
  type: string,
  productId: string,
): Promise<void> {
  return recordEvent(tx, { id: ids.next(), organisationId, type, userId, data: { product_id: productId } });
}

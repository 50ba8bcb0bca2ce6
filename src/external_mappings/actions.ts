import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { components } from '../../generated/types.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import { parseId } from '../ids/parse.ts';
import { lockProduct } from '../products/queries.ts';
import type { Principal } from '../users/principal.ts';
import { changeMapping, deleteMapping, findMapping, insertMapping, type MappingRow, queueReplay } from './queries.ts';

type Actor = Pick<Principal, 'organisationId' | 'userId'>;
type EventDeps = Pick<Deps, 'ids'>;

/**
 * Says what an item of a shop is here. Lines that wait for it are replayed, and those that were mapped after their sale get
 * the product as well. Fails with `not_found`, `already_exists`.
 */
export function mapItem(
  db: Kysely<DB>,
  deps: EventDeps,
  actor: Actor,
  productId: string,
  { vendor, externalId }: components['schemas']['ExternalMappingCreate'],
): Promise<MappingRow> {
  const { organisationId } = actor;
  return inTransaction(db, async (tx) => {
    if (!(await lockProduct(tx, organisationId, productId))) throw fail('not_found', { field: 'productId' });
    const id = deps.ids.next();
    const row = await insertMapping(tx, organisationId, { id, productId, vendor, externalId: externalId.trim() });
    if (!row) throw fail('already_exists', { field: 'externalId' });
    await queueReplay(tx, organisationId, row, row.product_id);
    await tell(tx, deps, actor, 'external_mapping.created', row);
    return row;
  });
}

/** Fails with `not_found`, or with `already_exists` where the product has such a mapping. */
export function changeItem(
  db: Kysely<DB>,
  deps: EventDeps,
  actor: Actor,
  { productId, mappingId }: { readonly productId: string; readonly mappingId: string },
  change: components['schemas']['ExternalMappingUpdate'],
): Promise<MappingRow> {
  const { organisationId } = actor;
  return inTransaction(db, async (tx) => {
    await lockProduct(tx, organisationId, productId);
    const row = await requireMapping(tx, organisationId, productId, mappingId);
    const { vendor = row.vendor, externalId = row.external_id } = change;
    const changed = await changeMapping(tx, organisationId, {
      id: row.id,
      productId,
      vendor,
      externalId: externalId.trim(),
    });
    if (!changed) throw fail('already_exists', { field: 'externalId' });
    await queueReplay(tx, organisationId, changed);
    await tell(tx, deps, actor, 'external_mapping.updated', changed);
    return changed;
  });
}

export function unmapItem(
  db: Kysely<DB>,
  deps: EventDeps,
  actor: Actor,
  { productId, mappingId }: { readonly productId: string; readonly mappingId: string },
): Promise<MappingRow> {
  return inTransaction(db, async (tx) => {
    await lockProduct(tx, actor.organisationId, productId);
    const row = await requireMapping(tx, actor.organisationId, productId, mappingId);
    await deleteMapping(tx, actor.organisationId, row.id);
    await tell(tx, deps, actor, 'external_mapping.deleted', row);
    return row;
  });
}

export async function requireMapping(
  db: Kysely<DB>,
  organisationId: string,
  productId: string,
  mappingId: string,
): Promise<MappingRow> {
  const id = parseId(mappingId);
  const row = id && (await findMapping(db, organisationId, productId, id));
  if (!row) throw fail('not_found', { field: 'mappingId' });
  return row;
}

function tell(
  tx: Transaction<DB>,
  { ids }: EventDeps,
  { organisationId, userId }: Actor,
  type: string,
  { id, product_id, vendor, external_id }: MappingRow,
): Promise<void> {
  const data = { mapping_id: id, product_id, vendor, external_id };
  return recordEvent(tx, { id: ids.next(), organisationId, type, userId, data });
}

import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Page } from '../http/pagination.ts';
import type { Report } from './change.ts';
import type { Vendor } from './vendors.ts';

/** Of one organisation, or of all for null; the newest first. */
export async function listSealedSecrets(
  db: Kysely<DB>,
  vendor: Vendor,
  organisationIds: readonly string[] | null,
): Promise<{ organisation_id: string; sealed: Buffer }[]> {
  let query = db.selectFrom('integration_secrets').select(['organisation_id', 'sealed']).where('vendor', '=', vendor);
  if (organisationIds !== null) query = query.where('organisation_id', 'in', [...organisationIds]);
  return query.orderBy('id', 'desc').execute();
}

export interface NewDelivery extends Report {
  readonly id: string;
  readonly bodySha256: Buffer;
  readonly sealedBody: Buffer;
}

/** Keeps the report and queues what applies it, both or neither; does nothing where it is here already. */
export async function storeDelivery(
  db: Kysely<DB>,
  organisationId: string,
  vendor: Vendor,
  { id, eventId, type, bodySha256, sealedBody }: NewDelivery,
): Promise<void> {
  await sql`
    with stored as (
      insert into webhook_deliveries (id, organisation_id, vendor, event_id, type, body_sha256, sealed_body)
      values (${id}::bigint, ${organisationId}, ${vendor}, ${eventId}, ${type}, ${bodySha256}, ${sealedBody})
      on conflict do nothing
      returning id::text, organisation_id)
    select graphile_worker.add_job('apply_webhook',
      json_build_object('deliveryId', id, 'organisationId', organisation_id), max_attempts := 20)
    from stored`.execute(db);
}

export function holdDelivery(tx: Transaction<DB>, organisationId: string, id: string) {
  return tx
    .selectFrom('webhook_deliveries')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

export interface Ending {
  readonly status: 'applied' | 'ignored' | 'unmapped' | 'failed';
  readonly error?: string | undefined;
}

export async function endDelivery(
  db: Kysely<DB>,
  organisationId: string,
  id: string,
  { status, error }: Ending,
): Promise<void> {
  await db
    .updateTable('webhook_deliveries')
    .set({ status, error: error?.slice(0, 500) ?? null, applied_at: status === 'failed' ? null : sql`now()` })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .execute();
}

/** Says of deliveries that waited for a mapping that they are applied, where no line of theirs waits any more. */
export async function settleDeliveries(
  tx: Transaction<DB>,
  organisationId: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    update webhook_deliveries d set status = 'applied'
    where organisation_id = ${organisationId} and id = any(${ids}::bigint[]) and status = 'unmapped'
      and not exists (select from order_lines l where l.delivery_id = d.id)`.execute(tx);
}

export interface DeliveryFilter {
  readonly vendor?: string | undefined;
  readonly status?: string | undefined;
}

/** One row more than the page holds, newest first, without their bodies. */
export function listDeliveryRows(
  db: Kysely<DB>,
  organisationId: string,
  { vendor, status }: DeliveryFilter,
  { limit, before }: Page,
) {
  let query = db
    .selectFrom('webhook_deliveries')
    .select(['id', 'vendor', 'event_id', 'type', 'status', 'error', 'received_at', 'applied_at'])
    .where('organisation_id', '=', organisationId);
  if (vendor !== undefined) query = query.where('vendor', '=', vendor);
  if (status !== undefined) query = query.where('status', '=', status);
  if (before !== undefined) query = query.where('id', '<', before);
  return query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
}

export type DeliveryRow = Awaited<ReturnType<typeof listDeliveryRows>>[number];

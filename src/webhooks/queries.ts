import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Page } from '../http/pagination.ts';

/** What the queue knows of a report that is to be applied. */
export interface DeliveryKey {
  readonly deliveryId: string;
  readonly organisationId: string;
}

/** A report that is not applied yet. */
export interface Delivery {
  readonly id: string;
  readonly organisation_id: string;
  readonly vendor: string;
  readonly event_id: string;
  readonly type: string;
  readonly sealed_body: Buffer;
}

/** Those of the reports that are not applied yet, oldest first, held from others that apply them. */
export async function holdDeliveries(tx: Transaction<DB>, keys: readonly DeliveryKey[]): Promise<Delivery[]> {
  const { rows } = await sql<Delivery>`
    select d.id, d.organisation_id, d.vendor, d.event_id, d.type, d.sealed_body
    from webhook_deliveries d
    join unnest(${keys.map(({ organisationId }) => organisationId)}::text[],
      ${keys.map(({ deliveryId }) => deliveryId)}::bigint[]) k (organisation_id, id) using (organisation_id, id)
    where d.status in ('received', 'failed') and d.sealed_body is not null
    order by d.id for update of d`.execute(tx);
  return rows;
}

export interface Ending {
  readonly status: 'applied' | 'ignored' | 'unmapped' | 'failed';
  readonly error?: string | undefined;
}

export type Ended = DeliveryKey & Ending;

const LONGEST_ERROR = 500;

/** What went wrong may name a payload's own words, and the database stores no NUL. */
export async function endDeliveries(db: Kysely<DB>, endings: readonly Ended[]): Promise<void> {
  const column = <K extends keyof Ended>(name: K) => endings.map((ending) => ending[name]);
  await sql`
    update webhook_deliveries d
    set status = e.status, error = left(e.error, ${LONGEST_ERROR}::int),
      applied_at = case when e.status = 'failed' then null else now() end
    from unnest(${column('organisationId')}::text[], ${column('deliveryId')}::bigint[], ${column('status')}::text[],
      ${endings.map(({ error }) => error?.replaceAll('\0', '').toWellFormed() ?? null)}::text[]) e (organisation_id, id, status, error)
    where d.organisation_id = e.organisation_id and d.id = e.id`.execute(db);
}

/** Says of deliveries that waited for a mapping that they are applied, where no line of theirs waits any more. */
export async function settleDeliveries(tx: Transaction<DB>, keys: readonly DeliveryKey[]): Promise<void> {
  if (keys.length === 0) return;
  await sql`
    update webhook_deliveries d set status = 'applied'
    from unnest(${keys.map(({ organisationId }) => organisationId)}::text[],
      ${keys.map(({ deliveryId }) => deliveryId)}::bigint[]) k (organisation_id, id)
    where d.organisation_id = k.organisation_id and d.id = k.id and d.status = 'unmapped'
      and not exists (select from order_lines l where l.delivery_id = d.id and l.state = 'waiting')`.execute(tx);
}

const SHOWN = ['id', 'vendor', 'event_id', 'type', 'status', 'error', 'received_at', 'applied_at'] as const;

export function findDelivery(db: Kysely<DB>, { organisationId, deliveryId }: DeliveryKey) {
  return db
    .selectFrom('webhook_deliveries')
    .select(SHOWN)
    .where('organisation_id', '=', organisationId)
    .where('id', '=', deliveryId)
    .executeTakeFirst();
}

/** Has it applied once more. Answers whether its body is there yet; undefined where there is no such report. */
export async function reopenDelivery(
  tx: Transaction<DB>,
  { organisationId, deliveryId }: DeliveryKey,
): Promise<boolean | undefined> {
  const { rows } = await sql<{ readable: boolean }>`
    update webhook_deliveries
    set status = case when sealed_body is null then status else 'received' end
    where organisation_id = ${organisationId} and id = ${deliveryId}
    returning sealed_body is not null as readable`.execute(tx);
  return rows[0]?.readable;
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
  let query = db.selectFrom('webhook_deliveries').select(SHOWN).where('organisation_id', '=', organisationId);
  if (vendor !== undefined) query = query.where('vendor', '=', vendor);
  if (status !== undefined) query = query.where('status', '=', status);
  if (before !== undefined) query = query.where('id', '<', before);
  return query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
}

export type DeliveryRow = Awaited<ReturnType<typeof listDeliveryRows>>[number];

const KEPT_DAYS = 90;
const AT_ONCE = 10_000;

/** Forgets what was said long ago and is applied; that it was said stays known. Answers of how many. */
export async function dropOldBodies(db: Kysely<DB>): Promise<number> {
  const { numAffectedRows } = await sql`update webhook_deliveries set sealed_body = null
    where id in (
      select id from webhook_deliveries
      where status in ('applied', 'ignored') and sealed_body is not null
        and applied_at < now() - make_interval(days => ${KEPT_DAYS}::int)
      order by applied_at limit ${AT_ONCE}::int)`.execute(db);
  return Number(numAffectedRows);
}

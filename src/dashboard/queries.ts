import { type Kysely, sql } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { AnalyticsFilter } from '../analytics/queries.ts';

export interface ProductFigures {
  readonly id: string;
  readonly name: string;
  readonly version: string | null;
  /** 64-bit integers as text. */
  readonly started: string;
  readonly completed: string;
  readonly bytes: string;
}

/** Every product of the organisation that is not archived, or the one, with what was downloaded of it in those days. */
export async function listProductFigures(
  db: Kysely<DB>,
  organisationId: string,
  { from, to, productId }: Pick<AnalyticsFilter, 'from' | 'to' | 'productId'>,
): Promise<ProductFigures[]> {
  const only = productId === undefined ? sql`` : sql`and p.id = ${productId}`;
  const { rows } = await sql<ProductFigures>`
    with days as (
      select product_id, started, completed, bytes from download_days
      where organisation_id = ${organisationId} and day between ${from}::date and ${to}::date
      union all
      select product_id, started, completed, bytes from download_day_changes
      where organisation_id = ${organisationId} and day between ${from}::date and ${to}::date),
    counted as (
      select product_id, sum(started)::bigint as started, sum(completed)::bigint as completed, sum(bytes)::bigint as bytes
      from days group by 1)
    select p.id, p.name, v.version, coalesce(c.started, 0) as started, coalesce(c.completed, 0) as completed,
      coalesce(c.bytes, 0) as bytes
    from products p
    left join versions v on v.organisation_id = p.organisation_id and v.id = p.active_version_id
    left join counted c on c.product_id = p.id
    where p.organisation_id = ${organisationId} and p.status <> 'archived' ${only}
    order by coalesce(c.started, 0) desc, p.name, p.id`.execute(db);
  return rows;
}

/** Names for the list to choose from. */
export function listProductNames(db: Kysely<DB>, organisationId: string) {
  return db
    .selectFrom('products')
    .select(['id', 'name'])
    .where('organisation_id', '=', organisationId)
    .where('status', '<>', 'archived')
    .orderBy('name')
    .orderBy('id')
    .execute();
}

import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { GroupBy, Range } from './rules.ts';

/** Counts of sessions, 64-bit integers as text. */
export interface Counts {
  readonly started: string;
  readonly completed: string;
  readonly failed: string;
  readonly abandoned: string;
  readonly bytes: string;
}

export interface GroupRow extends Counts {
  /** Its first day. */
  readonly key: string;
}

export interface ProductRow extends GroupRow {
  readonly name: string;
}

export interface AnalyticsFilter extends Range {
  readonly groupBy: GroupBy;
  readonly productId?: string | undefined;
}

const MOST_PRODUCTS = 10;

const sums = sql`sum(started)::bigint as started, sum(completed)::bigint as completed, sum(failed)::bigint as failed,
  sum(abandoned)::bigint as abandoned, sum(bytes)::bigint as bytes`;

/**
 * The groups that have sessions, in no order, and the products with most, most first. One statement, so both are of the
 * same moment: the days together with the changes that are not folded into them yet are exactly the sessions there are.
 */
export async function countDownloads(
  db: Kysely<DB>,
  organisationId: string,
  { from, to, groupBy, productId }: AnalyticsFilter,
): Promise<{ groups: GroupRow[]; products: ProductRow[] }> {
  const ofProduct = productId === undefined ? sql`` : sql`and product_id = ${productId}`;
  const counted = (table: RawBuilder<unknown>) => sql`
    select day, product_id, started, completed, failed, abandoned, bytes from ${table}
    where organisation_id = ${organisationId} and day between ${from}::date and ${to}::date ${ofProduct}`;
  const { rows } = await sql<ProductRow & { kind: 'group' | 'product' }>`
    with days as (${counted(sql`download_days`)} union all ${counted(sql`download_day_changes`)}),
    groups as (
      select to_char(date_trunc(${groupBy}::text, day::timestamp), 'YYYY-MM-DD') as key, ${sums} from days group by 1),
    top as (
      select product_id as key, ${sums} from days group by 1 having sum(started) > 0
      order by sum(started) desc, 1 limit ${MOST_PRODUCTS}::int)
    select 'group' as kind, '' as name, groups.* from groups
    union all
    select 'product', p.name, top.* from top join products p on p.organisation_id = ${organisationId} and p.id = top.key
    order by kind, started desc, key`.execute(db);
  return {
    groups: rows.filter(({ kind }) => kind === 'group'),
    products: rows.filter(({ kind }) => kind === 'product'),
  };
}

/**
 * Adds up to `most` changes to the days that they are of; answers how many. Whoever reads meanwhile sees each change in
 * one table or the other; whoever folds meanwhile takes others.
 */
export async function foldChanges(db: Kysely<DB>, most: number): Promise<number> {
  const { rows } = await sql<{ count: string }>`
    with folded as (
      delete from download_day_changes
      where ctid = any (array(select ctid from download_day_changes limit ${most}::bigint for update skip locked))
      returning *),
    added as (
      insert into download_days as d (organisation_id, day, product_id, started, completed, failed, abandoned, bytes)
      select organisation_id, day, product_id, ${sums} from folded group by 1, 2, 3 order by 1, 2, 3
      on conflict (organisation_id, day, product_id) do update set
        started = d.started + excluded.started, completed = d.completed + excluded.completed,
        failed = d.failed + excluded.failed, abandoned = d.abandoned + excluded.abandoned,
        bytes = d.bytes + excluded.bytes)
    select count(*) from folded`.execute(db);
  return Number(rows[0]?.count);
}

import { type Kysely, sql } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Page } from '../http/pagination.ts';

/** What belongs to an address: whatever was refunded does not. */
const paid = (db: Kysely<DB>, email: string) =>
  db.selectFrom('purchases as s').where('s.customer_email', '=', email).where('s.status', '=', 'paid');

export async function hasPurchases(db: Kysely<DB>, email: string): Promise<boolean> {
  return (await paid(db, email).select('s.id').limit(1).executeTakeFirst()) !== undefined;
}

/** The organisation that sold it; `undefined` where the address has no such purchase. */
export async function findSeller(db: Kysely<DB>, email: string, purchaseId: string): Promise<string | undefined> {
  const row = await paid(db, email).select('s.organisation_id').where('s.id', '=', purchaseId).executeTakeFirst();
  return row?.organisation_id;
}

/** One row more than the page holds, last recorded first, from every organisation. */
export function listPurchaseRows(db: Kysely<DB>, email: string, { limit, before }: Page) {
  const query = paid(db, email)
    .innerJoin('organisations as o', 'o.id', 's.organisation_id')
    .innerJoin('products as p', (join) =>
      join.onRef('p.organisation_id', '=', 's.organisation_id').onRef('p.id', '=', 's.product_id'),
    )
    .select(['s.id', 's.organisation_id', 'o.name as organisation_name', 's.product_id', 'p.name as product_name'])
    .select(['s.order_id', 's.purchased_at', sql<boolean>`o.suspended_at is not null`.as('suspended')])
    .orderBy('s.id', 'desc')
    .limit(limit + 1);
  return (before === undefined ? query : query.where('s.id', '<', before)).execute();
}

export type PurchaseRow = Awaited<ReturnType<typeof listPurchaseRows>>[number];

export interface VersionRow {
  readonly organisation_id: string;
  readonly product_id: string;
  readonly version: string;
  readonly active: boolean;
  /** Bytes of the files together. */
  readonly size: string;
  readonly file_count: number;
  readonly published_at: Date;
}

/**
 * The versions of the products that these purchases of the address are of, last activated first. What its publisher never
 * activated is nobody's business yet.
 */
export async function listVersionRows(
  db: Kysely<DB>,
  email: string,
  purchaseIds: readonly string[],
): Promise<VersionRow[]> {
  const { rows } = await sql<VersionRow>`
    select v.organisation_id, v.product_id, v.version, coalesce(v.id = p.active_version_id, false) as active, v.size,
      v.file_count, v.activated_at as published_at
    from (select distinct organisation_id, product_id from purchases
      where customer_email = ${email} and status = 'paid' and id = any(${purchaseIds}::bigint[])) s
    join products p on p.organisation_id = s.organisation_id and p.id = s.product_id
    join versions v on v.organisation_id = p.organisation_id and v.product_id = p.id and v.status = 'ready'
      and v.activated_at is not null
    order by v.activated_at desc, v.id desc`.execute(db);
  return rows;
}

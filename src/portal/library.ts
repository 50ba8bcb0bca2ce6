import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Page } from '../http/pagination.ts';
import { grouped } from './grouped.ts';
import { listPurchaseRows, listVersionRows, type PurchaseRow, type VersionRow } from './purchase_queries.ts';

/** A purchase with what can be downloaded for it. */
export interface Owned extends PurchaseRow {
  /** Newest first. */
  readonly versions: readonly VersionRow[];
}

/** What was bought under the address, one more than the page holds, last recorded first. */
export async function listOwned(db: Kysely<DB>, email: string, page: Page): Promise<Owned[]> {
  const purchases = await listPurchaseRows(db, email, page);
  const ids = purchases.map(({ id }) => id);
  const versions = grouped(await listVersionRows(db, email, ids), productOf);
  return purchases.map((purchase) => ({ ...purchase, versions: versions.get(productOf(purchase)) ?? [] }));
}

/** Slugs have no slash. */
const productOf = (row: { organisation_id: string; product_id: string }) => `${row.organisation_id}/${row.product_id}`;

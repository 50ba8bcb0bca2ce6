import type { components } from '../../generated/types.ts';
import type { Owned } from './library.ts';
import type { VersionRow } from './purchase_queries.ts';

type PortalPurchase = components['schemas']['PortalPurchase'];
type PortalVersion = components['schemas']['PortalVersion'];

export function presentOwned(row: Owned): PortalPurchase {
  return {
    id: row.id,
    publisherId: row.organisation_id,
    publisherName: row.organisation_name,
    productId: row.product_id,
    productName: row.product_name,
    orderId: row.order_id,
    purchasedAt: row.purchased_at.toISOString(),
    available: !row.suspended,
    versions: row.versions.map(presentVersion),
  };
}

function presentVersion(row: VersionRow): PortalVersion {
  return {
    version: row.version,
    active: row.active,
    size: Number(row.size),
    fileCount: row.file_count,
    publishedAt: row.published_at.toISOString(),
  };
}

import type { components } from '../../generated/types.ts';
import type { ProductRow } from './queries.ts';

type Product = components['schemas']['Product'];
type ProductListing = components['schemas']['ProductListing'];

export function presentProduct(row: ProductRow): Product {
  return {
    id: row.id,
    orgId: row.organisation_id,
    name: row.name,
    slug: row.id,
    description: row.description,
    status: row.status as Product['status'],
    ...(row.active_version_id === null ? {} : { activeVersionId: row.active_version_id }),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

export function presentListing(row: ProductRow): ProductListing {
  const product = presentProduct(row);
  if (row.active_version_id === null || row.active_version === null) return { product };
  const activeVersion = {
    id: row.active_version_id,
    productId: row.id,
    version: row.active_version,
    status: 'ready' as const,
  };
  return { product, activeVersion };
}

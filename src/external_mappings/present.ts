import type { components } from '../../generated/types.ts';
import type { MappingRow } from './queries.ts';

type ExternalMapping = components['schemas']['ExternalMapping'];

export function presentMapping(row: MappingRow): ExternalMapping {
  return {
    id: row.id,
    productId: row.product_id,
    vendor: row.vendor as ExternalMapping['vendor'],
    externalId: row.external_id,
    createdAt: row.created_at.toISOString(),
  };
}

import type { components } from '../../generated/types.ts';
import type { VersionRow } from './queries.ts';

type Version = components['schemas']['Version'];

export function presentVersion(row: VersionRow): Version {
  const failures = row.failures as unknown as NonNullable<Version['failures']>;
  return {
    id: row.id,
    productId: row.product_id,
    version: row.version,
    status: row.status as Version['status'],
    active: row.active,
    size: Number(row.size),
    fileCount: row.file_count,
    productHash: row.product_hash.toString('hex'),
    ...(row.archive_size === null ? {} : { archiveSize: Number(row.archive_size) }),
    ...(failures.length === 0 ? {} : { failures }),
    createdAt: row.created_at.toISOString(),
    ...(row.ready_at === null ? {} : { readyAt: row.ready_at.toISOString() }),
    ...(row.activated_at === null ? {} : { activatedAt: row.activated_at.toISOString() }),
    ...(row.yanked_at === null ? {} : { yankedAt: row.yanked_at.toISOString() }),
  };
}

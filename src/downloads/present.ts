import type { components } from '../../generated/types.ts';
import type { SessionRow } from './queries.ts';

type DownloadSession = components['schemas']['DownloadSession'];

export function presentSession(row: SessionRow): DownloadSession {
  return {
    id: row.id,
    productId: row.product_id,
    version: row.version,
    status: row.status as DownloadSession['status'],
    totalBytes: Number(row.total_bytes),
    bytesSent: Number(row.bytes_sent),
    startedAt: row.started_at.toISOString(),
    ...(row.completed_at === null ? {} : { completedAt: row.completed_at.toISOString() }),
  };
}

export function presentReport(row: SessionRow): components['schemas']['DownloadSessionReport'] {
  return { ...presentSession(row), tokenId: row.token_id, userAgent: row.user_agent };
}

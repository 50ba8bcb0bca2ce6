import type { components } from '../../generated/types.ts';
import type { Minted } from './actions.ts';
import type { TokenRow } from './queries.ts';
import { tokenStatus } from './rules.ts';

/** The seed's keys in the seed's order. */
export function presentUrl(
  { productId, version, token, expiresAt }: Minted,
  publicUrl: string,
): components['schemas']['DownloadUrl'] {
  return {
    success: true,
    productId,
    version,
    downloadToken: token,
    downloadUrl: `${publicUrl}/download?token=${token}`,
    expiresAt: expiresAt.toISOString(),
  };
}

export function presentToken(row: TokenRow, now: Date): components['schemas']['DownloadToken'] {
  return {
    id: row.id,
    productId: row.product_id,
    versionId: row.version_id,
    version: row.version,
    status: tokenStatus(row, now),
    ...(row.customer_email === null ? {} : { customerEmail: row.customer_email }),
    ...(row.order_id === null ? {} : { orderId: row.order_id }),
    ...(row.purchase_id === null ? {} : { purchaseId: row.purchase_id }),
    ...(row.max_downloads === null ? {} : { maxDownloads: row.max_downloads }),
    downloadCount: row.download_count,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at.toISOString() }),
    ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at.toISOString() }),
  };
}

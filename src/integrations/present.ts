import type { components } from '../../generated/types.ts';
import type { Vendor } from '../webhooks/vendors.ts';
import type { SecretRow } from './queries.ts';
import { webhookUrl } from './rules.ts';

interface Where {
  readonly publicUrl: string;
  readonly organisationId: string;
}

/** @param secret of the URL, where it was drawn a moment ago */
export function presentIntegration(
  vendor: Vendor,
  rows: readonly SecretRow[],
  { publicUrl, organisationId }: Where,
  secret?: string,
): components['schemas']['Integration'] {
  const own = rows.filter((row) => row.vendor === vendor);
  return {
    vendor,
    webhookUrl: webhookUrl(publicUrl, organisationId, vendor, secret),
    configured: own.length > 0,
    secrets: own.map(({ id, created_at }) => ({ id, createdAt: created_at.toISOString() })),
  };
}

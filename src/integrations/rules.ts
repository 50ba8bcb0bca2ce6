import type { Vendor } from '../webhooks/vendors.ts';

/** What a vendor's secret is sealed for. */
export const secretPurpose = (organisationId: string, vendor: Vendor): string =>
  `integration secret ${organisationId} ${vendor}`;

/** Where the vendor sends its reports. */
export function webhookUrl(publicUrl: string, organisationId: string, vendor: Vendor, secret?: string): string {
  const url = `${publicUrl}/webhooks/${organisationId}/${vendor}`;
  return secret === undefined ? url : `${url}?secret=${secret}`;
}

import type { Statement } from '../db/hot.ts';
import type { Role } from '../http/operation.ts';
import { PRINCIPAL_CTE, type PrincipalRow } from '../users/principal.ts';

/** The row that MINT_TOKEN answers; none when the credential is wrong. */
export interface MintRow extends PrincipalRow {
  /** Null when the organisation has no such product, or it is archived. */
  product_id: string | null;
  /** Null when the product has no such ready version. */
  version_id: string | null;
  version: string | null;
  /** Null when nothing was minted, for one of the reasons above or the principal's. */
  token_id: string | null;
}

export interface MintValues {
  readonly keyHash: Buffer;
  readonly email: string | null;
  readonly roles: readonly Role[] | readonly string[];
  readonly productId: string;
  /** Null: the active one. */
  readonly version: string | null;
  readonly tokenId: string;
  readonly tokenHash: Buffer;
  readonly expiresAt: Date;
  readonly maxDownloads: number | null;
  readonly customerEmail: string | null;
  readonly orderId: string | null;
  readonly purchaseId: string | null;
  readonly eventId: string;
}

/**
 * Authenticates, finds the version, mints the token and writes the event in one statement: one round trip, and atomic.
 * It writes only for a principal that `judge` would let pass; the mount judges the same row again before it answers.
 */
export const MINT_TOKEN: Statement = {
  name: 'mint_token',
  text: `with ${PRINCIPAL_CTE},
product as (
  select p.organisation_id, p.id, p.active_version_id
  from principal join products p on p.organisation_id = principal.organisation_id and p.id = $4 and p.status <> 'archived'),
found as (
  select v.organisation_id, v.product_id, v.id, v.version
  from product join versions v on v.organisation_id = product.organisation_id and v.product_id = product.id
    and v.status = 'ready' and (v.version = $5 or ($5::text is null and v.id = product.active_version_id))),
token as (
  insert into download_tokens (id, organisation_id, product_id, version_id, token_hash, expires_at, max_downloads,
    customer_email, order_id, purchase_id, created_by)
  select $6::bigint, found.organisation_id, found.product_id, found.id, $7::bytea, $8::timestamptz, $9::integer,
    $10::text, $11::text, $12::bigint, principal.user_id
  from found, principal
  where principal.role = any($3::text[]) and not principal.suspended and not principal.unpaid
  returning id, organisation_id, product_id, version_id, created_by),
event as (
  insert into events (id, organisation_id, type, user_id, data)
  select $13::bigint, token.organisation_id, 'download_token.created', token.created_by,
    jsonb_build_object('tokenId', token.id::text, 'productId', token.product_id, 'versionId', token.version_id::text)
  from token)
select principal.*, product.id as product_id, found.id as version_id, found.version, token.id as token_id
from principal left join product on true left join found on true left join token on true`,
};

export function mintParameters(values: MintValues): unknown[] {
  return [
    values.keyHash,
    values.email,
    values.roles,
    values.productId,
    values.version,
    values.tokenId,
    values.tokenHash,
    values.expiresAt,
    values.maxDownloads,
    values.customerEmail,
    values.orderId,
    values.purchaseId,
    values.eventId,
  ];
}

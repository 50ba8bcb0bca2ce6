import type { Statement } from '../db/hot.ts';
import { PRINCIPAL_COLUMNS, type PrincipalRow } from '../users/principal.ts';

/** The row that MINT_TOKEN answers for a request; none when the credential is wrong. */
export interface MintRow extends PrincipalRow {
  /** Which of the requests, counted from 1. */
  n: string;
  /** Null when the organisation has no such product, or it is archived. */
  product_id: string | null;
  /** Null when the product has no such ready version. */
  version_id: string | null;
  version: string | null;
  /** Null when nothing was minted, for one of the reasons above or the principal's. */
  token_id: string | null;
}

/** Who mints: whoever holds the key (and owns the address, where one is given), or a user who was judged before. */
export interface Minting {
  readonly keyHash: Buffer | null;
  readonly email: string | null;
  readonly userId: string | null;
}

export interface MintValues extends Minting {
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
 * For each of several requests: authenticates, finds the version, mints the token and writes the event, in one
 * statement: one round trip, one commit, atomic. It holds the minter's row, so that none who is being removed mints, and writes only for a principal that `judge` would let pass; the mount
 * judges the same row again before it answers.
 */
export const MINT_TOKEN: Statement = {
  name: 'mint_token',
  text: `with request as (
  select * from unnest($2::bytea[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bytea[], $8::timestamptz[],
    $9::integer[], $10::text[], $11::text[], $12::bigint[], $13::bigint[], $14::bigint[]) with ordinality
    as r (key_hash, email, product_id, version, token_id, token_hash, expires_at, max_downloads, customer_email, order_id,
      purchase_id, event_id, user_id, n)),
principal as materialized (
  select r.n, ${PRINCIPAL_COLUMNS}
  from request r
  cross join lateral (
    select * from users where api_key_hash = r.key_hash and (r.email is null or email = r.email)
    union all select * from users where id = r.user_id) u
  join organisations o on o.id = u.organisation_id),
product as (
  select r.n, p.organisation_id, p.id, p.active_version_id
  from principal join request r using (n)
  join products p on p.organisation_id = principal.organisation_id and p.id = r.product_id and p.status <> 'archived'),
found as (
  select r.n, v.organisation_id, v.product_id, v.id, v.version
  from product join request r using (n)
  join versions v on v.organisation_id = product.organisation_id and v.product_id = product.id and v.status = 'ready'
    and (v.version = r.version or (r.version is null and v.id = product.active_version_id))),
minter as materialized (
  select id from users where id in (select user_id from principal) for key share),
token as (
  insert into download_tokens (id, organisation_id, product_id, version_id, token_hash, expires_at, max_downloads,
    customer_email, order_id, purchase_id, created_by)
  select r.token_id, found.organisation_id, found.product_id, found.id, r.token_hash, r.expires_at, r.max_downloads,
    r.customer_email, r.order_id, r.purchase_id, principal.user_id
  from found join principal using (n) join minter on minter.id = principal.user_id join request r using (n)
  where principal.role = any($1::text[]) and not principal.suspended and not principal.unpaid
  returning id, organisation_id, product_id, version_id, created_by),
event as (
  insert into events (id, organisation_id, type, user_id, data)
  select r.event_id, token.organisation_id, 'download_token.created', token.created_by,
    jsonb_build_object('token_id', token.id::text, 'product_id', token.product_id, 'version_id', token.version_id::text)
  from token join request r on r.token_id = token.id)
select principal.*, product.id as product_id, found.id as version_id, found.version, token.id as token_id
from principal join request r using (n) left join product using (n) left join found using (n)
left join token on token.id = r.token_id`,
};

/** @param roles those that may mint */
export function mintParameters(requests: readonly MintValues[], roles: readonly string[]): unknown[] {
  const column = <K extends keyof MintValues>(name: K) => requests.map((request) => request[name]);
  return [
    roles,
    column('keyHash'),
    column('email'),
    column('productId'),
    column('version'),
    column('tokenId'),
    column('tokenHash'),
    column('expiresAt'),
    column('maxDownloads'),
    column('customerEmail'),
    column('orderId'),
    column('purchaseId'),
    column('eventId'),
    column('userId'),
  ];
}

/** The rows in the order of the requests; `undefined` where the credential was wrong. */
export function inOrder(rows: readonly MintRow[], count: number): (MintRow | undefined)[] {
  const ordered = new Array<MintRow | undefined>(count).fill(undefined);
  for (const row of rows) ordered[Number(row.n) - 1] = row;
  return ordered;
}

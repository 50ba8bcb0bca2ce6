import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Page } from '../http/pagination.ts';
import type { PurchaseRow } from '../purchases/queries.ts';
import { normaliseEmail } from '../users/email.ts';
import type { TokenStatus } from './rules.ts';

const tokens = (db: Kysely<DB>, organisationId: string) =>
  db
    .selectFrom('download_tokens as t')
    .innerJoin('versions as v', (join) =>
      join.onRef('v.organisation_id', '=', 't.organisation_id').onRef('v.id', '=', 't.version_id'),
    )
    .select([
      't.id',
      't.product_id',
      't.version_id',
      'v.version',
      't.customer_email',
      't.order_id',
      't.purchase_id',
      't.max_downloads',
    ])
    .select(['t.download_count', 't.created_at', 't.expires_at', 't.revoked_at', 't.last_used_at'])
    .where('t.organisation_id', '=', organisationId);

export function findToken(db: Kysely<DB>, organisationId: string, id: string) {
  return tokens(db, organisationId).where('t.id', '=', id).executeTakeFirst();
}

export type TokenRow = NonNullable<Awaited<ReturnType<typeof findToken>>>;

export interface TokenFilter {
  readonly productId?: string | undefined;
  readonly customerEmail?: string | undefined;
  readonly status?: TokenStatus | undefined;
}

/** One row more than the page holds, newest first. */
export function listTokenRows(
  db: Kysely<DB>,
  organisationId: string,
  filter: TokenFilter,
  { limit, before }: Page,
  now: Date,
): Promise<TokenRow[]> {
  let query = tokens(db, organisationId)
    .orderBy('t.id', 'desc')
    .limit(limit + 1);
  if (before !== undefined) query = query.where('t.id', '<', before);
  if (filter.productId !== undefined) query = query.where('t.product_id', '=', filter.productId);
  if (filter.customerEmail !== undefined)
    query = query.where('t.customer_email', '=', normaliseEmail(filter.customerEmail));
  if (filter.status !== undefined) query = query.where(inStatus(filter.status, now));
  return query.execute();
}

/** The same states as `tokenStatus` in rules.ts, for the database. */
function inStatus(status: TokenStatus, now: Date) {
  const revoked = sql`t.revoked_at is not null`;
  const expired = sql`t.expires_at <= ${now}`;
  const usedUp = sql`coalesce(t.download_count >= t.max_downloads, false)`;
  switch (status) {
    case 'revoked':
      return sql<boolean>`${revoked}`;
    case 'expired':
      return sql<boolean>`not ${revoked} and ${expired}`;
    case 'used_up':
      return sql<boolean>`not ${revoked} and not ${expired} and ${usedUp}`;
    case 'active':
      return sql<boolean>`not ${revoked} and not ${expired} and not ${usedUp}`;
  }
}

/** The version that a customer named, or the active one where it is null. What was never activated is not for them. */
export function findServable(db: Kysely<DB>, organisationId: string, productId: string, version: string | null) {
  const query = db
    .selectFrom('versions as v')
    .innerJoin('products as p', (join) =>
      join.onRef('p.organisation_id', '=', 'v.organisation_id').onRef('p.id', '=', 'v.product_id'),
    )
    .select(['v.id', 'v.version'])
    .where('v.organisation_id', '=', organisationId)
    .where('v.product_id', '=', productId)
    .where('v.status', '=', 'ready')
    .where('v.activated_at', 'is not', null);
  const named =
    version === null ? query.whereRef('v.id', '=', 'p.active_version_id') : query.where('v.version', '=', version);
  return named.executeTakeFirst();
}

interface PurchaseToken {
  readonly id: string;
  readonly tokenHash: Buffer;
  readonly versionId: string;
  readonly expiresAt: Date;
}

/** A token that nobody of the organisation minted: the customer of the purchase did. */
export async function insertPurchaseToken(
  tx: Transaction<DB>,
  { organisation_id, product_id, id: purchase_id, customer_email, order_id }: PurchaseRow,
  { id, tokenHash, versionId, expiresAt }: PurchaseToken,
): Promise<void> {
  const purchase = { organisation_id, product_id, purchase_id, customer_email, order_id };
  await tx
    .insertInto('download_tokens')
    .values({ ...purchase, id, version_id: versionId, token_hash: tokenHash, expires_at: expiresAt })
    .execute();
}

/** Answers false when the token is not there, or was revoked before. */
export async function markRevoked(tx: Transaction<DB>, organisationId: string, id: string, at: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('download_tokens')
    .set({ revoked_at: at })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

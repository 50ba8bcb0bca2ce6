import { randomBytes } from 'node:crypto';
import { CompiledQuery, type Kysely, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { components } from '../../generated/types.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import { parseId } from '../ids/parse.ts';
import { findProduct } from '../products/queries.ts';
import { createdEvent } from '../purchases/actions.ts';
import { ensurePurchase, holdPurchase } from '../purchases/queries.ts';
import { normaliseEmail } from '../users/email.ts';
import { hashSecret, type Principal } from '../users/principal.ts';
import { findToken, markRevoked, type TokenRow } from './queries.ts';
import { expiryOf } from './rules.ts';
import { MINTING_ROLES } from './minter.ts';
import { MINT_TOKEN, type Minting, type MintRow, type MintValues, mintParameters } from './statements.ts';

export type MintRequest = components['schemas']['DownloadUrlCreate'];

export interface Minted {
  readonly productId: string;
  readonly version: string;
  readonly token: string;
  readonly expiresAt: Date;
}

/** Runs MINT_TOKEN for one request; `undefined` for a wrong credential. */
export type Mint = (values: MintValues) => Promise<MintRow | undefined>;

/**
 * Mints with one statement that authenticates as well. Answers its row, or `undefined` for a wrong credential, beside
 * the token; `requireMinted` turns the pair into a link or an error, after the principal was judged.
 */
export async function mintWith(
  mint: Mint,
  { ids, clock }: Deps,
  request: MintRequest,
  minting: Minting,
  purchaseId: string | null = null,
) {
  const expiresAt = expiryOf(clock(), request.expiresAt);
  const token = randomBytes(32).toString('hex');
  const row = await mint({
    ...minting,
    productId: request.productId,
    version: request.version ?? null,
    tokenId: ids.next(),
    tokenHash: hashSecret(token),
    expiresAt,
    maxDownloads: request.maxDownloads ?? null,
    customerEmail: request.customerEmail === undefined ? null : normaliseEmail(request.customerEmail),
    orderId: request.orderId ?? null,
    purchaseId,
    eventId: ids.next(),
  });
  return { row, token, expiresAt };
}

export function requireMinted({ row, token, expiresAt }: Awaited<ReturnType<typeof mintWith>>): Minted {
  if (row === undefined) throw fail('unauthorized');
  if (row.unpaid) throw fail('payment_required');
  if (row.product_id === null) throw fail('not_found', { field: 'productId' });
  if (row.version_id === null || row.version === null) throw fail('not_found', { field: 'version' });
  // The principal was judged and everything was found: who minted has been removed meanwhile.
  if (row.token_id === null) throw fail('unauthorized');
  return { productId: row.product_id, version: row.version, token, expiresAt };
}

/** Mints for a named customer: the purchase that makes `/my` find it is written in the same transaction. */
export function mintForCustomer(
  db: Kysely<DB>,
  deps: Deps,
  principal: Principal,
  request: MintRequest,
): Promise<Minted> {
  return inTransaction(db, async (tx) => {
    const purchaseId = await purchaseOf(tx, deps, principal, request);
    const mint: Mint = async (values) => {
      const parameters = mintParameters([values], MINTING_ROLES);
      const { rows } = await tx.executeQuery<MintRow>(CompiledQuery.raw(MINT_TOKEN.text, parameters));
      return rows[0];
    };
    const minting = { keyHash: null, email: null, userId: principal.userId };
    return requireMinted(await mintWith(mint, deps, request, minting, purchaseId));
  });
}

async function purchaseOf(
  tx: Transaction<DB>,
  deps: Deps,
  principal: Principal,
  request: MintRequest,
): Promise<string | null> {
  const { organisationId } = principal;
  const { productId, purchaseId, orderId } = request;
  const email = request.customerEmail && normaliseEmail(request.customerEmail);
  const product = await findProduct(tx, organisationId, productId);
  if (!product || product.status === 'archived') throw fail('not_found', { field: 'productId' });
  if (purchaseId !== undefined) {
    const id = parseId(purchaseId);
    const purchase = id && (await holdPurchase(tx, organisationId, id));
    if (!purchase || purchase.product_id !== productId || purchase.status !== 'paid')
      throw fail('not_found', { field: 'purchaseId' });
    if (email !== undefined && purchase.customer_email !== email) throw fail('not_found', { field: 'purchaseId' });
    return purchase.id;
  }
  if (email === undefined) return null;
  const id = deps.ids.next();
  const purchase = await ensurePurchase(tx, organisationId, {
    id,
    productId,
    customerEmail: email,
    orderId: orderId ?? id,
  });
  if (!purchase) throw fail('not_found', { field: 'productId' });
  if (purchase.customer_email !== email) throw fail('conflict', { field: 'orderId' });
  if (purchase.status !== 'paid') throw fail('not_found', { field: 'orderId' });
  if (purchase.id === id) await recordEvent(tx, createdEvent(deps, principal, purchase));
  return purchase.id;
}

/** Ends a token for good; links that carry it answer 410 from now on. Revoking it twice changes nothing. */
export function revoke(
  db: Kysely<DB>,
  { ids, clock }: Deps,
  { organisationId, userId }: Principal,
  tokenId: string,
): Promise<TokenRow> {
  return inTransaction(db, async (tx) => {
    const id = parseId(tokenId);
    const changed = id !== undefined && (await markRevoked(tx, organisationId, id, clock()));
    const token = id && (await findToken(tx, organisationId, id));
    if (!token) throw fail('not_found', { field: 'tokenId' });
    if (changed)
      await recordEvent(tx, {
        id: ids.next(),
        organisationId,
        type: 'download_token.revoked',
        userId,
        data: { token_id: token.id },
      });
    return token;
  });
}

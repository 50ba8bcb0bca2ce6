import { randomBytes } from 'node:crypto';
import { CompiledQuery, type Kysely, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { components } from '../../generated/types.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import { parseId } from '../ids/parse.ts';
import { ensurePurchase, findPurchase } from '../purchases/queries.ts';
import { type Credential, hashSecret, type Principal } from '../users/principal.ts';
import { findToken, markRevoked, type TokenRow } from './queries.ts';
import { expiryOf } from './rules.ts';
import { MINT_TOKEN, type MintRow, mintParameters } from './statements.ts';

export type MintRequest = components['schemas']['DownloadUrlCreate'];

export interface Minted {
  readonly productId: string;
  readonly version: string;
  readonly token: string;
  readonly expiresAt: Date;
}

type Run = (values: unknown[]) => Promise<MintRow[]>;

interface Authority {
  readonly credential: Credential;
  readonly roles: readonly string[];
  readonly purchaseId?: string | null;
}

/**
 * Mints with one statement that authenticates as well. Answers its row, or `undefined` for a wrong credential, beside
 * the token; `requireMinted` turns the pair into a link or an error, after the principal was judged.
 */
export async function mintWith(
  run: Run,
  { ids, clock }: Deps,
  request: MintRequest,
  { credential, roles, purchaseId = null }: Authority,
) {
  const expiresAt = expiryOf(clock(), request.expiresAt);
  const token = randomBytes(32).toString('hex');
  const values = mintParameters({
    ...credential,
    roles,
    productId: request.productId,
    version: request.version ?? null,
    tokenId: ids.next(),
    tokenHash: hashSecret(token),
    expiresAt,
    maxDownloads: request.maxDownloads ?? null,
    customerEmail: request.customerEmail?.trim().toLowerCase() ?? null,
    orderId: request.orderId ?? null,
    purchaseId,
    eventId: ids.next(),
  });
  const [row] = await run(values);
  return { row, token, expiresAt };
}

export function requireMinted({ row, token, expiresAt }: Awaited<ReturnType<typeof mintWith>>): Minted {
  if (row === undefined) throw fail('unauthorized');
  if (row.unpaid) throw fail('payment_required');
  if (row.product_id === null) throw fail('not_found', { field: 'productId' });
  if (row.version_id === null || row.version === null) throw fail('not_found', { field: 'version' });
  if (row.token_id === null) throw fail('insufficient_role');
  return { productId: row.product_id, version: row.version, token, expiresAt };
}

/** Mints for a named customer: the purchase that makes `/my` find it is written in the same transaction. */
export function mintForCustomer(
  db: Kysely<DB>,
  deps: Deps,
  principal: Principal,
  authority: Authority,
  request: MintRequest,
): Promise<Minted> {
  return inTransaction(db, async (tx) => {
    const purchaseId = await purchaseOf(tx, deps, principal, request);
    const run: Run = async (values) =>
      (await tx.executeQuery<MintRow>(CompiledQuery.raw(MINT_TOKEN.text, values))).rows;
    return requireMinted(await mintWith(run, deps, request, { ...authority, purchaseId }));
  });
}

async function purchaseOf(
  tx: Transaction<DB>,
  { ids }: Deps,
  { organisationId }: Principal,
  request: MintRequest,
): Promise<string | null> {
  const { productId, purchaseId, customerEmail, orderId } = request;
  if (purchaseId !== undefined) {
    const id = parseId(purchaseId);
    const purchase = id && (await findPurchase(tx, organisationId, productId, id));
    if (!purchase || purchase.status !== 'paid') throw fail('not_found', { field: 'purchaseId' });
    return purchase.id;
  }
  if (customerEmail === undefined) return null;
  const id = ids.next();
  const email = customerEmail.trim().toLowerCase();
  const purchase = await ensurePurchase(tx, organisationId, {
    id,
    productId,
    customerEmail: email,
    orderId: orderId ?? id,
  });
  if (!purchase) throw fail('not_found', { field: 'productId' });
  if (purchase.status !== 'paid') throw fail('not_found', { field: 'orderId' });
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
        data: { tokenId: token.id },
      });
    return token;
  });
}

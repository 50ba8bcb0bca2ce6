import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import { isSuspended } from '../organisations/queries.ts';
import { holdPurchase } from '../purchases/queries.ts';
import { hashSecret } from '../users/principal.ts';
import type { Minted } from './actions.ts';
import { findServable, insertPurchaseToken } from './queries.ts';
import { expiryOf } from './rules.ts';

interface Wanted {
  readonly organisationId: string;
  readonly purchaseId: string;
  /** Of the customer, normalised. */
  readonly email: string;
  /** A version number; the active one where null. */
  readonly version: string | null;
}

/**
 * A fresh link for whoever bought it, also where the product has gone off sale or its seller owes money. Fails with
 * `not_found` at `purchaseId` or `version`, or with `resource_temporary_unavailable` where the seller is suspended.
 */
export function linkForCustomer(
  db: Kysely<DB>,
  { ids, clock }: Pick<Deps, 'ids' | 'clock'>,
  { organisationId, purchaseId, email, version }: Wanted,
): Promise<Minted> {
  return inTransaction(db, async (tx) => {
    const purchase = await holdPurchase(tx, organisationId, purchaseId);
    if (purchase?.status !== 'paid' || purchase.customer_email !== email)
      throw fail('not_found', { field: 'purchaseId' });
    if (await isSuspended(tx, organisationId))
      throw fail('resource_temporary_unavailable', { field: 'purchaseId', status: 403 });
    const productId = purchase.product_id;
    const found = await findServable(tx, organisationId, productId, version);
    if (!found) throw fail('not_found', { field: 'version' });
    const token = randomBytes(32).toString('hex');
    const id = ids.next();
    const expiresAt = expiryOf(clock(), undefined);
    await insertPurchaseToken(tx, purchase, { id, tokenHash: hashSecret(token), versionId: found.id, expiresAt });
    const data = { token_id: id, product_id: productId, version_id: found.id };
    await recordEvent(tx, { id: ids.next(), organisationId, type: 'download_token.created', userId: null, data });
    return { productId, version: found.version, token, expiresAt };
  });
}

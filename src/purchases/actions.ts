import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { components } from '../../generated/types.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { type Event, recordEvent } from '../events/record.ts';
import { parseId } from '../ids/parse.ts';
import { findProduct } from '../products/queries.ts';
import { normaliseEmail } from '../users/email.ts';
import type { Principal } from '../users/principal.ts';
import { endLinks, holdLines } from './link_queries.ts';
import { queuePurchaseMail } from './tasks.ts';
import { findPurchase, insertPurchases, markRefunded, type PurchaseRow } from './queries.ts';
import { timeOfSale } from './rules.ts';

/** Nobody's user where a shop reported it. */
type Actor = Pick<Principal, 'organisationId'> & { readonly userId: string | null };

/**
 * Records a sale of the organisation's own shop, and mails the link where that is asked for. Fails with `not_found` for
 * an unknown product, `already_exists` when the order has it already, `conflict` when there is nothing to mail.
 */
export function record(
  db: Kysely<DB>,
  deps: Deps,
  actor: Actor,
  request: components['schemas']['PurchaseCreate'],
): Promise<PurchaseRow> {
  const { organisationId } = actor;
  const { productId, customerName = null, amount = null, currency = null, sendEmail = false } = request;
  const purchasedAt = timeOfSale(request, deps.clock());
  const customerEmail = normaliseEmail(request.customerEmail);
  return inTransaction(db, async (tx) => {
    if (!(await findProduct(tx, organisationId, productId))) throw fail('not_found', { field: 'productId' });
    const id = deps.ids.next();
    const orderId = request.orderId ?? id;
    const sale = { id, organisationId, productId, customerEmail, customerName, source: 'api', orderId };
    const [purchase] = await insertPurchases(tx, [{ ...sale, amount, currency, purchasedAt }]);
    if (!purchase) throw fail('already_exists', { field: 'orderId' });
    if (sendEmail) await mailLink(tx, deps, purchase, 'sendEmail');
    await recordEvent(tx, createdEvent(deps, actor, purchase));
    return sendEmail ? requirePurchase(tx, organisationId, id) : purchase;
  });
}

/** The event of a purchase that is new, for whatever made it. */
export function createdEvent(
  { ids }: Pick<Deps, 'ids'>,
  { organisationId, userId }: Actor,
  { id, product_id, source, order_id }: PurchaseRow,
): Event {
  const data = { purchase_id: id, product_id, source, order_id };
  return { id: ids.next(), organisationId, type: 'purchase.created', userId, data };
}

/** Marks the purchase as refunded and ends its links, in one. Repeating it changes nothing. Fails with `not_found`. */
export function refund(
  db: Kysely<DB>,
  deps: Pick<Deps, 'ids' | 'clock'>,
  { organisationId, userId }: Actor,
  purchaseId: string,
): Promise<PurchaseRow> {
  return inTransaction(db, async (tx) => {
    const id = parseId(purchaseId);
    const at = deps.clock();
    const refunded = id && (await markRefunded(tx, organisationId, id, at));
    if (!refunded) return requirePurchase(tx, organisationId, purchaseId);
    const ended = await endLinks(tx, organisationId, refunded.id, at);
    const data = { purchase_id: refunded.id, product_id: refunded.product_id, revoked_tokens: ended };
    await recordEvent(tx, { id: deps.ids.next(), organisationId, type: 'purchase.refunded', userId, data });
    return refunded;
  });
}

/** Mails the customer a fresh link. Fails with `not_found`, or with `conflict` when there is nothing to mail. */
export function resendEmail(
  db: Kysely<DB>,
  deps: Pick<Deps, 'ids' | 'vault'>,
  { organisationId, userId }: Actor,
  purchaseId: string,
): Promise<PurchaseRow> {
  return inTransaction(db, async (tx) => {
    const purchase = await requirePurchase(tx, organisationId, purchaseId);
    await mailLink(tx, deps, purchase, 'purchaseId');
    const data = { purchase_id: purchase.id, product_id: purchase.product_id };
    await recordEvent(tx, { id: deps.ids.next(), organisationId, type: 'purchase.email_resent', userId, data });
    return requirePurchase(tx, organisationId, purchase.id);
  });
}

export async function requirePurchase(
  db: Kysely<DB>,
  organisationId: string,
  purchaseId: string,
): Promise<PurchaseRow> {
  const id = parseId(purchaseId);
  const purchase = id && (await findPurchase(db, organisationId, id));
  if (!purchase) throw fail('not_found', { field: 'purchaseId' });
  return purchase;
}

async function mailLink(
  tx: Transaction<DB>,
  deps: Pick<Deps, 'ids' | 'vault'>,
  { organisation_id, id }: PurchaseRow,
  field: string,
): Promise<void> {
  const [line] = await holdLines(tx, organisation_id, [id]);
  if (!line?.version_id) throw fail('conflict', { field });
  await queuePurchaseMail(tx, deps, organisation_id, [id]);
}

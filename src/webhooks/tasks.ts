import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import { codeOf } from '../db/sqlstate.ts';
import type { Change } from './change.ts';
import { listLinesNaming, type Shop } from './order_queries.ts';
import { settleOrder } from './orders.ts';
import { parseExact } from './payload.ts';
import { type Ending, endDelivery, holdDelivery } from './queries.ts';
import { readers } from './read.ts';
import { applyRefund } from './refunds.ts';
import { replayLine } from './replay.ts';
import { applySale, type SaleDeps } from './sales.ts';
import { bodyPurpose } from './receive.ts';
import { isVendor } from './vendors.ts';

export type ApplyDeps = SaleDeps & { readonly db: Kysely<DB> };

export interface ApplyWebhook {
  readonly deliveryId: string;
  readonly organisationId: string;
}

/** The worker's part: does what a stored report says, once. Rejects, to be tried again, where that fails. */
export async function applyWebhook(deps: ApplyDeps, { deliveryId, organisationId }: ApplyWebhook): Promise<void> {
  try {
    await inTransaction(deps.db, (tx) => applyDelivery(tx, deps, organisationId, deliveryId));
  } catch (error) {
    // An outage is nobody's fault and would not let itself be written down.
    if (codeOf(error) === undefined)
      await endDelivery(deps.db, organisationId, deliveryId, { status: 'failed', error: String(error) });
    throw error;
  }
}

async function applyDelivery(tx: Transaction<DB>, deps: ApplyDeps, organisationId: string, id: string): Promise<void> {
  const delivery = await holdDelivery(tx, organisationId, id);
  if (!delivery || !['received', 'failed'].includes(delivery.status) || !isVendor(delivery.vendor)) return;
  const { vendor } = delivery;
  const raw = deps.vault.open(delivery.sealed_body, bodyPurpose(organisationId, vendor));
  const change = readers[vendor].changeOf(parseExact(raw.toString()), delivery.type, delivery.event_id);
  const shop = { organisationId, vendor };
  await endDelivery(tx, organisationId, id, change ? await apply(tx, deps, shop, id, change) : { status: 'ignored' });
}

async function apply(
  tx: Transaction<DB>,
  deps: ApplyDeps,
  shop: Shop,
  deliveryId: string,
  change: Change,
): Promise<Ending> {
  if (change.references.length === 0) return { status: 'ignored', error: 'it names no order' };
  const orderId = await settleOrder(tx, deps, shop, change.references);
  const order = { shop, orderId, deliveryId };
  if (change.kind === 'relation') return { status: 'applied' };
  if (change.kind === 'refund') {
    await applyRefund(tx, deps, order, change);
    return { status: 'applied' };
  }
  const { waiting } = await applySale(tx, deps, order, change);
  return { status: waiting ? 'unmapped' : 'applied', error: change.problem };
}

export interface ReplayLines extends Shop {
  readonly externalId: string;
}

/** Tries the lines again that an external id may tell the product of, since it was mapped. */
export async function replayLines(deps: ApplyDeps, { externalId, ...shop }: ReplayLines): Promise<void> {
  for (const id of await listLinesNaming(deps.db, shop, externalId))
    await replayLine(deps.db, deps, shop.organisationId, id);
}

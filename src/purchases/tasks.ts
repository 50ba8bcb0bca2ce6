import { randomBytes } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { expiryOf } from '../download_tokens/rules.ts';
import { recordEvent } from '../events/record.ts';
import { deliver, type DeliveryDeps, type Try } from '../mail/delivery.ts';
import { queueTracked } from '../mail/queue.ts';
import { openSealed, type Sealed } from '../tasks/sealed.ts';
import { hashSecret } from '../users/principal.ts';
import { holdLines, type Line, saveLink } from './link_queries.ts';
import { type MailedLine, purchaseMail } from './mail.ts';
import { findCustomerOf } from './queries.ts';

const TASK = 'mail_purchases';

/** What one mail is about. */
interface Bought {
  readonly organisationId: string;
  readonly recipient: string;
  readonly purchaseIds: readonly string[];
}

interface Order {
  /** Names the message. */
  readonly id: string;
  readonly organisationId: string;
  readonly links: readonly Link[];
}

interface Link {
  readonly purchaseId: string;
  readonly tokenId: string;
  readonly token: string;
}

/** Queues one mail to the customer of these purchases, see `queuePurchaseMails`. */
export async function queuePurchaseMail(
  tx: Transaction<DB>,
  deps: Pick<Deps, 'ids' | 'vault'>,
  organisationId: string,
  purchaseIds: readonly string[],
): Promise<void> {
  const recipient = await findCustomerOf(tx, organisationId, purchaseIds);
  await queuePurchaseMails(tx, deps, [{ organisationId, recipient, purchaseIds }]);
}

/**
 * Queues a mail for each of these; they go out when the transaction commits. Their links are drawn here, so that a mail
 * that is tried again brings the same ones, and come alive when it goes out: they work for 24 hours from then, for what is
 * active then, and for nothing that was refunded meanwhile.
 */
export function queuePurchaseMails(
  tx: Transaction<DB>,
  { ids, vault }: Pick<Deps, 'ids' | 'vault'>,
  bought: readonly Bought[],
): Promise<void> {
  const draw = (purchaseId: string): Link => ({
    purchaseId,
    tokenId: ids.next(),
    token: randomBytes(32).toString('hex'),
  });
  const mails = bought.map((each) => {
    const content: Order = {
      id: ids.next(),
      organisationId: each.organisationId,
      links: each.purchaseIds.map(draw),
    };
    return { ...each, kind: 'purchase' as const, content };
  });
  return queueTracked(tx, { vault }, TASK, mails);
}

export type MailDeps = DeliveryDeps & Pick<Deps, 'vault' | 'clock' | 'config'>;

/**
 * The worker's part. Sends nothing where all of it was refunded; rejects, to be tried again, where no product has a version
 * to make a link to.
 */
export async function mailPurchases(deps: MailDeps, payload: Sealed, job: Try): Promise<void> {
  const order = openSealed(deps, TASK, payload) as Order;
  await deliver(deps, order, job, async () => {
    const [first, ...others] = await inTransaction(deps.db, (tx) => makeLinks(tx, deps, order));
    return first ? purchaseMail([first, ...others], `${deps.config.publicUrl}/my`) : 'refunded';
  });
}

async function makeLinks(tx: Transaction<DB>, deps: MailDeps, order: Order): Promise<MailedLine[]> {
  const links = new Map(order.links.map((link) => [link.purchaseId, link]));
  const held = await holdLines(tx, order.organisationId, [...links.keys()]);
  const mailed: MailedLine[] = [];
  for (const line of held) {
    const link = links.get(line.id);
    if (!link || line.version_id === null) continue;
    await makeLink(tx, deps, order.organisationId, line, link);
    mailed.push({ ...line, link: `${deps.config.publicUrl}/download?token=${link.token}` });
  }
  if (held.length > 0 && mailed.length === 0) throw new Error('the purchase has no version to make a link to');
  return mailed;
}

async function makeLink(
  tx: Transaction<DB>,
  { ids, clock }: MailDeps,
  organisationId: string,
  line: Line,
  { tokenId, token }: Link,
): Promise<void> {
  const expiresAt = expiryOf(clock(), undefined);
  if (!(await saveLink(tx, organisationId, line, { id: tokenId, tokenHash: hashSecret(token), expiresAt }))) return;
  const data = { token_id: tokenId, product_id: line.product_id, version_id: line.version_id };
  await recordEvent(tx, { id: ids.next(), organisationId, type: 'download_token.created', userId: null, data });
}

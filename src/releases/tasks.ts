import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { deliver, type DeliveryDeps, type Try } from '../mail/delivery.ts';
import { noteSkipped, queueTracked, type TrackedMail } from '../mail/queue.ts';
import { openSealed, type Sealed } from '../tasks/sealed.ts';
import { announcementMail } from './mail.ts';
import { advance, findNews, listCustomers, lockUnfinished } from './queries.ts';
import { type Reader, skipReason, unsubscribeToken } from './rules.ts';

export const ANNOUNCE = 'announce_version';
const TASK = 'mail_announcement';

export interface AnnounceVersion {
  readonly organisationId: string;
  readonly versionId: string;
}

interface Letter extends Reader {
  /** Names the message. */
  readonly id: string;
  readonly versionId: string;
}

const AT_ONCE = 200;

type QueueDeps = Pick<DeliveryDeps, 'db' | 'ids'> & Pick<Deps, 'vault' | 'clock'>;

/**
 * Queues a mail to each customer, some at a time. Each batch and how far it got are one transaction, so that nobody is
 * left out and nobody gets two, wherever it is broken off.
 */
export async function queueAnnouncement(
  deps: QueueDeps,
  { organisationId, versionId }: AnnounceVersion,
  signal?: AbortSignal,
): Promise<void> {
  while (await queueSome(deps, organisationId, versionId)) signal?.throwIfAborted();
}

/** False when there is nobody left. */
function queueSome({ db, ids, vault, clock }: QueueDeps, organisationId: string, versionId: string): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const announcement = await lockUnfinished(tx, organisationId, versionId);
    if (!announcement) return false;
    const customers = await listCustomers(tx, announcement, AT_ONCE);
    const mailed: TrackedMail[] = [];
    for (const { email, unsubscribed } of customers) {
      const tracked = { organisationId, kind: 'announcement', recipient: email, purchaseIds: [] } as const;
      const content: Letter = { id: ids.next(), organisationId, versionId, email };
      if (unsubscribed) await noteSkipped(tx, { ids }, TASK, tracked, 'unsubscribed');
      else mailed.push({ ...tracked, content });
    }
    await queueTracked(tx, { vault }, TASK, mailed);
    await advance(tx, announcement, customers, clock());
    return customers.length > 0;
  });
}

/** Writes and sends one of the mails, unless the reader has unsubscribed by then or the version was taken back. */
export async function mailAnnouncement(
  deps: DeliveryDeps & Pick<Deps, 'vault' | 'config'>,
  payload: Sealed,
  job: Try,
): Promise<void> {
  const content = openSealed(deps, TASK, payload) as Letter;
  await deliver(deps, content, job, async () => {
    const news = await findNews(deps.db, content, content.versionId);
    if (!news) return 'withdrawn';
    const reason = skipReason(news);
    if (reason) return reason;
    const { publicUrl } = deps.config;
    const unsubscribe = `${publicUrl}/unsubscribe?token=${unsubscribeToken(deps.vault, content)}`;
    return announcementMail(news, content.email, { my: `${publicUrl}/my`, unsubscribe });
  });
}

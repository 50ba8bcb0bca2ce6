import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Deps } from '../deps.ts';
import { addAllSealed, openSealed, queueSealed, type Sealed, sealJob } from '../tasks/sealed.ts';
import { deliver, type DeliveryDeps, type Try } from './delivery.ts';
import type { Mail, SkipReason } from './mail.ts';
import { insertMails, insertSkipped, type Tracked } from './queries.ts';
import { placeOf } from './job_queries.ts';

const TASK = 'send_mail';

interface Queued {
  readonly id: string;
  readonly mail: Mail;
}

/** Queues a message; it goes out when the transaction commits, and never when it does not. */
export function queueMail(tx: Transaction<DB>, { ids, vault }: Pick<Deps, 'ids' | 'vault'>, mail: Mail): Promise<void> {
  return queueSealed(tx, { vault }, TASK, { id: ids.next(), mail } satisfies Queued);
}

/** Sends one queued message; the queue repeats it when this rejects. */
export async function sendMail(deps: DeliveryDeps & Pick<Deps, 'vault'>, payload: Sealed, job: Try): Promise<void> {
  const { id, mail } = openSealed(deps, TASK, payload) as Queued;
  await deliver(deps, { id, organisationId: undefined }, job, () => Promise.resolve(mail));
}

/** A mail of the organisation's; `content.id` names the message. */
export interface TrackedMail extends Tracked {
  readonly content: { readonly id: string };
}

/** Queues for each of the mails a job that writes and sends it. */
export async function queueTracked(
  tx: Transaction<DB>,
  { vault }: Pick<Deps, 'vault'>,
  task: string,
  mails: readonly TrackedMail[],
): Promise<void> {
  if (mails.length === 0) return;
  const rows = mails.map(({ content, ...tracked }) => {
    const payload = sealJob({ vault }, task, content);
    return { ...tracked, id: content.id, task, payload, ...placeOf(content.id, tracked.kind) };
  });
  await insertMails(tx, rows);
  await addAllSealed(tx, task, rows);
}

/** Notes a mail that is not written at all, so that admins see why somebody got none. */
export function noteSkipped(
  tx: Transaction<DB>,
  { ids }: Pick<Deps, 'ids'>,
  task: string,
  tracked: Tracked,
  reason: SkipReason,
): Promise<void> {
  return insertSkipped(tx, { ...tracked, id: ids.next(), task }, reason);
}
